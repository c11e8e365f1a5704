/** Which rights each role needs, for what, and when: written by hand, held against src and against the template. */

type Parameters = Readonly<Record<string, unknown>>;

export interface Need {
  role: "ForwarderRole" | "SubscribeRole";
  action: string;
  /** What the resource, as text, has in it. */
  on: RegExp;
  /** The file of src and the command of the SDK in it that need it; or why a service of AWS does, in the role's name. */
  by: [file: string, command: string] | string;
  when(parameters: Parameters): boolean;
}

const given =
  (...names: string[]) =>
  (parameters: Parameters) =>
    names.some((name) => !["", "false", "null", "undefined"].includes(String(parameters[name] ?? null)));
const always = () => true;
const isStoring = given("DdStoreFailedEvents");
const hasQueue = (parameters: Parameters) => isStoring(parameters) && given("DdSqsQueueUrl")(parameters);
const hasBucket = (parameters: Parameters) => isStoring(parameters) && !given("DdSqsQueueUrl")(parameters);
const hasKmsKeys = given("KmsKeyList");
const looksUpTags = given("DdFetchLambdaTags", "DdFetchLogGroupTags", "DdFetchS3Tags");
const hasCache = (parameters: Parameters) => hasBucket(parameters) && looksUpTags(parameters);
const both = (one: Need["when"], other: Need["when"]) => (parameters: Parameters) =>
  one(parameters) && other(parameters);
const isSubscribing = given("SubscribePrefixes", "SubscribePattern", "SubscribeTags");
/** Whether a chosen log group may be a function's, which may be a forwarder. */
const choosesFunctions = ({ SubscribePrefixes }: Parameters) =>
  /^$|(?:^|,)\/(?:aws\/lambda\/|aws|,|$)/.test(String(SubscribePrefixes));

const forwarder = (action: string, on: RegExp, by: Need["by"], when: Need["when"]): Need => ({
  role: "ForwarderRole",
  ...{ action, on, by, when },
});
const subscriber = (action: string, on: RegExp, by: Need["by"], when: Need["when"] = isSubscribing): Need => ({
  ...{ role: "SubscribeRole", action, on, by },
  when: both(isSubscribing, when),
});

const failures = /failed_events\/\*/;
const cache = /\/cache\/\*/;
const bucket = "io/s3-bucket.ts";
const failureQueue = /sqs.*:failed-events/;
const anyLogGroup = /:log-group:\*"/;
const logGroups = "io/log-groups.ts";
const lambdaWritesLog = "Lambda writes what a function prints";
const lambdaReadsQueues = "Lambda reads the queues of event source mappings";
const lambdaReadsStreams = "Lambda reads the streams of event source mappings";
const lambdaReadsTopics = "Lambda reads the topics of event source mappings";
const lambdaMakesInterfaces = "Lambda makes the network interfaces";

export const needs: Need[] = [
  forwarder("logs:CreateLogStream", /"ForwarderLogGroup"/, lambdaWritesLog, always),
  forwarder("logs:PutLogEvents", /"ForwarderLogGroup"/, lambdaWritesLog, always),
  forwarder("sqs:SendMessage", /"OnFailureQueue"/, "Lambda puts aside what the function failed on", always),

  forwarder(
    "secretsmanager:GetSecretValue",
    /:secret:datadog/,
    ["io/secrets.ts", "GetSecretValue"],
    given("DdApiKeySecretArn"),
  ),
  forwarder(
    "secretsmanager:GetSecretValue",
    /:secret:otlp/,
    ["io/secrets.ts", "GetSecretValue"],
    given("OtlpHeadersSecretArn"),
  ),
  forwarder(
    "ssm:GetParameter",
    /:parameter\/datadog/,
    ["io/secrets.ts", "GetParameter"],
    given("DdApiKeySsmParameterName"),
  ),
  forwarder(
    "ssm:GetParameter",
    /:parameter\/otlp/,
    ["io/secrets.ts", "GetParameter"],
    given("OtlpHeadersSsmParameterName"),
  ),
  forwarder(
    "secretsmanager:GetSecretValue",
    /:secret:further/,
    ["io/secrets.ts", "GetSecretValue"],
    given("Destinations"),
  ),
  forwarder("ssm:GetParameter", /:parameter\/further/, ["io/secrets.ts", "GetParameter"], given("Destinations")),
  forwarder("s3:PutObject", /:::archive\/prod\/\*/, [bucket, "PutObject"], given("Destinations")),
  forwarder("kms:Decrypt", /:key\/mine/, ["io/secrets.ts", "Decrypt"], given("DdKmsApiKey")),
  forwarder(
    "kms:Decrypt",
    /:key\/mine/,
    "Secrets Manager, SSM, S3, SQS and Kinesis decrypt what the function gets",
    both(
      hasKmsKeys,
      given(
        ...["DdApiKeySecretArn", "DdApiKeySsmParameterName", "OtlpHeadersSecretArn", "OtlpHeadersSsmParameterName"],
        ...["S3BucketArnList", "SqsQueueArnList", "KinesisStreamArnList", "Destinations"],
      ),
    ),
  ),

  forwarder("s3:PutObject", failures, [bucket, "PutObject"], hasBucket),
  forwarder("s3:GetObject", failures, [bucket, "GetObject"], hasBucket),
  forwarder("s3:GetObject", failures, [bucket, "CopyObject"], hasBucket),
  forwarder("s3:DeleteObject", failures, [bucket, "DeleteObject"], hasBucket),
  forwarder("s3:ListBucket", /FailureBucket|mine/, [bucket, "ListObjectsV2"], hasBucket),
  forwarder("s3:PutObject", cache, [bucket, "PutObject"], hasCache),
  forwarder("s3:GetObject", cache, [bucket, "GetObject"], hasCache),
  forwarder("s3:DeleteObject", cache, [bucket, "DeleteObject"], hasCache),
  forwarder("sqs:SendMessage", failureQueue, ["io/sqs-queue.ts", "SendMessage"], hasQueue),
  forwarder("sqs:ReceiveMessage", failureQueue, ["io/sqs-queue.ts", "ReceiveMessage"], hasQueue),
  forwarder("sqs:DeleteMessage", failureQueue, ["io/sqs-queue.ts", "DeleteMessage"], hasQueue),
  forwarder("sqs:ChangeMessageVisibility", failureQueue, ["io/sqs-queue.ts", "ChangeMessageVisibilityBatch"], hasQueue),
  forwarder("sqs:GetQueueAttributes", failureQueue, ["io/sqs-queue.ts", "GetQueueAttributes"], hasQueue),

  forwarder(
    "tag:GetResources",
    /^\*$/,
    ["io/tag-apis.ts", "GetResources"],
    given("DdFetchLambdaTags", "DdFetchS3Tags"),
  ),
  forwarder(
    "logs:ListTagsForResource",
    anyLogGroup,
    ["io/tag-apis.ts", "ListTagsForResource"],
    given("DdFetchLogGroupTags"),
  ),
  forwarder(
    "dynamodb:BatchGetItem",
    /"CorrelationTable"/,
    ["io/correlation-table.ts", "BatchGetItem"],
    given("CorrelationTable"),
  ),
  forwarder(
    "dynamodb:BatchWriteItem",
    /"CorrelationTable"/,
    ["io/correlation-table.ts", "BatchWriteItem"],
    given("CorrelationTable"),
  ),
  forwarder(
    "lambda:InvokeFunction",
    /:function:archive/,
    ["io/lambda-functions.ts", "Invoke"],
    given("AdditionalTargetLambdaArns"),
  ),
  forwarder("s3:GetObject", /:::objects\/\*/, ["io/s3-objects.ts", "GetObject"], given("S3BucketArnList")),
  // With a VersionId it is a right of its own.
  forwarder("s3:GetObjectVersion", /:::objects\/\*/, ["io/s3-objects.ts", "GetObject"], given("S3BucketArnList")),

  ...["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((call) =>
    forwarder(`sqs:${call}`, /:sqs:.*:logs$/, lambdaReadsQueues, given("SqsQueueArnList")),
  ),
  ...["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"].map((call) =>
    forwarder(`kinesis:${call}`, /:stream\/logs$/, lambdaReadsStreams, given("KinesisStreamArnList")),
  ),
  ...[
    ...["kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers", "kafka-cluster:Connect"],
    ...["kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup", "kafka-cluster:DescribeTopic"],
    ...["kafka-cluster:ReadData", "kafka-cluster:DescribeClusterDynamicConfiguration"],
  ].map((action) =>
    forwarder(action, /:(?:cluster|topic|group)\/logs\//, lambdaReadsTopics, given("KafkaClusterArnList")),
  ),
  ...["CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets"].map((call) =>
    forwarder(`ec2:${call}`, /^\*$/, lambdaMakesInterfaces, given("VPCSubnetIds", "KafkaClusterArnList")),
  ),
  ...["AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"].map((call) =>
    forwarder(`ec2:${call}`, /^\*$/, lambdaMakesInterfaces, given("VPCSubnetIds")),
  ),
  ...["DescribeSecurityGroups", "DescribeVpcs"].map((call) =>
    forwarder(`ec2:${call}`, /^\*$/, lambdaMakesInterfaces, given("KafkaClusterArnList")),
  ),

  subscriber("logs:CreateLogStream", /"SubscribeLogGroup"/, lambdaWritesLog),
  subscriber("logs:PutLogEvents", /"SubscribeLogGroup"/, lambdaWritesLog),
  subscriber("logs:DescribeLogGroups", anyLogGroup, [logGroups, "DescribeLogGroups"]),
  subscriber("logs:DescribeSubscriptionFilters", anyLogGroup, [logGroups, "DescribeSubscriptionFilters"]),
  subscriber("logs:DeleteSubscriptionFilter", anyLogGroup, [logGroups, "DeleteSubscriptionFilter"]),
  subscriber(
    "logs:PutSubscriptionFilter",
    /:log-group:/,
    [logGroups, "PutSubscriptionFilter"],
    (parameters) => !given("SubscribeDryRun")(parameters),
  ),
  subscriber("logs:ListTagsForResource", /:log-group:/, [logGroups, "ListTagsForResource"], given("SubscribeTags")),
  subscriber("lambda:GetPolicy", /:function:[\w-]*\*/, [logGroups, "GetPolicy"], choosesFunctions),
  subscriber("lambda:InvokeFunction", /:function:[^*]*-subscribe"/, ["io/lambda-functions.ts", "Invoke"]),
];

/** The wildcards that stay, each with what makes it necessary. */
export const wildcards: { role: Need["role"]; actions: RegExp; on: RegExp; reason: string }[] = [
  {
    role: "ForwarderRole",
    actions: /^s3:(?:Put|Get|Delete)Object$/,
    on: /\/(?:failed_events|cache)\/\*/,
    reason: "the keys of what is stored are made when it is stored; the bucket and the folder are named",
  },
  {
    role: "ForwarderRole",
    actions: /^s3:GetObject(?:Version)?$/,
    on: /^arn:aws:s3:::objects\/\*$/,
    reason: "the objects of a bucket are not known before they are written; the bucket is named",
  },
  {
    role: "ForwarderRole",
    actions: /^s3:PutObject$/,
    on: /:::archive\/prod\/\*"/,
    reason: "the keys of an archive are made when it is written; the bucket and the prefix are named",
  },
  {
    role: "ForwarderRole",
    actions: /^tag:GetResources$/,
    on: /^\*$/,
    reason:
      "AWS knows no resource for it: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html",
  },
  {
    role: "ForwarderRole",
    actions: /^logs:ListTagsForResource$/,
    on: /:log-group:\*"/,
    reason: "which log groups are subscribed, also by others, is known when they deliver",
  },
  {
    role: "ForwarderRole",
    actions: /^ec2:/,
    on: /^\*$/,
    reason:
      "Lambda refuses a function whose role has them on anything less, and they are denied to the function's own code: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions",
  },
  {
    role: "ForwarderRole",
    actions: /^kafka/,
    on: /:(?:topic|group)\/logs\/abc-1\/\*$/,
    reason: "topics and consumer groups are named by the event source mapping; the cluster is named",
  },
  {
    role: "SubscribeRole",
    actions: /^logs:Describe/,
    on: /:log-group:\*"/,
    reason: "which log groups are there, and where they lead, is to be found out",
  },
  {
    role: "SubscribeRole",
    actions: /^logs:DeleteSubscriptionFilter$/,
    on: /:log-group:\*"/,
    reason: "a filter that was made when other log groups were chosen is taken away",
  },
  {
    role: "SubscribeRole",
    actions: /^logs:(?:PutSubscriptionFilter|ListTagsForResource)$/,
    on: /:log-group:(?:\/[\w/-]+)?\*"/,
    reason: "log groups that are made later are among the chosen; prefixes bound it where there are any",
  },
  {
    role: "SubscribeRole",
    actions: /^lambda:GetPolicy$/,
    on: /:function:[\w-]*\*"/,
    reason: "whether the function of a chosen log group is another forwarder; prefixes bound it where there are any",
  },
];
