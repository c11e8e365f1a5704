import { readFileSync } from "node:fs";

const subscribe = require("../../serverless/subscribe.cjs");
const accountPolicy = require("../../serverless/account-policy.cjs");
const subscribeProblems = require("../../serverless/subscribe-problems.cjs");

const all = { "Fn::Sub": `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:*` };

describe("serverless/subscribe", () => {
  it("makes nothing when no log group is chosen", async () => {
    for (const parameters of [{}, { SubscribePrefixes: "", SubscribeAccount: true }]) {
      expect(await subscribe.function(variables(parameters))).toBeNull();
      expect(await subscribe.resources(variables(parameters))).toEqual({});
    }
  });

  it("gives the function the choice, as text", async () => {
    const { environment } = await subscribe.function(
      variables({
        SubscribePrefixes: ["/a/", "/b/"],
        SubscribePattern: "x,y",
        SubscribeTags: "k=v, w",
        SubscribeDryRun: true,
      }),
    );
    expect(environment).toMatchObject({
      SUBSCRIBE_PREFIXES: "/a/,/b/",
      SUBSCRIBE_PATTERN: "x,y",
      SUBSCRIBE_TAGS: "k=v,w",
      SUBSCRIBE_DRY_RUN: "true",
    });
  });

  it("gives a right for each call that the function makes, and none more", async () => {
    const code = readFileSync("src/io/log-groups.ts", "utf8") + readFileSync("src/io/lambda-functions.ts", "utf8");
    const calls = [...new Set([...code.matchAll(/new (?:sdk\.)?(\w+)Command\(/g)].map((match) => match[1] as string))];
    const { actions } = await rightsWith({ SubscribeTags: "forward=true" });
    const ofCalls = actions
      .map((action) => action.split(":")[1])
      .filter((action) => !["CreateLogStream", "PutLogEvents"].includes(action as string));
    expect(ofCalls.sort()).toEqual(calls.map((call) => (call === "Invoke" ? "InvokeFunction" : call)).sort());
  });

  it("lets it subscribe what can be chosen, and look at tags where they are asked for", async () => {
    const byPrefix = await rightsWith({ SubscribePrefixes: "/a/,/b/" });
    expect(byPrefix.actions).not.toContain("logs:ListTagsForResource");
    expect(byPrefix.resourceOf("logs:PutSubscriptionFilter")).toEqual([
      { "Fn::Sub": all["Fn::Sub"].replace(/\*$/, "/a/*") },
      { "Fn::Sub": all["Fn::Sub"].replace(/\*$/, "/b/*") },
    ]);
    const byTag = await rightsWith({ SubscribeTags: "forward" });
    expect(byTag.resourceOf("logs:ListTagsForResource")).toEqual([all]);
    expect(byTag.resources).not.toContain("*");
  });

  it("has no right to subscribe in a dry run, but to take away what was subscribed before", async () => {
    const { actions } = await rightsWith({ SubscribePrefixes: "/a/", SubscribeDryRun: "true" });
    expect(actions).not.toContain("logs:PutSubscriptionFilter");
    expect(actions).toContain("logs:DeleteSubscriptionFilter");
  });

  it.each([
    ["/ecs/", undefined],
    ["/aws/lambda/think", ["think*"]],
    ["/aws/lambda/a,/aws/lambda/b-,/ecs/", ["a*", "b-*"]],
    ["/aws/lambda/a/b", undefined],
    ["/aws/", ["*"]],
    ["/ecs/,/", ["*"]],
    ["/aws/lambda/,/aws/lambda/a", ["*"]],
    ["", ["*"]],
  ])("reads the policies of the functions alone whose log groups can be chosen with %s", async (prefixes, names) => {
    const { resourceOf } = await rightsWith({ SubscribePrefixes: prefixes, SubscribePattern: "." });
    const arn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:`;
    expect(resourceOf("lambda:GetPolicy")).toEqual(names?.map((name) => ({ "Fn::Sub": arn + name })));
  });

  it("looks at everything again as often as it is told", async () => {
    const rate = async (hours: unknown) =>
      (await subscribe.resources(variables({ SubscribePrefixes: "/", SubscribeIntervalInHours: hours }))).Resources
        .AllLogGroupsRule?.Properties.ScheduleExpression;
    expect([await rate(24), await rate("1"), await rate(0)]).toEqual(["rate(24 hours)", "rate(1 hour)", undefined]);
  });

  it("hears of new log groups, of tags where they count, and of nothing where it is told so", async () => {
    const eventNames = async (parameters: object) =>
      (await subscribe.resources(variables(parameters))).Resources.NewLogGroupsRule?.Properties.EventPattern.detail
        .eventName;
    expect(await eventNames({ SubscribePrefixes: "/a/" })).toEqual(["CreateLogGroup"]);
    expect(await eventNames({ SubscribeTags: "a" })).toEqual(["CreateLogGroup", "TagResource", "TagLogGroup"]);
    expect(await eventNames({ SubscribeTags: "a", SubscribeNewLogGroups: "false" })).toBeUndefined();
  });
});

describe("serverless/account-policy", () => {
  it("excludes the forwarder's own log group, and what it is told", async () => {
    expect(await accountPolicy(variables({}))).toEqual({});
    const { Resources } = await accountPolicy(variables({ SubscribeAccount: "true", SubscribeExclude: "/b,/c" }));
    expect(Resources.AccountSubscription.Properties).toMatchObject({
      PolicyType: "SUBSCRIPTION_FILTER_POLICY",
      SelectionCriteria: 'LogGroupName NOT IN ["/aws/lambda/forwarder","/b","/c"]',
    });
    expect(Resources.SubscribePermission.Properties.SourceArn).toEqual(all);
  });
});

describe("serverless/subscribe-problems", () => {
  it.each([
    {},
    { LogGroups: "/a" },
    { SubscribePrefixes: "/aws/lambda/,/ecs/", SubscribeExclude: "*/health", SubscribeReplace: "DatadogForwarder" },
    { SubscribeTags: "env=prod,forward", SubscribePattern: "^/ecs/", SubscribeDryRun: "true" },
    { SubscribeAccount: true, SubscribeExclude: "/aws/lambda/DatadogForwarder" },
  ])("lets %j pass", (parameters) => {
    expect(subscribeProblems({ FunctionName: "forwarder", ...parameters })).toEqual([]);
  });

  it.each([
    [{ LogGroups: "/ecs/a,/aws/lambda/forwarder" }, "/aws/lambda/forwarder, the forwarder's own log group"],
    [{ LogGroups: ["/aws/lambda/*"] }, 'LogGroups has "/aws/lambda/*", which cannot be a log group\'s name'],
    [{ LogGroups: "arn:aws:logs:eu-west-1:123456789012:log-group:a" }, "give names, not ARNs or patterns"],
    [{ LogGroups: [{ "Fn::ImportValue": "x" }] }, 'LogGroups has {"Fn::ImportValue":"x"}'],
    [{ LogGroups: "/a", SubscribePrefixes: "/b" }, "give either LogGroups, or SubscribePrefixes"],
    [{ SubscribeAccount: true, SubscribeTags: "a" }, "SubscribeTags, or SubscribeAccount."],
    [{ SubscribeExclude: "/a" }, "give SubscribePrefixes or SubscribeAccount too"],
    [{ SubscribeReplace: "a" }, "SubscribeReplace is for log groups that are chosen"],
    [{ SubscribePrefixes: "/aws/lambda/*" }, "with which no log group's name can begin"],
    [{ SubscribeTags: "=x" }, 'SubscribeTags has "=x"'],
    [{ SubscribePrefixes: "/", SubscribeExclude: "arn:x" }, "give names, not ARNs"],
    [{ SubscribePrefixes: "/", SubscribeReplace: "a b" }, 'SubscribeReplace has "a b"'],
    [{ SubscribeAccount: true, SubscribeExclude: "/a/*" }, "takes whole names only"],
    [{ SubscribeIntervalInHours: "daily" }, 'must be a whole number of hours; 0 = never, got "daily"'],
    [{ SubscribeAccount: "yes" }, 'SubscribeAccount must be true or false, got "yes"'],
    [{ SubscribePrefixes: "/", FunctionName: "f".repeat(55) }, "FunctionName must have 54 characters or fewer"],
    [{ SubscribeAccount: true, SubscribeExclude: "/long".repeat(90).concat(",").repeat(60) }, "25000 bytes"],
  ])("says what is wrong with %j", (parameters, problem) => {
    expect(subscribeProblems({ FunctionName: "forwarder", ...parameters })).toEqual([expect.stringContaining(problem)]);
  });
});

function variables(parameters: object) {
  const values: Record<string, unknown> = {
    FunctionName: "forwarder",
    LogRetentionInDays: "90",
    SubscribeNewLogGroups: true,
    IamRolePath: "/",
    ...parameters,
  };
  return { resolveVariable: async (variable: string) => values[/^param:(\w+)/.exec(variable)?.[1] ?? ""] ?? null };
}

async function rightsWith(parameters: object) {
  const { Resources } = await subscribe.resources(variables(parameters));
  type Statement = { Action: string | string[]; Resource: unknown };
  const statements: Statement[] = Resources.SubscribeRole.Properties.Policies.flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  );
  return {
    actions: statements.flatMap(({ Action }) => Action),
    resources: statements.flatMap(({ Resource }) => Resource),
    resourceOf: (action: string) => statements.find(({ Action }) => Action === action)?.Resource,
  };
}
