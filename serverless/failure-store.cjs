const failureParameters = require("./failure-parameters.cjs");
const failurePlace = require("./failure-place.cjs");
const wholeNumber = require("./whole-number.cjs");

// The folder of the Datadog Forwarder, whose layout the function keeps.
const folder = "failed_events/*";

// A stack that is removed, or that gets another bucket, leaves the old one behind: what is in it exists nowhere else.
// Only a bucket that was made by a deployment that failed goes with it.
const kept = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };

/** What `${file(serverless/failure-store.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /** Null when failed events do not go into a bucket. */
  bucketName: async ({ resolveVariable }) => (await placeFrom(resolveVariable))?.bucketName ?? null,

  /** Null when failed events do not go into a queue. */
  queueUrl: async ({ resolveVariable }) => (await placeFrom(resolveVariable))?.queueUrl ?? null,

  /**
   * The IAM statements that let the function put failed events aside, and take them out again: in the store, and in the
   * queue that Lambda gives an event to when the function has failed on it for the last time.
   */
  statements: async ({ resolveVariable }) => {
    const place = await placeFrom(resolveVariable);
    const statements = [
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: { "Fn::GetAtt": ["OnFailureQueue", "Arn"] } },
    ];
    if (place?.bucketArn) {
      statements.push(
        {
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
          Resource: { "Fn::Join": ["", [place.bucketArn, `/${folder}`]] },
        },
        {
          Effect: "Allow",
          Action: "s3:ListBucket",
          Resource: place.bucketArn,
          Condition: { StringLike: { "s3:prefix": folder } },
        },
      );
    }
    if (place?.queueArn) {
      const calls = ["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];
      statements.push({ Effect: "Allow", Action: calls.map((call) => `sqs:${call}`), Resource: place.queueArn });
    }
    return statements;
  },

  /** The new bucket, where one is wanted. */
  resources: async ({ resolveVariable }) => {
    const parameters = await failureParameters(resolveVariable);
    if (!failurePlace(parameters)?.isNew) return {};
    return {
      Resources: {
        FailureBucket: { Type: "AWS::S3::Bucket", ...kept, Properties: bucket(parameters) },
        FailureBucketPolicy: { Type: "AWS::S3::BucketPolicy", ...kept, Properties: tlsOnly() },
      },
      Outputs: {
        FailureBucketName: { Description: "Holds what Datadog did not take.", Value: { Ref: "FailureBucket" } },
      },
    };
  },
};

async function placeFrom(resolveVariable) {
  return failurePlace(await failureParameters(resolveVariable));
}

function bucket({ DdForwarderBucketName, DdForwarderBucketsAccessLogsTarget, FailedEventsRetentionInDays }) {
  return {
    ...(DdForwarderBucketName && { BucketName: DdForwarderBucketName }),
    ...(DdForwarderBucketsAccessLogsTarget && {
      LoggingConfiguration: { DestinationBucketName: DdForwarderBucketsAccessLogsTarget },
    }),
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
    LifecycleConfiguration: {
      Rules: [
        {
          Id: "expire",
          Status: "Enabled",
          ExpirationInDays: wholeNumber(FailedEventsRetentionInDays),
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    },
  };
}

function tlsOnly() {
  const arn = { "Fn::GetAtt": ["FailureBucket", "Arn"] };
  return {
    Bucket: { Ref: "FailureBucket" },
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [arn, { "Fn::Join": ["", [arn, "/*"]] }],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    },
  };
}
