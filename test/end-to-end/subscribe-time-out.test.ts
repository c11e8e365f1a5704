import { CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { aDeployment, type Deployment } from "../helpers/deployment.ts";

const subscriber = "log-trace-forwarder-dev-subscribe";
/** Two pages. */
const names = Array.from({ length: 67 }, (_, at) => `/ecs/thinker-${String(at).padStart(3, "0")}`);
/** Ten seconds before the end of its fifteen minutes, the function begins nothing more. */
const nearlyAllMs = 890_000;

/** One story, told in order: the function that subscribes has no time left while there is much to do. */
describe("subscribing that takes longer than an invocation may", () => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await aDeployment();
    for (const logGroupName of names) await deployment.logs.send(new CreateLogGroupCommand({ logGroupName }));
  });
  afterAll(() => deployment?.stop());

  it("goes on where it stopped, twice, in the middle of pages, and does nothing twice", async () => {
    const { logs } = deployment.emulator;
    timeEndsAt("PutSubscriptionFilter", [21, 54]);
    await deployment.serverless(["deploy"], { SubscribePrefixes: "/ecs/" });
    expect(subscribed()).toEqual(names);
    expect(logs.calls("PutSubscriptionFilter")).toBe(names.length);
    expect(logs.calls("DescribeSubscriptionFilters")).toBe(names.length);
    expect(logs.calls("DeleteSubscriptionFilter")).toBe(0);

    const printed = await printedLines();
    expect(printed.filter(({ status }) => status === "subscribed").map(({ logGroup }) => logGroup)).toEqual(names);
    expect(printed.filter(({ after }) => after)).toMatchObject([
      { message: expect.stringContaining("goes on"), tally: { subscribed: 24 }, after: names[23] },
      { message: expect.stringContaining("goes on"), tally: { subscribed: 54 }, after: names[53] },
    ]);
    expect(printed.at(-1)).toMatchObject({ message: "subscribing is done" });
    expect(printed.at(-1)?.tally).toEqual({ subscribed: names.length });
  });

  it("answers CloudFormation once, with the sum of its invocations", () => {
    expect(deployment.emulator.customResources.requests).toEqual(["Create"]);
    expect(deployment.emulator.customResources.answers).toMatchObject([
      { Status: "SUCCESS", Data: { Summary: "67 subscribed" } },
    ]);
  });

  it("takes away what it has subscribed in the same way, before the stack goes", async () => {
    timeEndsAt("DeleteSubscriptionFilter", [30]);
    await deployment.serverless(["remove"]);
    expect(subscribed()).toEqual([]);
    expect(deployment.emulator.logs.calls("DeleteSubscriptionFilter")).toBe(names.length);
    expect(deployment.emulator.contents().filter((what) => /^(?:function|custom)/.test(what))).toEqual([]);
    expect(deployment.emulator.unknownCalls).toEqual([]);
  });

  /** The time of the invocation that makes these calls, counted from 1, is nearly over. */
  function timeEndsAt(operation: string, calls: number[]) {
    const { logs, lambda } = deployment.emulator;
    logs.onCall(operation, (count) => {
      if (calls.includes(count)) lambda.letTimePass(subscriber, nearlyAllMs);
    });
  }

  function subscribed(): string[] {
    return deployment.emulator
      .contents()
      .flatMap((what) => /^subscription of (\/ecs\/\S+) to /.exec(what)?.[1] ?? [])
      .sort();
  }

  async function printedLines(): Promise<Record<string, unknown>[]> {
    const logGroupName = `/aws/lambda/${subscriber}`;
    const { events = [] } = await deployment.logs.send(new FilterLogEventsCommand({ logGroupName }));
    return events.flatMap(({ message = "" }) => (message.startsWith("{") ? [JSON.parse(message)] : []));
  }
});

jest.setTimeout(60_000);
