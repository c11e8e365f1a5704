import fc from "fast-check";

import { failedMetric } from "../../src/subscriptions/failed-metric.ts";

const alarms = require("../../serverless/alarms.cjs");

const topic = "arn:aws:sns:eu-west-1:123456789012:operations";
const functionName = [{ Name: "FunctionName", Value: { Ref: "ForwarderLambdaFunction" } }];

describe("serverless/alarms", () => {
  it("goes on when an event is unaccounted for, stored, or stored for too long", async () => {
    const { UnaccountedAlarm, StoredAlarm, OldestStoredAlarm } = await alarmsFor({});
    const own = { Namespace: "log-trace-forwarder", Dimensions: functionName };
    expect(UnaccountedAlarm).toMatchObject({
      ...own,
      MetricName: "aws.dd_forwarder.unaccounted",
      Statistic: "Sum",
      Threshold: 0,
    });
    expect(StoredAlarm).toMatchObject({
      ...own,
      MetricName: "aws.dd_forwarder.events_stored",
      Statistic: "Sum",
      Threshold: 0,
    });
    expect(OldestStoredAlarm).toMatchObject({
      ...own,
      MetricName: "aws.dd_forwarder.oldest_stored_age_seconds",
      Statistic: "Maximum",
      Threshold: 3600,
    });
  });

  it("goes on when an invocation fails, an event fails for good, or such an event is lost", async () => {
    const { ErrorsAlarm, OnFailureQueueAlarm, OnFailureLostAlarm } = await alarmsFor({});
    const ofLambda = { Namespace: "AWS/Lambda", Dimensions: functionName, Statistic: "Sum", Threshold: 0 };
    expect(ErrorsAlarm).toMatchObject({ ...ofLambda, MetricName: "Errors" });
    expect(OnFailureLostAlarm).toMatchObject({ ...ofLambda, MetricName: "DestinationDeliveryFailures" });
    expect(OnFailureQueueAlarm).toMatchObject({
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["OnFailureQueue", "QueueName"] } }],
      Statistic: "Maximum",
      Threshold: 0,
    });
  });

  it("goes on when log groups are not subscribed, where a function subscribes them", async () => {
    const { SubscribeErrorsAlarm, SubscribeFailedAlarm } = await alarmsFor({ SubscribePrefixes: "/aws/lambda/" });
    const subscribe = [{ Name: "FunctionName", Value: { Ref: "SubscribeLambdaFunction" } }];
    const any = { Dimensions: subscribe, Statistic: "Sum", Threshold: 0 };
    expect(SubscribeErrorsAlarm).toMatchObject({ ...any, Namespace: "AWS/Lambda", MetricName: "Errors" });
    expect(SubscribeFailedAlarm).toMatchObject({
      ...any,
      Namespace: "log-trace-forwarder",
      MetricName: Object.keys(failedMetric(1, "any", 0)).find((name) => name.startsWith("aws.")),
    });
    const againWith = async (SubscribeIntervalInHours: number) =>
      JSON.stringify(await alarmsFor({ SubscribePrefixes: "/", SubscribeIntervalInHours }));
    expect(await againWith(24)).toContain("All are looked at again by the schedule");
    expect(await againWith(0)).toContain("All are looked at again at the next deployment");
    const others = { LogGroups: "/a", SubscribeAccount: "true" };
    expect(Object.keys(await alarmsFor(others)).filter((name) => name.startsWith("Subscribe"))).toEqual([]);
  });

  it("goes off when there is nothing to measure, and says what happened and what to do", async () => {
    for (const alarm of Object.values(await alarmsFor({ SubscribePrefixes: "/" }))) {
      expect(alarm).toMatchObject({ ComparisonOperator: "GreaterThanThreshold", TreatMissingData: "notBreaching" });
      const description = (alarm.AlarmDescription as { "Fn::Sub": string })["Fn::Sub"];
      expect(description.split(". ").length).toBeGreaterThan(1);
      // A function's name, which takes the place of a variable, has up to 64 characters, a queue's URL more.
      expect(description.length).toBeLessThan(1024 - 2 * 150);
    }
  });

  it("tells the topic when it goes on and off, or nobody", async () => {
    for (const alarm of Object.values(await alarmsFor({ AlarmTopicArn: topic, SubscribePrefixes: "/" }))) {
      expect(alarm).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
    }
    for (const alarm of Object.values(await alarmsFor({}))) expect(alarm).not.toHaveProperty("AlarmActions");
  });

  it("is not there when it is switched off", async () => {
    expect(await alarmsFor({ Alarms: "false" })).toEqual({});
  });

  it("says nothing of a store when there is none, and nothing of age when nothing is redriven", async () => {
    const withoutStore = Object.keys(await alarmsFor({ DdStoreFailedEvents: false }));
    expect(withoutStore).toEqual(["UnaccountedAlarm", "ErrorsAlarm", "OnFailureQueueAlarm", "OnFailureLostAlarm"]);
    const withoutSchedule = Object.keys(await alarmsFor({ RedriveIntervalInMinutes: 0 }));
    expect(withoutSchedule).toEqual([...withoutStore, "StoredAlarm"]);
  });

  it("sees the age that any redrive said last, and takes for old only what a redrive has left", async () => {
    const minutes = fc.integer({ min: 1, max: 10_080 });
    await fc.assert(
      fc.asyncProperty(minutes, async (interval) => {
        const { OldestStoredAlarm } = await alarmsFor({ RedriveIntervalInMinutes: interval });
        const { Period, EvaluationPeriods, Threshold } = OldestStoredAlarm as Record<string, number>;
        const lookedAt = (Period as number) * (EvaluationPeriods as number);
        expect(Threshold).toBeGreaterThanOrEqual(Math.max(3600, interval * 60));
        expect(lookedAt).toBeGreaterThanOrEqual(Math.min(interval * 60, 2 * 86_400));
        // What CloudWatch takes.
        expect((Period as number) % 60).toBe(0);
        expect(lookedAt).toBeLessThanOrEqual((Period as number) < 3600 ? 86_400 : 604_800);
      }),
    );
  });
});

async function alarmsFor(parameters: Record<string, unknown>): Promise<Record<string, Record<string, unknown>>> {
  const values: Record<string, unknown> = {
    Alarms: true,
    DdStoreFailedEvents: true,
    DdScheduleRetryFailedEvents: true,
    RedriveIntervalInMinutes: 10,
    ...parameters,
  };
  const resolveVariable = async (variable: string) => values[/param:(\w+)/.exec(variable)?.[1] ?? ""] ?? null;
  const { Resources = {} } = await alarms({ resolveVariable });
  return Object.fromEntries(
    Object.entries(Resources as Record<string, { Properties: Record<string, unknown> }>).map(
      ([name, { Properties }]) => [name, Properties],
    ),
  );
}
