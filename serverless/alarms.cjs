const failureParameters = require("./failure-parameters.cjs");
const failurePlace = require("./failure-place.cjs");
const isTrue = require("./is-true.cjs");
const redriveInterval = require("./redrive-interval.cjs");
const subscribeParameters = require("./subscribe-parameters.cjs");

const hour = 3600;
const day = 86_400;

const log = `/aws/lambda/\${ForwarderLambdaFunction}`;
const subscribeLog = `/aws/lambda/\${SubscribeLambdaFunction}`;

/**
 * An alarm for each thing that a person must hear of, with what happened and what to do in its description.
 *
 * The forwarder's own metrics are lines of its log, in CloudWatch's embedded metric format.
 */
module.exports = async ({ resolveVariable }) => {
  const parameters = await failureParameters(resolveVariable);
  if (!isTrue(parameters.Alarms)) return {};
  const { isOn, intervalHours } = await subscribeParameters.resolved(resolveVariable);
  const alarms = Object.entries({
    ...lossAlarms(),
    ...storeAlarms(parameters),
    ...(isOn ? subscribeAlarms(intervalHours) : {}),
  });
  return { Resources: Object.fromEntries(alarms.map(([name, alarm]) => [name, resource(alarm, parameters)])) };
};

/** What may cost events, wherever failed events are stored. */
function lossAlarms() {
  return {
    UnaccountedAlarm: {
      ...ownMetric("unaccounted"),
      description: [
        "The forwarder does not know what became of some log events: a mistake in the forwarder.",
        `In the log group ${log}, Logs Insights finds the invocation with: filter ledger.unaccounted != 0`,
        "Report that line; it has nothing of the logs in it.",
      ],
    },
    ErrorsAlarm: {
      ...lambdaMetric("Errors"),
      description: [
        "An invocation of the forwarder failed: log events could be neither delivered nor stored,",
        "or it timed out, or it could not start.",
        "Lambda invokes it twice more with the same event; then the event goes to the on-failure queue.",
        `The error and its remedy are in the log group ${log}.`,
      ],
    },
    OnFailureQueueAlarm: {
      namespace: "AWS/SQS",
      metric: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: { "Fn::GetAtt": ["OnFailureQueue", "QueueName"] } },
      statistic: "Maximum",
      description: [
        "The forwarder failed three times on an event.",
        `It waits in the queue \${OnFailureQueue} for 14 days; then it is lost. The message has the error in responsePayload.`,
        "Remove the cause; then invoke the function with the requestPayload of each message, and delete the message.",
      ],
    },
    OnFailureLostAlarm: {
      ...lambdaMetric("DestinationDeliveryFailures"),
      description: [
        "The forwarder failed three times on an event, and Lambda could not put it into the queue",
        `\${OnFailureQueue}: this event is lost. Either the role may not send to the queue any more,`,
        "or the event is larger than the queue takes (1 MiB).",
        "The lines themselves are still in the log group that they came from.",
      ],
    },
  };
}

/** What says that a store fills, and that it does not empty. */
function storeAlarms(parameters) {
  if (!failurePlace(parameters)) return {};
  const stored = {
    StoredAlarm: {
      ...ownMetric("events_stored"),
      description: [
        "Datadog did not take some logs or traces. Nothing is lost: they are stored, and redriving sends them again.",
        `The reasons are in the ledgers in the log group ${log}: HTTP 403 is the API key,`,
        "429 and 5xx are on Datadog's side (status.datadoghq.com). What is refused for good stays in quarantine.",
      ],
    },
  };
  const minutes = redriveInterval(parameters);
  return minutes === undefined ? stored : { ...stored, OldestStoredAlarm: oldestStoredAlarm(minutes * 60) };
}

/** Each redrive says the age once. */
function oldestStoredAlarm(intervalSeconds) {
  // What has just missed a redrive is nearly an interval old at the next, and nothing is wrong.
  const threshold = Math.max(hour, 2 * intervalSeconds);
  return {
    ...ownMetric("oldest_stored_age_seconds"),
    statistic: "Maximum",
    threshold,
    // An alarm that looked back less would go off and on between two redrives.
    periodSeconds: Math.min(intervalSeconds, day),
    periods: 2,
    description: [
      `Stored events are older than ${threshold / 60} minutes: redriving does not get rid of them.`,
      `The reasons are in the ledgers in the log group ${log}.`,
      "Datadog takes logs up to 18 hours old with their own time; older ones get the time of the redrive.",
      `To redrive now: aws lambda invoke --function-name \${ForwarderLambdaFunction} --invocation-type Event`,
      `--cli-binary-format raw-in-base64-out --payload '{"retry":true}' /dev/null`,
    ],
  };
}

/** What keeps log groups from being subscribed, where a function subscribes them. */
function subscribeAlarms(intervalHours) {
  const again = [
    `All are looked at again ${intervalHours > 0 ? "by the schedule" : "at the next deployment"}, and at once with: aws lambda invoke`,
    `--function-name \${SubscribeLambdaFunction} --invocation-type Event`,
    `--cli-binary-format raw-in-base64-out --payload '{"subscribe":true}' /dev/null`,
  ];
  return {
    SubscribeErrorsAlarm: {
      ...lambdaMetric("Errors", "SubscribeLambdaFunction"),
      description: [
        "An invocation of the function that subscribes log groups failed, or timed out: some log groups may not be",
        `subscribed, and what is written there is not forwarded. The error is in the log group ${subscribeLog}.`,
        ...again,
      ],
    },
    SubscribeFailedAlarm: {
      ...ownMetric("log_groups_failed", "SubscribeLambdaFunction"),
      description: [
        "AWS refused to subscribe some log groups, or to take a subscription away:",
        "what is written there may not be forwarded.",
        ...again,
        `In the log group ${subscribeLog}, Logs Insights finds which, and why, with: filter status = "failed"`,
      ],
    },
  };
}

function ownMetric(name, of = "ForwarderLambdaFunction") {
  return {
    namespace: "log-trace-forwarder",
    metric: `aws.dd_forwarder.${name}`,
    dimensions: { FunctionName: { Ref: of } },
  };
}

function lambdaMetric(metric, of = "ForwarderLambdaFunction") {
  return { namespace: "AWS/Lambda", metric, dimensions: { FunctionName: { Ref: of } } };
}

function resource(alarm, { AlarmTopicArn }) {
  const { statistic = "Sum", threshold = 0, periodSeconds = 300, periods = 1 } = alarm;
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmDescription: { "Fn::Sub": alarm.description.join(" ") },
      Namespace: alarm.namespace,
      MetricName: alarm.metric,
      Dimensions: Object.entries(alarm.dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: statistic,
      Period: periodSeconds,
      EvaluationPeriods: periods,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: threshold,
      TreatMissingData: "notBreaching",
      ...(AlarmTopicArn && { AlarmActions: [AlarmTopicArn], OKActions: [AlarmTopicArn] }),
    },
  };
}
