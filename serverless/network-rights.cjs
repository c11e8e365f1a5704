/**
 * The statements by which Lambda makes network interfaces with the function's role. The rights are the role's, so they
 * are denied to the function's own code. Lambda wants them on everything.
 *
 * @param calls names of actions of EC2
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
module.exports = function networkRights(calls, functionName) {
  const Action = calls.map((call) => `ec2:${call}`);
  const functionArn = {
    "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName}`,
  };
  return [
    { Effect: "Allow", Action, Resource: "*" },
    { Effect: "Deny", Action, Resource: "*", Condition: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } } },
  ];
};
