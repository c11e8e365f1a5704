const commaList = require("./comma-list.cjs");
const policy = require("./policy.cjs");

/** What `${file(serverless/network.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /** The function's VPC; null when it has none. */
  vpc: async ({ resolveVariable }) => {
    const { subnetIds, securityGroupIds } = await placeFrom(resolveVariable);
    return subnetIds.length > 0 ? { subnetIds, securityGroupIds } : null;
  },

  /**
   * The policy by which Lambda makes the network interfaces of a function in a VPC. The rights are the role's, so
   * they are denied to the function's own code.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
   */
  policy: async ({ resolveVariable }) => {
    const { subnetIds } = await placeFrom(resolveVariable);
    if (subnetIds.length === 0) return policy("live-in-vpc", []);
    const functionName = await resolveVariable("param:FunctionName");
    const Action = [
      "CreateNetworkInterface",
      "DescribeNetworkInterfaces",
      "DescribeSubnets",
      "DeleteNetworkInterface",
      "AssignPrivateIpAddresses",
      "UnassignPrivateIpAddresses",
    ].map((call) => `ec2:${call}`);
    const functionArn = {
      "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName}`,
    };
    return policy("live-in-vpc", [
      { Effect: "Allow", Action, Resource: "*" },
      { Effect: "Deny", Action, Resource: "*", Condition: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } } },
    ]);
  },
};

async function placeFrom(resolveVariable) {
  const [subnetIds, securityGroupIds] = await Promise.all(
    ["VPCSubnetIds", "VPCSecurityGroupIds"].map(async (name) =>
      commaList(await resolveVariable(`param:${name}, null`)),
    ),
  );
  return { subnetIds, securityGroupIds };
}
