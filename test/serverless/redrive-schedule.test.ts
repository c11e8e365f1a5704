const redriveSchedule = require("../../serverless/redrive-schedule.cjs");

describe("serverless/redrive-schedule", () => {
  it("invokes the function with the constant input of a redrive", async () => {
    expect(await eventsFor({ RedriveIntervalInMinutes: 10 })).toEqual([
      { schedule: { description: expect.any(String), rate: ["rate(10 minutes)"], input: { retry: true } } },
    ]);
  });

  it.each([
    [{ RedriveIntervalInMinutes: 1 }, "rate(1 minute)"],
    [{ RedriveIntervalInMinutes: "15" }, "rate(15 minutes)"],
    [{ RedriveIntervalInMinutes: 10, DdScheduleRetryInterval: 6 }, "rate(360 minutes)"],
    [{ RedriveIntervalInMinutes: 0, DdScheduleRetryInterval: "1" }, "rate(60 minutes)"],
    [
      { RedriveIntervalInMinutes: 10, DdSqsQueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/q" },
      "rate(10 minutes)",
    ],
  ])("with %j does so at %s", async (parameters, rate) => {
    const [event] = await eventsFor(parameters);
    expect(event.schedule.rate).toEqual([rate]);
  });

  it.each([
    { RedriveIntervalInMinutes: 0 },
    { RedriveIntervalInMinutes: "0" },
    { RedriveIntervalInMinutes: null },
    { RedriveIntervalInMinutes: 10, DdScheduleRetryFailedEvents: "false" },
    { RedriveIntervalInMinutes: 10, DdScheduleRetryFailedEvents: false, DdScheduleRetryInterval: 6 },
  ])("with %j does not", async (parameters) => {
    expect(await eventsFor(parameters)).toEqual([]);
  });

  it("does not when nothing is stored", async () => {
    expect(await eventsFor({ DdStoreFailedEvents: false, RedriveIntervalInMinutes: 10 })).toEqual([]);
  });
});

async function eventsFor(parameters: Record<string, unknown>) {
  const values: Record<string, unknown> = {
    DdStoreFailedEvents: true,
    DdScheduleRetryFailedEvents: true,
    ...parameters,
  };
  const resolveVariable = async (variable: string) => values[/param:(\w+)/.exec(variable)?.[1] ?? ""] ?? null;
  return redriveSchedule({ resolveVariable });
}
