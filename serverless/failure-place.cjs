const isTrue = require("./is-true.cjs");
const queueArn = require("./queue-arn.cjs");

/**
 * Where the function stores what Datadog does not take: `{ queueUrl, queueArn }`, `{ bucketName, bucketArn, isNew }`,
 * or undefined for nowhere.
 *
 * A name may be an intrinsic function of CloudFormation, such as `!ImportValue`.
 *
 * @param parameters as `failure-parameters.cjs` gives them
 */
module.exports = function failurePlace(parameters) {
  const { DdStoreFailedEvents, DdSqsQueueUrl, DdSqsQueueArn, DdForwarderExistingBucketName } = parameters;
  if (!isTrue(DdStoreFailedEvents)) return undefined;
  if (DdSqsQueueUrl) return { queueUrl: DdSqsQueueUrl, queueArn: DdSqsQueueArn ?? queueArn(DdSqsQueueUrl) };
  if (DdForwarderExistingBucketName) {
    return {
      bucketName: DdForwarderExistingBucketName,
      bucketArn: { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":s3:::", DdForwarderExistingBucketName]] },
      isNew: false,
    };
  }
  return {
    bucketName: { Ref: "FailureBucket" },
    bucketArn: { "Fn::GetAtt": ["FailureBucket", "Arn"] },
    isNew: true,
  };
};
