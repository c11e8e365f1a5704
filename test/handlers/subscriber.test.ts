import { subscribeSettings } from "../../src/handlers/subscribe-settings.ts";
import { type Continuation, createSubscriber, type SubscriberWorld } from "../../src/handlers/subscriber.ts";
import type { LogGroupsApi } from "../../src/subscriptions/log-groups.ts";
import { functionArn, named, ourName, ours, someLogGroups } from "../helpers/log-groups.ts";

const request = {
  RequestType: "Create",
  ResponseURL: "https://answers.example.com/?signature=5ec2e7",
  StackId: "stack",
  RequestId: "request",
  LogicalResourceId: "LogGroupSubscriptions",
  ResourceProperties: {},
};

describe("the subscribe function", () => {
  it("answers CloudFormation with what became of the log groups", async () => {
    const { handle, answers } = aFunction(someLogGroups({ a: {}, b: { filters: [ours] } }));
    await handle(request);
    expect(answers).toEqual([
      {
        url: request.ResponseURL,
        Status: "SUCCESS",
        Reason: "1 subscribed, 1 already",
        PhysicalResourceId: ourName,
        StackId: "stack",
        RequestId: "request",
        LogicalResourceId: "LogGroupSubscriptions",
        Data: { Summary: "1 subscribed, 1 already" },
      },
    ]);
  });

  it("goes on in further invocations until all is done, and answers once", async () => {
    const names = Array.from({ length: 23 }, (_, at) => `g${String(at).padStart(2, "0")}`);
    const api = someLogGroups(Object.fromEntries(names.map((name) => [name, {}])));
    const { handle, answers, continuations } = aFunction(api, {}, 3);
    await handle(request);
    expect(answers).toEqual([]);
    for (let event = continuations.shift(); event; event = continuations.shift()) {
      await handle(JSON.parse(JSON.stringify(event)));
    }
    expect(Object.keys(api.all())).toEqual(names);
    expect(answers.map(({ Reason }) => Reason)).toEqual(["23 subscribed"]);
  });

  it("lets CloudFormation go on after three quarters of an hour, and the rest is done all the same", async () => {
    const api = someLogGroups({ a: {}, b: {}, c: {}, d: {}, e: {}, f: {} });
    const { handle, answers, continuations, pass } = aFunction(api, {}, 2);
    await handle(request);
    pass(46 * 60_000);
    const first = continuations.shift() as Continuation;
    await handle({ continued: { ...first.continued, position: { prefixAt: 0, token: "", after: "" } } });
    expect(answers).toMatchObject([{ Status: "SUCCESS", Reason: expect.stringContaining("going on") }]);
    await handle(continuations.shift());
    expect(Object.keys(api.all())).toHaveLength(6);
    expect(answers).toHaveLength(1);
  });

  it("takes everything away when its stack is deleted, also where it only says what it would do", async () => {
    const api = someLogGroups({ a: { filters: [ours] }, z: { filters: [ours] } });
    const { handle, answers } = aFunction(api, { SUBSCRIBE_PREFIXES: "a", SUBSCRIBE_DRY_RUN: "true" });
    await handle({ ...request, RequestType: "Delete", PhysicalResourceId: "its-id" });
    expect(api.all()).toEqual({});
    expect(answers).toMatchObject([{ Status: "SUCCESS", PhysicalResourceId: "its-id" }]);
  });

  it("keeps the stack from going while a log group keeps its filter", async () => {
    const api = someLogGroups({ a: { filters: [ours] } });
    api.deleteFilter = async () => {
      throw named("AccessDeniedException");
    };
    const { handle, answers } = aFunction(api);
    await handle({ ...request, RequestType: "Delete" });
    expect(answers).toMatchObject([{ Status: "FAILED", Reason: expect.stringContaining(`1 log groups keep their`) }]);
  });

  it("fails the deployment where log groups cannot be listed, and lets it pass where one cannot be subscribed", async () => {
    const api = someLogGroups({ a: {}, b: {} });
    const { putFilter } = api;
    api.putFilter = async (name, filter) => {
      if (name === "a") throw named("InvalidParameterException");
      await putFilter(name, filter);
    };
    const { handle, answers, lines } = aFunction(api);
    await handle(request);
    api.page = async () => {
      throw named("AccessDeniedException", "no logs:DescribeLogGroups");
    };
    await handle(request);
    expect(answers).toMatchObject([
      { Status: "SUCCESS", Reason: "1 subscribed, 1 failed" },
      { Status: "FAILED", Reason: "AccessDeniedException: no logs:DescribeLogGroups" },
    ]);
    expect(lines.join("")).not.toContain("5ec2e7");
  });

  it("has a metric for an alarm in the line of its end where log groups failed, and none where nothing did", async () => {
    const api = someLogGroups({ a: {}, b: {}, c: {} });
    const { putFilter } = api;
    const { handle, lines } = aFunction(api, { AWS_LAMBDA_FUNCTION_NAME: "forwarder-subscribe" });
    const lastLine = () => JSON.parse(lines.at(-1) as string);
    api.putFilter = async (name, filter) => {
      if (name !== "c") throw named("InvalidParameterException");
      await putFilter(name, filter);
    };
    await handle({ subscribe: true });
    const metric = "aws.dd_forwarder.log_groups_failed";
    expect(lastLine()).toMatchObject({
      level: "ERROR",
      tally: { failed: 2, subscribed: 1 },
      FunctionName: "forwarder-subscribe",
      [metric]: 2,
      _aws: {
        Timestamp: 0,
        CloudWatchMetrics: [
          {
            Namespace: "log-trace-forwarder",
            Dimensions: [["FunctionName"]],
            Metrics: [{ Name: metric, Unit: "Count" }],
          },
        ],
      },
    });
    api.putFilter = putFilter;
    await handle({ subscribe: true });
    expect(lastLine()).toMatchObject({ level: "INFO", tally: { subscribed: 2, already: 1 } });
    expect(lastLine()).not.toHaveProperty("_aws");
  });

  it("takes away what an update no longer chooses", async () => {
    const api = someLogGroups({ "/a/x": { filters: [ours] }, "/b/x": {} });
    const { handle } = aFunction(api, { SUBSCRIBE_PREFIXES: "/b/" });
    await handle({ ...request, RequestType: "Update", OldResourceProperties: { Prefixes: "/a/", Pattern: "" } });
    expect(Object.keys(api.all())).toEqual(["/b/x"]);
  });

  it("subscribes a log group that CloudTrail tells of, and not the one whose name it begins", async () => {
    const api = someLogGroups({ "/g/a": {}, "/g/ab": {} });
    const { handle } = aFunction(api);
    await handle(created("/g/a"));
    expect(Object.keys(api.all())).toEqual(["/g/a"]);
    expect(await handle(created("/g"))).toMatchObject({ status: "not chosen" });
  });

  it("looks again at a log group that gets tags", async () => {
    const api = someLogGroups({ a: { tags: { forward: "yes" } } });
    const resourceArn = "arn:aws:logs:eu-west-1:123456789012:log-group:a";
    const detail = { eventSource: "logs.amazonaws.com", eventName: "TagResource", requestParameters: { resourceArn } };
    await aFunction(api, { SUBSCRIBE_TAGS: "forward" }).handle({ detail });
    expect(api.all()).toEqual({ a: [ourName] });
  });

  it("fails where a new log group cannot be subscribed, so that Lambda tries again", async () => {
    const api = someLogGroups({ a: {} });
    api.filters = async () => {
      throw named("AccessDeniedException");
    };
    await expect(aFunction(api).handle(created("a"))).rejects.toThrow("cannot subscribe a: AccessDeniedException");
  });

  it("is invoked by a person, too, and says so where an event is none of its own", async () => {
    const api = someLogGroups({ a: {} });
    const { handle } = aFunction(api);
    expect(await handle({ subscribe: true })).toEqual({ tally: { subscribed: 1 } });
    expect(await handle({ remove: true })).toEqual({ tally: { removed: 1 } });
    for (const event of [null, {}, { awslogs: {} }, { detail: { eventName: "CreateLogGroup" } }]) {
      await expect(handle(event)).rejects.toThrow('{"subscribe": true}');
    }
  });

  it("prints one line for a log group with its reason, and nothing for those that stay as they are", async () => {
    const { handle, lines } = aFunction(someLogGroups({ a: {}, b: { filters: [ours] }, "/aws/lambda/forwarder": {} }));
    await handle({ subscribe: true });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "INFO", logGroup: "/aws/lambda/forwarder", status: "refused", why: expect.any(String) },
      { level: "INFO", logGroup: "a", status: "subscribed" },
      { level: "INFO", message: "subscribing is done", tally: { refused: 1, subscribed: 1, already: 1 } },
    ]);
  });

  it("fails the deployment at once for a choice that cannot be used, and takes everything away all the same", async () => {
    const api = someLogGroups({ a: { filters: [ours] } });
    const { handle, answers } = aFunction(api, { SUBSCRIBE_PATTERN: "(", SUBSCRIBE_TAGS: "=a" });
    await handle(request);
    await handle({ ...request, RequestType: "Delete" });
    expect(answers).toMatchObject([
      { Status: "FAILED", Reason: expect.stringMatching(/^ChoiceError: the tag "=a" has no key.*; the pattern /) },
      { Status: "SUCCESS" },
    ]);
    expect(api.all()).toEqual({});
  });

  it("does not start without the forwarder", () => {
    expect(() => subscribeSettings({})).toThrow("FORWARDER_FUNCTION_ARN must be the forwarder's ARN");
  });
});

function created(logGroupName: string) {
  return {
    detail: { eventSource: "logs.amazonaws.com", eventName: "CreateLogGroup", requestParameters: { logGroupName } },
  };
}

/** @param asksPerInvocation how often the function may ask for the time that is left before there is none */
function aFunction(api: LogGroupsApi, env: Record<string, string> = {}, asksPerInvocation = Number.POSITIVE_INFINITY) {
  const continuations: Continuation[] = [];
  const answers: Record<string, unknown>[] = [];
  const lines: string[] = [];
  let now = 0;
  const world: SubscriberWorld = {
    api,
    goOn: async (event) => void continuations.push(event),
    answer: async (url, body) => void answers.push({ url, ...JSON.parse(body) }),
    write: (line) => void lines.push(line),
    nowUnixMs: () => now,
  };
  const handler = createSubscriber(subscribeSettings({ FORWARDER_FUNCTION_ARN: functionArn, ...env }), world);
  return {
    continuations,
    answers,
    lines,
    pass: (ms: number) => {
      now += ms;
    },
    handle: (event: unknown) => {
      let asks = asksPerInvocation;
      return handler(event, { getRemainingTimeInMillis: () => (asks-- > 0 ? 900_000 : 0) });
    },
  };
}
