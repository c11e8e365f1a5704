import { AwsError, NotEmulated, type Properties, type Service } from "./service.ts";

const hour = 3600;
const day = 24 * hour;

/** Alarms that never go on: there are no metrics. What AWS would refuse in an alarm is refused. */
export function cloudWatch(): Service {
  const alarms = new Map<string, Properties>();

  return {
    contents: () => [...alarms.keys()].map((name) => `alarm ${name}`),
    answer: async (call) => {
      throw new NotEmulated(`CloudWatch ${call.path}`);
    },

    resourceTypes: {
      "AWS::CloudWatch::Alarm": {
        create(properties, generatedName) {
          const name: string = properties.AlarmName ?? generatedName;
          if (alarms.has(name)) throw new AwsError("AlreadyExists", `There already is an alarm ${name}.`);
          return put(name, properties);
        },
        update: put,
        replacedFor: ["AlarmName"],
        delete(physicalId) {
          alarms.delete(physicalId);
        },
      },
    },
  };

  function put(name: string, properties: Properties) {
    refuseUnusable(properties);
    alarms.set(name, properties);
    return { physicalId: name };
  }
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
function refuseUnusable(alarm: Properties) {
  const { AlarmDescription = "", Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = alarm;
  const { Dimensions = [], AlarmActions = [] } = alarm;
  for (const name of ["ComparisonOperator", "EvaluationPeriods", "MetricName", "Namespace", "Period", "Statistic"]) {
    if (alarm[name] === undefined) throw invalid(`the parameter ${name} is missing`);
  }
  if (AlarmDescription.length > 1024) throw invalid("the description has more than 1024 characters");
  if (Period % 60 !== 0 && ![10, 20, 30].includes(Period)) throw invalid("Period must be 10, 20, 30 or n times 60");
  if (Period * EvaluationPeriods > (Period < hour ? day : 7 * day)) {
    throw invalid("metrics cannot be checked across more than a day, or seven with periods of an hour or more");
  }
  if (DatapointsToAlarm > EvaluationPeriods) throw invalid("DatapointsToAlarm is more than EvaluationPeriods");
  if (Dimensions.length > 30 || AlarmActions.length > 5) throw invalid("there are too many dimensions or actions");
}

function invalid(what: string): AwsError {
  return new AwsError("ValidationError", `The alarm cannot be made: ${what}.`);
}
