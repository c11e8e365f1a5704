const subscriptions = require("../../serverless/subscriptions.cjs");

describe("serverless/subscriptions", () => {
  it("subscribes to nothing when no log group is given", async () => {
    expect(await resourcesFor(null)).toEqual({});
  });

  it("takes names with commas between them, or a list", async () => {
    const resources = await resourcesFor("/aws/lambda/a, /aws/lambda/b,");
    expect(subscribedGroups(resources)).toEqual(["/aws/lambda/a", "/aws/lambda/b"]);
    expect(await resourcesFor(["/aws/lambda/a", "/aws/lambda/b"])).toEqual(resources);
  });

  it("subscribes once to a log group that is given twice", async () => {
    expect(subscribedGroups(await resourcesFor("/ecs/a,/ecs/a"))).toEqual(["/ecs/a"]);
  });

  it("lets CloudWatch Logs invoke the forwarder for the given log groups only", async () => {
    const resources = await resourcesFor("/aws/lambda/a,/ecs/b");
    expect(sourceArns(resources)).toEqual([
      `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/a:*`,
      `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/ecs/b:*`,
    ]);
  });

  it("makes one permission for all, when there are more log groups than permissions fit into a function's policy", async () => {
    const names = Array.from({ length: 41 }, (_, at) => `/aws/lambda/function-${at}`);
    const resources = await resourcesFor(names);
    expect(subscribedGroups(resources)).toEqual(names);
    expect(sourceArns(resources)).toEqual([
      `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:*`,
    ]);
  });

  it("leaves the other subscriptions as they are when one is added in front of them", async () => {
    expect(await resourcesFor("/new,/aws/lambda/a")).toMatchObject(await resourcesFor("/aws/lambda/a"));
  });

  it("keeps apart log groups whose names differ in punctuation only", async () => {
    expect(subscribedGroups(await resourcesFor("/a-b,/a/b,/a_b"))).toHaveLength(3);
  });

  it("gives CloudFormation names it accepts, for any log group", async () => {
    const resources = await resourcesFor(`/${"long-name/".repeat(50)}#1._-`);
    expect(Object.keys(resources)).toHaveLength(2);
    for (const name of Object.keys(resources)) expect(name).toMatch(/^[A-Za-z0-9]{1,255}$/);
  });

  it("makes nothing of what is no log group's name, nor of the forwarder's own log group", async () => {
    const unusable = ["/aws/lambda/forwarder", "/aws/lambda/*", "arn:aws:logs:eu-west-1:1:log-group:a", { Ref: "x" }];
    expect(await resourcesFor([...unusable, "/ecs/a"])).toEqual(await resourcesFor("/ecs/a"));
  });
});

async function resourcesFor(LogGroups: unknown) {
  const values: Record<string, unknown> = {
    "param:LogGroups, null": LogGroups,
    "param:FunctionName": "forwarder",
  };
  const { Resources } = await subscriptions({ resolveVariable: async (variable: string) => values[variable] });
  return Resources as Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

function subscribedGroups(resources: Awaited<ReturnType<typeof resourcesFor>>) {
  return ofType(resources, "AWS::Logs::SubscriptionFilter").map(({ LogGroupName }) => LogGroupName);
}

function sourceArns(resources: Awaited<ReturnType<typeof resourcesFor>>) {
  return ofType(resources, "AWS::Lambda::Permission").map(
    ({ SourceArn }) => (SourceArn as { "Fn::Sub": string })["Fn::Sub"],
  );
}

function ofType(resources: Awaited<ReturnType<typeof resourcesFor>>, type: string) {
  return Object.values(resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
}
