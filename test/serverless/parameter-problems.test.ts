const parameterProblems = require("../../serverless/parameter-problems.cjs");

const queueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events";
const queueArn = "arn:aws:sqs:eu-west-1:123456789012:failed-events";

describe("serverless/parameter-problems", () => {
  it.each([
    {},
    { DdStoreFailedEvents: "False", Alarms: "TRUE" },
    { DdForwarderBucketName: "my.failures-1" },
    { DdForwarderExistingBucketName: "Old_Bucket" },
    { DdForwarderExistingBucketName: { "Fn::ImportValue": "bucket" } },
    { FailedEventsRetentionInDays: "1" },
    { DdSqsQueueUrl: queueUrl },
    { DdSqsQueueUrl: queueUrl, DdSqsQueueArn: queueArn },
    { DdSqsQueueUrl: "http://127.0.0.1:4566/123456789012/failed-events", DdSqsQueueArn: queueArn },
    { DdSqsQueueUrl: { Ref: "Queue" }, DdSqsQueueArn: { "Fn::GetAtt": ["Queue", "Arn"] } },
    { RedriveIntervalInMinutes: "0" },
    { DdFetchLambdaTags: "True", DdFetchLogGroupTags: false, DdFetchS3Tags: null, TagsCacheTTLSeconds: "300" },
    { CorrelationTable: "TRUE", CorrelationHoldMs: "2000" },
    { RedriveIntervalInMinutes: null },
    { DdScheduleRetryInterval: 6 },
    { AlarmTopicArn: "arn:aws-us-gov:sns:us-gov-west-1:123456789012:operations" },
    { AlarmTopicArn: { "Fn::ImportValue": "topic" } },
  ])("finds nothing wrong with %j", (parameters) => {
    expect(problemsOf(parameters)).toEqual([]);
  });

  it.each([
    "ab",
    "My-Bucket",
    "-bucket",
    "bucket-",
    "a..b",
    "192.168.5.4",
    "xn--bucket",
    "bucket-s3alias",
    "a".repeat(64),
  ])("refuses %s, which cannot be the name of a new bucket", (DdForwarderBucketName) => {
    expect(problemsOf({ DdForwarderBucketName })).toEqual([
      `DdForwarderBucketName must be 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends, and none of the names that S3 keeps for itself, got "${DdForwarderBucketName}".`,
    ]);
  });

  it.each(["arn:aws:s3:::bucket", "s3://bucket", "https://bucket.s3.amazonaws.com"])(
    "refuses %s, which is no name of a bucket",
    (DdForwarderExistingBucketName) => {
      expect(problemsOf({ DdForwarderExistingBucketName })).toEqual([
        `DdForwarderExistingBucketName must be the name of a bucket, not its ARN or URL, got "${DdForwarderExistingBucketName}".`,
      ]);
    },
  );

  it("refuses what is no use for the table of traces", () => {
    expect(problemsOf({ CorrelationTable: "my-table", CorrelationHoldMs: 20_000 })).toEqual([
      'CorrelationTable must be true or false, got "my-table".',
      "CorrelationHoldMs must be a whole number of milliseconds, up to 10000, got 20000.",
    ]);
  });

  it("wants one place for failed events", () => {
    expect(problemsOf({ DdForwarderBucketName: "new", DdForwarderExistingBucketName: "old" })).toEqual([
      expect.stringMatching(/^Failed events go into one bucket: give DdForwarderBucketName .* not both\.$/),
    ]);
    for (const name of ["DdForwarderBucketName", "DdForwarderExistingBucketName"]) {
      expect(problemsOf({ DdSqsQueueUrl: queueUrl, [name]: "bucket" })).toEqual([
        expect.stringContaining("give DdSqsQueueUrl or the name of a bucket, not both"),
      ]);
    }
  });

  it.each([
    "failed-events",
    queueArn,
    "https://sqs.eu-west-1.amazonaws.com/failed-events",
    "https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events/",
    "https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events.fifo",
    "http://sqs.eu-west-1.amazonaws.com/123456789012/failed-events",
  ])("refuses %s, which is no URL of a standard queue behind TLS", (DdSqsQueueUrl) => {
    expect(problemsOf({ DdSqsQueueUrl })).toEqual([expect.stringContaining("DdSqsQueueUrl must be the URL of")]);
  });

  it("wants the ARN of a queue whose URL does not tell the region, and no other ARN", () => {
    const DdSqsQueueUrl = "https://queue.internal/123456789012/failed-events";
    expect(problemsOf({ DdSqsQueueUrl })).toEqual([
      "DdSqsQueueUrl does not tell the queue's region: give DdSqsQueueArn too.",
    ]);
    expect(problemsOf({ DdSqsQueueUrl: { Ref: "Queue" } })).toHaveLength(1);
    expect(problemsOf({ DdSqsQueueUrl, DdSqsQueueArn: "arn:aws:sqs:eu-west-1:123456789012:other" })).toEqual([
      "DdSqsQueueUrl and DdSqsQueueArn name two queues: give both of the same one.",
    ]);
    expect(problemsOf({ DdSqsQueueUrl, DdSqsQueueArn: "failed-events" })).toEqual([
      expect.stringContaining("DdSqsQueueArn must be the ARN of a queue"),
    ]);
    expect(problemsOf({ DdSqsQueueArn: queueArn })).toEqual([expect.stringContaining("give DdSqsQueueUrl too")]);
  });

  it.each([
    ["RedriveIntervalInMinutes", "1.5", "a whole number of minutes"],
    ["RedriveIntervalInMinutes", -1, "a whole number of minutes"],
    ["RedriveIntervalInMinutes", "10m", "a whole number of minutes"],
    ["DdScheduleRetryInterval", 0, "a whole number of hours"],
    ["DdScheduleRetryInterval", "six", "a whole number of hours"],
    ["FailedEventsRetentionInDays", 0, "a whole number of days"],
    ["FailedEventsRetentionInDays", "", "a whole number of days"],
    ["DdStoreFailedEvents", "yes", "true or false"],
    ["DdScheduleRetryFailedEvents", 1, "true or false"],
    ["Alarms", "on", "true or false"],
    ["DdFetchLambdaTags", "yes", "true or false"],
    ["TagsCacheTTLSeconds", "5m", "a whole number of seconds"],
    ["AlarmTopicArn", "operations", "the ARN of a standard SNS topic"],
    ["AlarmTopicArn", "arn:aws:sns:eu-west-1:123456789012:operations.fifo", "the ARN of a standard SNS topic"],
  ])("refuses %s=%j, which is not %s", (name, value, what) => {
    const [problem, ...others] = problemsOf({ [name]: value });
    expect(problem).toMatch(new RegExp(`^${name} must be ${what}.*, got ${JSON.stringify(value)}\\.$`));
    expect(others).toEqual([]);
  });

  it("names every problem at once", () => {
    expect(problemsOf({ Alarms: "on", AlarmTopicArn: "a", RedriveIntervalInMinutes: "b" })).toHaveLength(3);
  });
});

function problemsOf(parameters: Record<string, unknown>): string[] {
  return parameterProblems({
    DdStoreFailedEvents: true,
    DdScheduleRetryFailedEvents: true,
    Alarms: true,
    FailedEventsRetentionInDays: 90,
    RedriveIntervalInMinutes: 10,
    ...parameters,
  });
}
