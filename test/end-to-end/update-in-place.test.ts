import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { aDeployment, type Deployment } from "../helpers/deployment.ts";

const forwarder = "arn:aws:lambda:eu-west-1:123456789012:function:log-trace-forwarder-dev";
const watched = "/ecs/thinker";

/** One story, told in order: a log group is subscribed in every way there is, and each is changed and left for the next. */
describe("a deployment that is there already", () => {
  let deployment: Deployment;
  let before: string[];

  beforeAll(async () => {
    deployment = await aDeployment();
    for (const logGroupName of [watched, "/ecs/other"]) {
      await deployment.logs.send(new CreateLogGroupCommand({ logGroupName }));
      await deployment.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "stream" }));
    }
    before = deployment.emulator.contents();
    await deployment.serverless(["deploy"], { LogGroups: watched });
  });
  afterAll(() => deployment?.stop());

  it.each([
    ["a list, longer", { LogGroups: `/ecs/other,${watched}` }],
    ["a choice, in place of the list", { SubscribePrefixes: "/ecs/" }],
    ["another choice", { SubscribePrefixes: "/aws/,/ecs/thinker", SubscribeIntervalInHours: "1" }],
    ["the account, in place of the choice", { SubscribeAccount: "true" }],
    ["the account without a log group", { SubscribeAccount: "true", SubscribeExclude: "/ecs/other" }],
    ["a list, in place of the account", { LogGroups: watched }],
  ])("changes to %s, and at no moment is its log group without a subscription", async (name, parameters) => {
    const moments = await momentsOf(() => deployment.serverless(["deploy"], { ...parameters, DdTags: `now:${name}` }));
    expect(moments.size).toBeGreaterThan(0);
    expect([...moments].filter((count) => count === 0)).toEqual([]);

    const received = logsOfWatched().length;
    const logEvents = [{ timestamp: Date.now(), message: name }];
    await deployment.logs.send(new PutLogEventsCommand({ logGroupName: watched, logStreamName: "stream", logEvents }));
    await deployment.emulator.idle();
    expect(logsOfWatched().slice(received)).toEqual([expect.objectContaining({ message: name })]);
  });

  it("keeps another one from being made where there is room for one, before anything is made", async () => {
    await deployment.serverless(["deploy"], { SubscribeAccount: "true" });
    const found = deployment.emulator.contents();
    const output = await deployment.fails(["deploy", "--stage", "second"], { SubscribeAccount: "true" });
    expect(output).toContain("has the policy of subscription filters log-trace-forwarder-dev already");
    expect(deployment.emulator.contents()).toEqual(found);
  });

  it("is removed, and leaves what was there and its bucket of failed events", async () => {
    const { FailureBucket } = deployment.emulator.resources("log-trace-forwarder-dev");
    await deployment.serverless(["remove"]);
    expect(deployment.emulator.contents().sort()).toEqual([...before, `bucket ${FailureBucket?.physicalId}`].sort());
    expect(deployment.emulator.unknownCalls).toEqual([]);
  });

  /** What arrived of the log group: where the account is subscribed, logs of the stack's own functions come as well. */
  function logsOfWatched(): Record<string, unknown>[] {
    return deployment.intake.logs().filter(({ host }) => host === watched);
  }

  /** How many subscriptions the log group had, looked at again and again while something is deployed. */
  async function momentsOf(deploying: () => Promise<unknown>): Promise<Set<number>> {
    const seen = new Set<number>();
    const ways = [`subscription of ${watched} to ${forwarder}`, `subscription of the account to ${forwarder}`];
    const look = () => seen.add(deployment.emulator.contents().filter((what) => ways.includes(what)).length);
    const timer = setInterval(look, 1);
    await deploying().finally(() => clearInterval(timer));
    look();
    return seen;
  }
});

jest.setTimeout(60_000);
