/** A policy of the function's role. Without a statement there is none: CloudFormation leaves it out. */
module.exports = function policy(PolicyName, Statement) {
  if (Statement.length === 0) return { Ref: "AWS::NoValue" };
  return { PolicyName, PolicyDocument: { Version: "2012-10-17", Statement } };
};
