const commaList = require("./comma-list.cjs");
const networkRights = require("./network-rights.cjs");
const policy = require("./policy.cjs");

const calls = [
  "CreateNetworkInterface",
  "DescribeNetworkInterfaces",
  "DescribeSubnets",
  "DeleteNetworkInterface",
  "AssignPrivateIpAddresses",
  "UnassignPrivateIpAddresses",
];

/** What `${file(serverless/network.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /** The function's VPC; null when it has none. */
  vpc: async ({ resolveVariable }) => {
    const { subnetIds, securityGroupIds } = await placeFrom(resolveVariable);
    return subnetIds.length > 0 ? { subnetIds, securityGroupIds } : null;
  },

  /** The policy by which Lambda makes the function's network interfaces. */
  policy: async ({ resolveVariable }) => {
    const { subnetIds } = await placeFrom(resolveVariable);
    if (subnetIds.length === 0) return policy("live-in-vpc", []);
    return policy("live-in-vpc", networkRights(calls, await resolveVariable("param:FunctionName")));
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
