const failurePlace = require("./failure-place.cjs");
const wholeNumber = require("./whole-number.cjs");

/**
 * What is wrong with the parameters about events that are not delivered, tags and traces: a sentence or two each, with the remedy.
 *
 * An intrinsic function of CloudFormation, such as `!ImportValue`, is not looked into.
 *
 * @param parameters all of them, by name
 */
module.exports = function parameterProblems(parameters) {
  return [
    ...switches(parameters),
    ...buckets(parameters),
    ...queue(parameters),
    ...numbers(parameters),
    ...topic(parameters),
    ...tags(parameters),
    ...correlation(parameters),
  ];
};

function switches(parameters) {
  return ["DdStoreFailedEvents", "DdScheduleRetryFailedEvents", "Alarms"]
    .filter((name) => !/^\s*(?:true|false)\s*$/i.test(String(parameters[name])))
    .map((name) => must(parameters, name, "true or false"));
}

function buckets(parameters) {
  const { DdForwarderBucketName, DdForwarderExistingBucketName, DdSqsQueueUrl } = parameters;
  const problems = [];
  if (DdForwarderBucketName && DdForwarderExistingBucketName) {
    problems.push(
      "Failed events go into one bucket: give DdForwarderBucketName for a new one, or DdForwarderExistingBucketName for one that is there, not both.",
    );
  }
  if (DdSqsQueueUrl && (DdForwarderBucketName || DdForwarderExistingBucketName)) {
    problems.push("Failed events are stored in one place: give DdSqsQueueUrl or the name of a bucket, not both.");
  }
  if (isText(DdForwarderBucketName) && !mayNameNewBucket(DdForwarderBucketName)) {
    problems.push(
      must(
        parameters,
        "DdForwarderBucketName",
        "3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends, and none of the names that S3 keeps for itself",
      ),
    );
  }
  // A bucket from before 2018 may have a name that S3 gives to none today.
  if (isText(DdForwarderExistingBucketName) && !/^[\w.-]{3,255}$/.test(DdForwarderExistingBucketName)) {
    problems.push(must(parameters, "DdForwarderExistingBucketName", "the name of a bucket, not its ARN or URL"));
  }
  return problems;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function mayNameNewBucket(name) {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(?:xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}

function queue(parameters) {
  const { DdSqsQueueUrl, DdSqsQueueArn } = parameters;
  if (!DdSqsQueueUrl) {
    return DdSqsQueueArn ? ["DdSqsQueueArn says which queue DdSqsQueueUrl is: give DdSqsQueueUrl too."] : [];
  }
  const problems = [];
  if (isText(DdSqsQueueUrl) && !isQueueUrl(DdSqsQueueUrl)) {
    problems.push(
      must(
        parameters,
        "DdSqsQueueUrl",
        "the URL of a standard queue, as https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events; a FIFO queue cannot be used",
      ),
    );
  }
  if (isText(DdSqsQueueArn) && !/^arn:[a-z-]+:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/.test(DdSqsQueueArn)) {
    problems.push(
      must(parameters, "DdSqsQueueArn", "the ARN of a queue, as arn:aws:sqs:eu-west-1:123456789012:failed-events"),
    );
  }
  if (problems.length > 0) return problems;
  if (isText(DdSqsQueueUrl) && isText(DdSqsQueueArn) && lastPart(DdSqsQueueUrl, "/") !== lastPart(DdSqsQueueArn, ":")) {
    return ["DdSqsQueueUrl and DdSqsQueueArn name two queues: give both of the same one."];
  }
  const place = failurePlace(parameters);
  return place && !place.queueArn ? ["DdSqsQueueUrl does not tell the queue's region: give DdSqsQueueArn too."] : [];
}

/** Only a queue on this machine, an emulator's, is spoken to without TLS. */
function isQueueUrl(text) {
  return /^(?:https:\/\/[a-z0-9.-]+|http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?)\/\d{12}\/[\w-]{1,80}$/.test(text);
}

function numbers(parameters) {
  const { FailedEventsRetentionInDays, RedriveIntervalInMinutes, DdScheduleRetryInterval } = parameters;
  const problems = [];
  if (!(wholeNumber(FailedEventsRetentionInDays) > 0)) {
    problems.push(must(parameters, "FailedEventsRetentionInDays", "a whole number of days, 1 or more"));
  }
  if (isGiven(RedriveIntervalInMinutes) && wholeNumber(RedriveIntervalInMinutes) === undefined) {
    problems.push(must(parameters, "RedriveIntervalInMinutes", "a whole number of minutes; 0 = no schedule"));
  }
  if (isGiven(DdScheduleRetryInterval) && !(wholeNumber(DdScheduleRetryInterval) > 0)) {
    problems.push(
      must(
        parameters,
        "DdScheduleRetryInterval",
        "a whole number of hours, 1 or more; DdScheduleRetryFailedEvents=false is for no schedule",
      ),
    );
  }
  return problems;
}

function topic(parameters) {
  const { AlarmTopicArn } = parameters;
  if (!isText(AlarmTopicArn) || /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(AlarmTopicArn)) return [];
  return [
    must(
      parameters,
      "AlarmTopicArn",
      "the ARN of a standard SNS topic, as arn:aws:sns:eu-west-1:123456789012:operations",
    ),
  ];
}

function tags(parameters) {
  const problems = ["DdFetchLambdaTags", "DdFetchLogGroupTags", "DdFetchS3Tags"]
    .filter((name) => isGiven(parameters[name]) && !/^\s*(?:true|false)\s*$/i.test(String(parameters[name])))
    .map((name) => must(parameters, name, "true or false"));
  const { TagsCacheTTLSeconds } = parameters;
  if (isGiven(TagsCacheTTLSeconds) && wholeNumber(TagsCacheTTLSeconds) === undefined) {
    problems.push(must(parameters, "TagsCacheTTLSeconds", "a whole number of seconds"));
  }
  return problems;
}

function correlation(parameters) {
  const { CorrelationTable, CorrelationHoldMs } = parameters;
  const problems = [];
  if (isGiven(CorrelationTable) && !/^\s*(?:true|false)\s*$/i.test(String(CorrelationTable))) {
    problems.push(must(parameters, "CorrelationTable", "true or false"));
  }
  if (isGiven(CorrelationHoldMs) && !(wholeNumber(CorrelationHoldMs) <= 10_000)) {
    problems.push(must(parameters, "CorrelationHoldMs", "a whole number of milliseconds, up to 10000"));
  }
  return problems;
}

function must(parameters, name, what) {
  return `${name} must be ${what}, got ${JSON.stringify(parameters[name])}.`;
}

function isGiven(value) {
  return value !== null && value !== undefined;
}

function isText(value) {
  return isGiven(value) && typeof value !== "object";
}

function lastPart(text, separator) {
  return text.slice(text.lastIndexOf(separator) + 1);
}
