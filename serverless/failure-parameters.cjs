const names = [
  "DdStoreFailedEvents",
  "DdForwarderBucketName",
  "DdForwarderExistingBucketName",
  "DdForwarderBucketsAccessLogsTarget",
  "FailedEventsRetentionInDays",
  "DdSqsQueueUrl",
  "DdSqsQueueArn",
  "RedriveIntervalInMinutes",
  "DdScheduleRetryFailedEvents",
  "DdScheduleRetryInterval",
  "Alarms",
  "AlarmTopicArn",
];

/** The parameters about what happens to events that are not delivered, by name; null = not given. */
module.exports = async function failureParameters(resolveVariable) {
  const values = await Promise.all(names.map((name) => resolveVariable(`param:${name}, null`)));
  return Object.fromEntries(names.map((name, at) => [name, values[at]]));
};
