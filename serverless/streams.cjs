const commaList = require("./comma-list.cjs");
const decryptThrough = require("./decrypt-through.cjs");
const networkRights = require("./network-rights.cjs");
const policy = require("./policy.cjs");

const kinesisActions = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
];
const kafkaActions = [
  "kafka:DescribeCluster",
  "kafka:DescribeClusterV2",
  "kafka:GetBootstrapBrokers",
  "kafka-cluster:Connect",
  "kafka-cluster:DescribeGroup",
  "kafka-cluster:AlterGroup",
  "kafka-cluster:DescribeTopic",
  "kafka-cluster:ReadData",
  "kafka-cluster:DescribeClusterDynamicConfiguration",
];
/** Lambda makes network interfaces for its pollers in the cluster's VPC. */
const networkCalls = [
  "CreateNetworkInterface",
  "DeleteNetworkInterface",
  "DescribeNetworkInterfaces",
  "DescribeSecurityGroups",
  "DescribeSubnets",
  "DescribeVpcs",
];

/**
 * What `${file(serverless/streams.cjs)}` stands for in serverless.yml: the policy that lets Lambda read these streams of
 * Kinesis, also encrypted with keys of `KmsKeyList`, and clusters of MSK for the function, through event source mappings
 * that are made elsewhere; nothing where there are none. MSK decrypts for itself.
 */
module.exports = async ({ resolveVariable }) => {
  const [streams, clusters] = await Promise.all(
    ["KinesisStreamArnList", "KafkaClusterArnList"].map(async (name) =>
      commaList(await resolveVariable(`param:${name}, null`)),
    ),
  );
  const statements = [];
  if (streams.length > 0) {
    statements.push({ Effect: "Allow", Action: kinesisActions, Resource: streams });
    statements.push(...(await decryptThrough("kinesis", resolveVariable)));
  }
  if (clusters.length > 0) {
    const Resource = clusters.flatMap((arn) => [arn, partsOf(arn, "topic"), partsOf(arn, "group")]);
    statements.push({ Effect: "Allow", Action: kafkaActions, Resource });
    statements.push(...networkRights(networkCalls, await resolveVariable("param:FunctionName")));
  }
  return policy("read-streams", statements);
};

/** The topics or groups of a cluster have its name and id in their ARN. */
function partsOf(clusterArn, kind) {
  return `${clusterArn.replace(":cluster/", `:${kind}/`)}/*`;
}
