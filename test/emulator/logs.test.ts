import { eventBridge } from "./events.ts";
import { cloudWatchLogs, type Subscribers } from "./logs.ts";
import type { AwsCall, Properties, Service } from "./service.ts";

const place = { region: "eu-west-1", accountId: "123456789012" };
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:forwarder";
const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/";

describe("emulated CloudWatch Logs", () => {
  it("lists log groups in pages of fifty at most, by their names", async () => {
    const { call } = aWorld();
    for (let at = 59; at >= 0; at--)
      await call("CreateLogGroup", { logGroupName: `/g/${String(at).padStart(2, "0")}` });
    const first = await call("DescribeLogGroups", { logGroupNamePrefix: "/g/" });
    const second = await call("DescribeLogGroups", { logGroupNamePrefix: "/g/", nextToken: first.nextToken });
    const names = [...first.logGroups, ...second.logGroups].map(({ logGroupName }) => logGroupName);
    expect(first.logGroups).toHaveLength(50);
    expect(second.nextToken).toBeUndefined();
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(60);
    expect(await call("DescribeLogGroups", { limit: 51 })).toMatchObject({ __type: "InvalidParameterException" });
  });

  it("takes two filters for a log group, and another destination for a filter", async () => {
    const { call } = aWorld();
    await call("CreateLogGroup", { logGroupName: "/g" });
    const put = (filterName: string, stream: string) =>
      call("PutSubscriptionFilter", {
        logGroupName: "/g",
        filterName,
        filterPattern: "",
        destinationArn: streamArn + stream,
      });
    await put("a", "a");
    await put("b", "b");
    expect(await put("c", "c")).toMatchObject({ __type: "LimitExceededException" });
    await put("b", "c");
    const { subscriptionFilters } = await call("DescribeSubscriptionFilters", { logGroupName: "/g" });
    expect(subscriptionFilters).toMatchObject([
      { destinationArn: `${streamArn}a` },
      { destinationArn: `${streamArn}c` },
    ]);
  });

  it("refuses as many calls as it is told, of the operation that is named", async () => {
    const { call, logs } = aWorld();
    logs.throttle("DescribeLogGroups", 2);
    await call("CreateLogGroup", { logGroupName: "/g" });
    expect(await call("DescribeLogGroups", {})).toMatchObject({ __type: "ThrottlingException" });
    expect(await call("DescribeLogGroups", {})).toMatchObject({ __type: "ThrottlingException" });
    expect(await call("DescribeLogGroups", {})).toMatchObject({ logGroups: [{ logGroupName: "/g" }] });
  });

  it("delivers by the policy of the account, but for what that leaves out", async () => {
    const { call, policy, invoked } = aWorld();
    await policy({ SelectionCriteria: 'LogGroupName NOT IN ["/out"]' });
    for (const logGroupName of ["/in", "/out"]) {
      await call("CreateLogGroup", { logGroupName });
      await call("CreateLogStream", { logGroupName, logStreamName: "s" });
      const logEvents = [{ timestamp: Date.now(), message: "hello" }];
      await call("PutLogEvents", { logGroupName, logStreamName: "s", logEvents });
    }
    expect(invoked).toHaveLength(1);
  });

  it("takes one policy for the account, of criteria that it knows", async () => {
    const { policy } = aWorld();
    expect(() => policy({ SelectionCriteria: 'LogGroupName IN ["/a"]' })).toThrow("not valid");
    expect(() => policy({ SelectionCriteria: `LogGroupName NOT IN ["${"a".repeat(25_000)}"]` })).toThrow("too long");
    expect(() => policy({ PolicyDocument: policyDocument("nobody") })).toThrow("Could not execute");
    await policy({});
    expect(() => policy({ PolicyName: "another" })).toThrow("limit exceeded");
  });
});

describe("emulated rules for events", () => {
  const pattern = { source: ["aws.logs"], detail: { eventName: ["CreateLogGroup"], errorCode: [{ exists: false }] } };

  it.each([
    [{ source: "aws.logs", detail: { eventName: "CreateLogGroup" } }, 1],
    [{ source: "aws.s3", detail: { eventName: "CreateLogGroup" } }, 0],
    [{ source: "aws.logs", detail: { eventName: "CreateLogGroup", errorCode: "AccessDenied" } }, 0],
    [{ source: "aws.logs" }, 0],
  ])("give %j to a function or not, by their pattern", (event, invocations) => {
    const { rule, rules, invoked } = aWorld();
    rule({ EventPattern: pattern });
    rules.publish(event);
    expect(invoked).toEqual(Array(invocations).fill(event));
    rules.runSchedules();
    expect(invoked).toHaveLength(invocations);
  });

  it("need a schedule or a pattern", () => {
    expect(() => aWorld().rule({})).toThrow("EventPattern or ScheduleExpression");
  });
});

function policyDocument(functionName: string): string {
  return JSON.stringify({ DestinationArn: functionArn.replace(/forwarder$/, functionName), FilterPattern: "" });
}

/** With one function, which everybody may invoke. */
function aWorld() {
  const invoked: unknown[] = [];
  const subscribers: Subscribers = {
    mayBeInvoked: (arn) => arn === functionArn,
    invokeAsync: (_, event) => void invoked.push(event),
  };
  const logs = cloudWatchLogs(place, subscribers);
  const rules = eventBridge(place, subscribers);
  const create = (service: Service, type: string, properties: Properties) =>
    service.resourceTypes?.[type]?.create(properties, "generated-name");
  return {
    logs,
    rules,
    invoked,
    rule: (properties: Properties) =>
      create(rules, "AWS::Events::Rule", { Targets: [{ Arn: functionArn }], ...properties }),
    policy: (properties: Properties) =>
      create(logs, "AWS::Logs::AccountPolicy", {
        PolicyName: "forwarder",
        PolicyType: "SUBSCRIPTION_FILTER_POLICY",
        PolicyDocument: policyDocument("forwarder"),
        ...properties,
      }),
    async call(operation: string, input: object) {
      const call: AwsCall = {
        service: "logs",
        accessKeyId: "AKIDTEST",
        method: "POST",
        path: "/",
        query: new URLSearchParams(),
        headers: { "x-amz-target": `logs.${operation}` },
        body: Buffer.from(JSON.stringify(input)),
      };
      return JSON.parse(String((await logs.answer(call)).body));
    },
  };
}
