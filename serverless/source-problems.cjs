const commaList = require("./comma-list.cjs");

const account = "[a-z0-9-]+:\\d{12}";
/** What a list of each takes, and one of its kind. The role's rights are made of them. */
const lists = {
  KmsKeyList: {
    pattern: new RegExp(`^arn:[a-z-]+:kms:${account}:key/[\\w-]+$`),
    must: "the ARNs of KMS keys, not their names or aliases, as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  },
  S3BucketArnList: {
    pattern: /^(?:\*|arn:[a-z-]+:s3:::[\w.-]+(?:\/[^\s?]*)?)$/,
    must: "ARNs of buckets, or of folders in them, as arn:aws:s3:::example-logs or arn:aws:s3:::example-logs/elb/*",
  },
  KinesisStreamArnList: {
    pattern: new RegExp(`^arn:[a-z-]+:kinesis:${account}:stream/[\\w.-]+$`),
    must: "ARNs of streams, as arn:aws:kinesis:eu-west-1:123456789012:stream/logs",
  },
  KafkaClusterArnList: {
    pattern: new RegExp(`^arn:[a-z-]+:kafka:${account}:cluster/[\\w-]+/[\\w-]+$`),
    must: "ARNs of clusters of MSK, as arn:aws:kafka:eu-west-1:123456789012:cluster/logs/1234abcd-12ab-34cd-56ef-1234567890ab-1",
  },
  SqsQueueArnList: {
    pattern: new RegExp(`^arn:[a-z-]+:sqs:${account}:[\\w-]{1,80}(?:\\.fifo)?$`),
    must: "ARNs of queues, not their URLs, as arn:aws:sqs:eu-west-1:123456789012:logs",
  },
  VPCSubnetIds: { pattern: /^subnet-\w+$/, must: "the ids of subnets, as subnet-0123456789abcdef0" },
  VPCSecurityGroupIds: { pattern: /^sg-\w+$/, must: "the ids of security groups, as sg-0123456789abcdef0" },
};

/**
 * What is wrong with the lists of what the function reads, uses and is in: a sentence or two each, with the remedy.
 *
 * An intrinsic function of CloudFormation, such as `!ImportValue`, is not looked into.
 *
 * @param parameters all of them, by name
 */
module.exports = function sourceProblems(parameters) {
  return Object.entries(lists).flatMap(([name, { pattern, must }]) =>
    commaList(parameters[name])
      .filter((item) => typeof item !== "object" && !pattern.test(item))
      .map((item) => `${name} must be ${must}, got ${JSON.stringify(item)}.`),
  );
};
