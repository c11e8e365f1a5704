import { execFile } from "node:child_process";
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
  TagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { aDeployment, type Deployment } from "../helpers/deployment.ts";

const forwarder = "arn:aws:lambda:eu-west-1:123456789012:function:log-trace-forwarder-dev";
const second = "arn:aws:lambda:eu-west-1:123456789012:function:log-trace-forwarder-second";
const stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/";
const many = Array.from({ length: 57 }, (_, at) => `/aws/lambda/thinker-${String(at).padStart(2, "0")}`);

/** One story, told in order: a forwarder that subscribes log groups, and another one beside it. */
describe("subscribing by name", () => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await aDeployment();
    for (const name of [...many, "/aws/lambda/full", "/aws/lambda/healthcheck", "/ecs/thinker"]) await make(name);
    await make("/aws/lambda/infrequent", "INFREQUENT_ACCESS");
    for (const name of ["one", "two"]) await subscribe("/aws/lambda/full", name, `${stream}${name}`);
  });
  afterAll(() => deployment?.stop());

  it("deploy subscribes every log group that is there, page by page, also when AWS asks for time", async () => {
    deployment.emulator.logs.throttle("PutSubscriptionFilter", 3);
    deployment.emulator.logs.throttle("DescribeLogGroups", 2);
    const parameters = { SubscribePrefixes: "/aws/lambda/", SubscribeExclude: "*/health*" };
    const told = await deployment.serverless(["deploy"], parameters);
    expect(told).toContain("Log groups: 57 subscribed, 2 left, 2 refused. Which, and why not, the log of");
    expect(told).toContain("aws logs tail /aws/lambda/log-trace-forwarder-dev-subscribe --region eu-west-1");
    expect(subscribed(forwarder)).toEqual(many);
    const printed = await printedBy("log-trace-forwarder-dev-subscribe");
    expect(reasons(printed)).toMatchObject({
      "/aws/lambda/full": expect.stringContaining(
        "2 filters already, and CloudWatch Logs takes no more: one (to kinesis",
      ),
      "/aws/lambda/infrequent": "log groups of the class INFREQUENT_ACCESS take no subscription filter",
      "/aws/lambda/log-trace-forwarder-dev": expect.stringContaining("own log group"),
      "/aws/lambda/log-trace-forwarder-dev-subscribe": expect.stringContaining("own log group"),
    });
    expect(printed.at(-1)).toMatchObject({ tally: { subscribed: 57, left: 2, refused: 2 } });
  });

  it("what is written there arrives once, and nothing of the forwarder's own", async () => {
    await write("/aws/lambda/thinker-42", "thinking");
    expect(deployment.intake.logs().map(({ message }) => message)).toEqual(["thinking"]);
  });

  it("a log group that is made later is subscribed when CloudTrail tells of it", async () => {
    await make("/aws/lambda/new");
    await make("/ecs/new");
    await deployment.emulator.idle();
    expect(subscribed(forwarder)).toEqual(["/aws/lambda/new", ...many]);
  });

  it("the function has the rights that it needs, on what was chosen", () => {
    const { SubscribeRole } = deployment.emulator.resources("log-trace-forwarder-dev");
    const statements = SubscribeRole?.properties.Policies.flatMap(
      ({ PolicyDocument }: { PolicyDocument: { Statement: object[] } }) => PolicyDocument.Statement,
    );
    const arn = "arn:aws:logs:eu-west-1:123456789012:log-group:";
    expect(statements).toMatchObject([
      { Resource: `${arn}/aws/lambda/log-trace-forwarder-dev-subscribe:*` },
      { Resource: `${arn}*` },
      { Action: "logs:PutSubscriptionFilter", Resource: [`${arn}/aws/lambda/*`] },
      { Action: "lambda:GetPolicy", Resource: ["arn:aws:lambda:eu-west-1:123456789012:function:*"] },
      { Action: "lambda:InvokeFunction", Resource: `${forwarder}-subscribe` },
    ]);
  });

  it("a second forwarder and the first one never get each other's log", async () => {
    const other = { SubscribePrefixes: "/aws/lambda/", SubscribeExclude: "*/health*" };
    await deployment.serverless(["deploy", "--stage", "second"], other);
    expect(subscribed(second)).toEqual(["/aws/lambda/log-trace-forwarder-dev-subscribe", "/aws/lambda/new", ...many]);
    expect(subscribed(forwarder)).toEqual(expect.arrayContaining(many));
    // The first one heard of the second's log group before anybody could tell what it is for: one direction, no loop.
    await write("/aws/lambda/thinker-01", "at the worst moment");
    await deployment.emulator.runSchedules();
    const forwarders = /log-trace-forwarder-(?:dev|second)$/;
    expect([...subscribed(forwarder), ...subscribed(second)].filter((name) => forwarders.test(name))).toEqual([]);
    const before = deployment.intake.logs().length;
    await write("/aws/lambda/thinker-00", "for both");
    expect(
      deployment.intake
        .logs()
        .slice(before)
        .map(({ message }) => message),
    ).toEqual(["for both", "for both"]);
    expect(reasons(await printedBy("log-trace-forwarder-second-subscribe"))).toMatchObject({
      "/aws/lambda/log-trace-forwarder-dev": expect.stringContaining("it may be another forwarder"),
    });
  });

  it("remove takes its subscriptions with it, and leaves those of others", async () => {
    await deployment.serverless(["remove", "--stage", "second"]);
    expect(subscribed(second)).toEqual([]);
    expect(subscribed(forwarder)).toEqual(expect.arrayContaining(["/aws/lambda/new", ...many]));
    expect(subscribed(`${stream}one`)).toEqual(["/aws/lambda/full"]);
  });

  it("an update keeps what is still chosen, and takes the rest away", async () => {
    await deployment.serverless(["deploy"], {
      SubscribePrefixes: "/aws/lambda/thinker-4,/ecs/",
      SubscribeTags: "forward=true",
    });
    expect(subscribed(forwarder)).toEqual([]);
    for (const name of [many[41], "/ecs/thinker"]) {
      const resourceArn = `arn:aws:logs:eu-west-1:123456789012:log-group:${name}`;
      await deployment.logs.send(new TagResourceCommand({ resourceArn, tags: { forward: "true" } }));
    }
    await deployment.serverless(["deploy"], {
      SubscribePrefixes: "/aws/lambda/thinker,/ecs/",
      SubscribeTags: "forward=true",
      SubscribeReplace: `${stream}one`,
    });
    expect(subscribed(forwarder)).toEqual(["/aws/lambda/thinker-41", "/ecs/thinker"]);
  });

  it("what leads to a destination that is named is replaced", async () => {
    await deployment.serverless(["deploy"], { SubscribePattern: "/full$", SubscribeReplace: `${stream}one` });
    expect(subscribed(forwarder)).toEqual(["/aws/lambda/full"]);
    expect(subscribed(`${stream}one`)).toEqual([]);
    expect(subscribed(`${stream}two`)).toEqual(["/aws/lambda/full"]);
  });

  it("another name of the function is refused, with the reason, before anything is changed", async () => {
    const before = deployment.emulator.contents();
    const output = await deployment.fails(["deploy"], { SubscribePattern: "/full$", FunctionName: "renamed" });
    expect(output).toContain("A function cannot be renamed");
    expect(output).toContain("Give FunctionName=log-trace-forwarder-dev");
    expect(deployment.emulator.contents()).toEqual(before);
  });

  it("a list takes the place of a choice, and the other way round, without a moment in which a log group has no filter", async () => {
    await deployment.serverless(["deploy"], { SubscribePrefixes: "/ecs/thinker" });
    await alwaysSubscribed(async () => {
      expect(await deployment.serverless(["deploy"], { LogGroups: "/ecs/thinker" })).not.toContain("Log groups:");
    });
    await fromTheTerminal();
    await alwaysSubscribed(async () => {
      await deployment.serverless(["deploy"], { SubscribePrefixes: "/ecs/thinker" });
    });
    const before = deployment.intake.logs().length;
    await write("/ecs/thinker", "still here");
    expect(deployment.intake.logs().slice(before)).toHaveLength(1);
  });

  it("a policy of the account takes its place, without what is excluded and the forwarder's own", async () => {
    await deployment.serverless(["deploy"], { SubscribeAccount: "true", SubscribeExclude: "/ecs/new" });
    expect(subscribed(forwarder)).toEqual([]);
    const before = deployment.intake.logs().length;
    await make("/even/later");
    const names = ["/ecs/thinker", "/ecs/new", "/even/later"];
    for (const name of names) await write(name, name);
    // The log of the stack's own functions comes as well.
    const arrived = deployment.intake
      .logs()
      .slice(before)
      .map(({ message }) => String(message));
    expect(arrived.filter((message) => names.includes(message))).toEqual(["/ecs/thinker", "/even/later"]);
    expect(deployment.emulator.contents()).toContain(`subscription of the account to ${forwarder}`);
  });

  it("remove leaves no subscription, no rule and no function", async () => {
    await deployment.serverless(["remove"]);
    const left = deployment.emulator.contents().filter((what) => !/^(?:log group|bucket|secret) /.test(what));
    expect(left).toEqual([`subscription of /aws/lambda/full to ${stream}two`]);
    expect(deployment.emulator.unknownCalls).toEqual([]);
  });

  /** Looks again and again while something is deployed. */
  async function alwaysSubscribed(deploying: () => Promise<void>) {
    const seen = new Set<string>();
    const timer = setInterval(() => seen.add(subscribed(forwarder).join()), 1);
    await deploying().finally(() => clearInterval(timer));
    expect([...seen].filter((names) => !names.includes("/ecs/thinker"))).toEqual([]);
    expect(subscribed(forwarder)).toEqual(["/ecs/thinker"]);
  }

  /** The same as the function does, and nothing of what the stack has made. */
  async function fromTheTerminal() {
    const foretold = await command("--prefix", "/ecs/", "--tag", "forward", "--all", "--dry-run");
    expect(foretold).toMatchObject({ code: 2, stderr: expect.stringContaining("Either --all or --prefix") });
    const dry = await command("--prefix", "/ecs/", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining("would get the permission") });
    expect(dry.stdout).toMatch(/\nDry run: .*\nsubscribed {2}\/ecs\/new\nalready {5}\/ecs\/thinker {2}by its filter /);
    expect(subscribed(forwarder)).toEqual(["/ecs/thinker"]);

    const done = await command("--pattern", "^/ecs/|/full$", "--json");
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ forwarder, tally: { subscribed: 2, already: 1 } });
    expect(subscribed(forwarder)).toEqual(["/aws/lambda/full", "/ecs/new", "/ecs/thinker"]);
    expect(await command("--remove")).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n2 removed\n$/) });
    expect(subscribed(forwarder)).toEqual(["/ecs/thinker"]);
    expect(await command("--all", "--function", "nosuch")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cannot read the function nosuch: ResourceNotFoundException"),
    });
  }

  function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = { PATH: process.env.PATH, ...deployment.emulator.environment };
    return new Promise((resolve) => {
      execFile(process.execPath, ["dist/cli/main.mjs", "subscribe", ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  }

  async function make(logGroupName: string, logGroupClass?: "INFREQUENT_ACCESS") {
    await deployment.logs.send(new CreateLogGroupCommand({ logGroupName, logGroupClass }));
    await deployment.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "stream" }));
  }

  async function subscribe(logGroupName: string, filterName: string, destinationArn: string) {
    const filter = { logGroupName, filterName, filterPattern: "", destinationArn };
    await deployment.logs.send(new PutSubscriptionFilterCommand(filter));
  }

  async function write(logGroupName: string, message: string) {
    const logEvents = [{ timestamp: Date.now(), message }];
    await deployment.logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: "stream", logEvents }));
    await deployment.emulator.idle();
  }

  /** The log groups with a filter to a destination, by name. */
  function subscribed(destination: string): string[] {
    return deployment.emulator
      .contents()
      .filter((what) => what.startsWith("subscription of /") && what.endsWith(` to ${destination}`))
      .map((what) => what.split(" ")[2] as string)
      .sort();
  }

  async function printedBy(functionName: string): Promise<Record<string, unknown>[]> {
    const { events = [] } = await deployment.logs.send(
      new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}` }),
    );
    return events.flatMap(({ message = "" }) => (message.startsWith("{") ? [JSON.parse(message)] : []));
  }
});

function reasons(printed: Record<string, unknown>[]) {
  return Object.fromEntries(printed.filter(({ why }) => why).map(({ logGroup, why }) => [logGroup, why]));
}

jest.setTimeout(60_000);
