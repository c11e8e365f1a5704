/** What bounds the rights of the function's role, or nothing: CloudFormation leaves the property out. */
module.exports = async ({ resolveVariable }) =>
  (await resolveVariable("param:PermissionsBoundaryArn, null")) || { Ref: "AWS::NoValue" };
