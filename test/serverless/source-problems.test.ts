const sourceProblems = require("../../serverless/source-problems.cjs");

const account = "eu-west-1:123456789012";

describe("serverless/source-problems", () => {
  it.each([
    {},
    { KmsKeyList: [], S3BucketArnList: "", VPCSubnetIds: null },
    { KmsKeyList: `arn:aws:kms:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab` },
    { KmsKeyList: `arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab` },
    { S3BucketArnList: "arn:aws:s3:::example-logs,arn:aws:s3:::example.logs/elb/*, arn:aws:s3:::example-logs/*" },
    { S3BucketArnList: "*" },
    { KinesisStreamArnList: [`arn:aws:kinesis:${account}:stream/logs_1`] },
    { KafkaClusterArnList: `arn:aws:kafka:${account}:cluster/logs/1234abcd-12ab-34cd-56ef-1234567890ab-1` },
    { SqsQueueArnList: [`arn:aws-cn:sqs:cn-north-1:123456789012:logs`, `arn:aws:sqs:${account}:logs.fifo`] },
    { VPCSubnetIds: "subnet-0123456789abcdef0", VPCSecurityGroupIds: ["sg-0123456789abcdef0"] },
    { SqsQueueArnList: [{ "Fn::ImportValue": "queue" }], VPCSubnetIds: { "Fn::ImportValue": "subnets" } },
  ])("lets %j pass", (parameters) => {
    expect(sourceProblems(parameters)).toEqual([]);
  });

  it.each([
    ["KmsKeyList", `arn:aws:kms:${account}:alias/mine`, "not their names or aliases"],
    ["KmsKeyList", `arn:aws:kms:${account}:key/*`, "ARNs of KMS keys"],
    ["S3BucketArnList", "example-logs", "ARNs of buckets"],
    ["S3BucketArnList", "s3://example-logs", "arn:aws:s3:::example-logs"],
    ["KinesisStreamArnList", `arn:aws:kinesis:${account}:stream/*`, "ARNs of streams"],
    ["KinesisStreamArnList", `arn:aws:firehose:${account}:deliverystream/logs`, "ARNs of streams"],
    ["KafkaClusterArnList", "b-1.logs.kafka.eu-west-1.amazonaws.com:9098", "ARNs of clusters"],
    ["SqsQueueArnList", "https://sqs.eu-west-1.amazonaws.com/123456789012/logs", "not their URLs"],
    ["VPCSubnetIds", "vpc-0123456789abcdef0", "the ids of subnets"],
    ["VPCSecurityGroupIds", "default", "the ids of security groups"],
  ])("says what %s takes, and that %s is none", (name, given, must) => {
    const [problem, ...more] = sourceProblems({ [name]: given });
    expect(more).toEqual([]);
    expect(problem).toContain(`${name} must be `);
    expect(problem).toContain(must);
    expect(problem).toContain(`got ${JSON.stringify(given)}.`);
  });

  it("names each item of a list that is wrong, and no other", () => {
    const SqsQueueArnList = ["one", `arn:aws:sqs:${account}:two`, "three"];
    expect(sourceProblems({ SqsQueueArnList })).toEqual([
      expect.stringContaining('got "one".'),
      expect.stringContaining('got "three".'),
    ]);
  });
});
