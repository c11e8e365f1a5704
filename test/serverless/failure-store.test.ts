const failureStore = require("../../serverless/failure-store.cjs");

const arnOfBucket = { "Fn::GetAtt": ["FailureBucket", "Arn"] };
const onFailureStatement = {
  Effect: "Allow",
  Action: "sqs:SendMessage",
  Resource: { "Fn::GetAtt": ["OnFailureQueue", "Arn"] },
};
const queueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events";

describe("serverless/failure-store", () => {
  it("makes a bucket that is private, encrypted and spoken to over TLS only", async () => {
    const { FailureBucket, FailureBucketPolicy } = (await resourcesFor({})).Resources;
    expect(FailureBucket.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(FailureBucketPolicy.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arnOfBucket, { "Fn::Join": ["", [arnOfBucket, "/*"]] }],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("keeps the bucket and its policy when the stack goes, or wants another bucket", async () => {
    for (const resource of Object.values((await resourcesFor({})).Resources)) {
      expect(resource).toMatchObject({ DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" });
    }
  });

  it("lets objects expire after the given days, and what was never uploaded whole after one", async () => {
    for (const days of [7, "7"]) {
      const { Resources } = await resourcesFor({ FailedEventsRetentionInDays: days });
      expect(Resources.FailureBucket.Properties.LifecycleConfiguration.Rules).toEqual([
        {
          Id: "expire",
          Status: "Enabled",
          ExpirationInDays: 7,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ]);
    }
  });

  it("keeps the bucket's access log in the bucket for it, where there is one", async () => {
    const { Resources } = await resourcesFor({ DdForwarderBucketsAccessLogsTarget: "access-logs" });
    expect(Resources.FailureBucket.Properties.LoggingConfiguration).toEqual({ DestinationBucketName: "access-logs" });
    expect((await resourcesFor({})).Resources.FailureBucket.Properties).not.toHaveProperty("LoggingConfiguration");
  });

  it("gives the bucket the given name, or leaves the name to CloudFormation", async () => {
    const named = await resourcesFor({ DdForwarderBucketName: "my-failures" });
    expect(named.Resources.FailureBucket.Properties.BucketName).toBe("my-failures");
    expect((await resourcesFor({})).Resources.FailureBucket.Properties).not.toHaveProperty("BucketName");
  });

  it("tells the function the new bucket, and lets it use the folder of failed events there", async () => {
    expect(await valuesFor({})).toEqual({
      bucketName: { Ref: "FailureBucket" },
      queueUrl: null,
      statements: [
        onFailureStatement,
        {
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
          Resource: { "Fn::Join": ["", [arnOfBucket, "/failed_events/*"]] },
        },
        {
          Effect: "Allow",
          Action: "s3:ListBucket",
          Resource: arnOfBucket,
          Condition: { StringLike: { "s3:prefix": "failed_events/*" } },
        },
      ],
    });
  });

  it.each(["my-bucket", { "Fn::ImportValue": "failure-bucket" }])(
    "makes no bucket when there is one, and lets the function use its folder: %j",
    async (name) => {
      const parameters = { DdForwarderExistingBucketName: name };
      expect(await resourcesFor(parameters)).toEqual({});
      const { bucketName, statements } = await valuesFor(parameters);
      expect(bucketName).toEqual(name);
      const arn = { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":s3:::", name]] };
      expect(statements.slice(1)).toMatchObject([
        { Resource: { "Fn::Join": ["", [arn, "/failed_events/*"]] } },
        { Resource: arn },
      ]);
    },
  );

  it("makes no bucket when there is a queue, and lets the function use the queue", async () => {
    expect(await resourcesFor({ DdSqsQueueUrl: queueUrl })).toEqual({});
    expect(await valuesFor({ DdSqsQueueUrl: queueUrl })).toEqual({
      bucketName: null,
      queueUrl,
      statements: [
        onFailureStatement,
        {
          Effect: "Allow",
          Action: [
            "sqs:SendMessage",
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
          ],
          Resource: { "Fn::Sub": `arn:\${AWS::Partition}:sqs:eu-west-1:123456789012:failed-events` },
        },
      ],
    });
  });

  it.each([
    ["https://sqs.us-gov-west-1.amazonaws.com/123456789012/q", "us-gov-west-1"],
    ["https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "cn-north-1"],
    ["https://sqs-fips.us-east-2.amazonaws.com/123456789012/q", "us-east-2"],
    ["https://sqs.eu-west-1.api.aws/123456789012/q", "eu-west-1"],
    ["https://eu-west-1.queue.amazonaws.com/123456789012/q", "eu-west-1"],
    ["https://vpce-0a1b-2c3d.sqs.eu-west-1.vpce.amazonaws.com/123456789012/q", "eu-west-1"],
  ])("reads the ARN of a queue from %s", async (url, region) => {
    const { statements } = await valuesFor({ DdSqsQueueUrl: url });
    expect(statements[1].Resource).toEqual({ "Fn::Sub": `arn:\${AWS::Partition}:sqs:${region}:123456789012:q` });
  });

  it("takes the given ARN of a queue", async () => {
    const DdSqsQueueArn = "arn:aws:sqs:eu-west-1:123456789012:q";
    const { statements } = await valuesFor({ DdSqsQueueUrl: "https://queue.internal/123456789012/q", DdSqsQueueArn });
    expect(statements[1].Resource).toBe(DdSqsQueueArn);
  });

  it.each([false, "false", "no"])("makes no bucket and gives no rights when storing is %j", async (value) => {
    const parameters = { DdStoreFailedEvents: value, DdSqsQueueUrl: queueUrl };
    expect(await resourcesFor(parameters)).toEqual({});
    expect(await valuesFor(parameters)).toEqual({ bucketName: null, queueUrl: null, statements: [onFailureStatement] });
  });
});

async function resourcesFor(parameters: Record<string, unknown>) {
  return failureStore.resources(variables(parameters));
}

async function valuesFor(parameters: Record<string, unknown>) {
  return {
    bucketName: await failureStore.bucketName(variables(parameters)),
    queueUrl: await failureStore.queueUrl(variables(parameters)),
    statements: await failureStore.statements(variables(parameters)),
  };
}

function variables(parameters: Record<string, unknown>) {
  const values: Record<string, unknown> = { DdStoreFailedEvents: true, FailedEventsRetentionInDays: 90, ...parameters };
  return { resolveVariable: async (variable: string) => values[/param:(\w+)/.exec(variable)?.[1] ?? ""] ?? null };
}
