const accountProblems = require("../../serverless/account-problems.cjs");

const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:datadog-1a2b3c";
const deployment = {
  stackName: "log-trace-forwarder-dev",
  region: "eu-west-1",
  functionNames: { ForwarderLogGroup: "forwarder" },
};

describe("serverless/account-problems", () => {
  it("finds nothing where everything is there, and asks nothing of what is not given", async () => {
    expect(await problems({})).toEqual({ problems: [], notes: [] });
    const given = {
      LogGroups: "/ecs/a, /ecs/b",
      DdApiKeySecretArn: secret,
      OtlpHeadersSsmParameterName: "/otlp",
      DdForwarderExistingBucketName: "mine",
    };
    expect(await problems(given)).toEqual({ problems: [], notes: [] });
  });

  it("does not look into what CloudFormation will know", async () => {
    const value = { "Fn::ImportValue": "x" };
    const given = { LogGroups: [value], DdApiKeySecretArn: value, DdForwarderExistingBucketName: value };
    expect(await problems(given, nothing)).toEqual({ problems: [], notes: [] });
  });

  it("lets the stack's own function be, and no other of its name", async () => {
    const owned = (stack: string) => ({ functionTags: async () => ({ "aws:cloudformation:stack-name": stack }) });
    expect(await problems({}, owned("log-trace-forwarder-dev"))).toEqual({ problems: [], notes: [] });
    expect((await problems({}, owned("log-trace-forwarder-prod"))).problems).toEqual([
      expect.stringMatching(/a function forwarder already, of the stack log-trace-forwarder-prod\. .* --stage/),
    ]);
    expect((await problems({}, { functionTags: async () => ({}) })).problems).toEqual([
      expect.stringMatching(/which no stack has made\. Give another FunctionName, or remove/),
    ]);
  });

  it("knows a log group that a function has left behind from the stack's own", async () => {
    const left = { logGroup: async () => ({}) };
    expect((await problems({}, left)).problems).toEqual([
      expect.stringContaining("aws logs delete-log-group --region eu-west-1 --log-group-name /aws/lambda/forwarder"),
    ]);
    expect((await problems({}, { ...left, isInStack: async () => true })).problems).toEqual([]);
  });

  it("names everything that is not there at once, with the remedy", async () => {
    const given = {
      LogGroups: ["/ecs/a", "/ecs/b"],
      DdApiKeySecretArn: secret,
      OtlpHeadersSsmParameterName: "/otlp",
      DdForwarderExistingBucketName: "mine",
    };
    expect((await problems(given, nothing)).problems).toEqual([
      expect.stringMatching(/LogGroups has \/ecs\/a, and there is no such log group in eu-west-1\. .*create-log-group/),
      expect.stringContaining("LogGroups has /ecs/b"),
      expect.stringMatching(/DdApiKeySecretArn: there is no secret arn:\S+ in us-east-1\. .*list-secrets/),
      expect.stringContaining("OtlpHeadersSsmParameterName: there is no parameter /otlp in eu-west-1."),
      expect.stringContaining("There is no bucket mine"),
    ]);
  });

  it("knows what is there and cannot be used", async () => {
    const unusable = {
      logGroup: async (name: string) => (name === "/ecs/a" ? { logClass: "INFREQUENT_ACCESS" } : undefined),
      secret: async () => ({ isDeleted: true }),
    };
    expect((await problems({ LogGroups: "/ecs/a", DdApiKeySecretArn: secret }, unusable)).problems).toEqual([
      expect.stringContaining("of the class INFREQUENT_ACCESS and takes no subscription filter"),
      expect.stringContaining("is being deleted"),
    ]);
  });

  it("tells of a log group whose filters may leave no room, and stops where they leave none", async () => {
    const some = (count: number) => async () =>
      Array.from({ length: count }, (_, at) => ({
        name: `filter-${at}`,
        destinationArn: `arn:aws:lambda:eu-west-1:123456789012:function:other-${at}`,
      }));
    const given = { LogGroups: "/ecs/a" };
    expect(await problems(given, { filters: some(1) })).toEqual({ problems: [], notes: [] });
    const has =
      "LogGroups has /ecs/a, which has 2 subscription filters already: filter-0 (to lambda function:other-0), filter-1 (to lambda function:other-1).";
    const remedy =
      "aws logs delete-subscription-filter --region eu-west-1 --log-group-name /ecs/a --filter-name filter-0";
    const two = await problems(given, { filters: some(2) });
    expect(two.problems).toEqual([]);
    expect(two.notes).toEqual([expect.stringContaining(has)]);
    expect(two.notes[0]).toContain("takes 5, and in accounts with the older quota 2: there this deployment fails");
    expect(two.notes[0]).toContain(remedy);
    const five = await problems(given, { filters: some(5) });
    expect(five).toEqual({ problems: [expect.stringMatching(/5 subscription filters .* takes no more/)], notes: [] });
    expect(five.problems[0]).toContain(remedy);
  });

  it("says nothing of filters where one of them is the stack's own", async () => {
    const destinationArn = "arn:aws:lambda:eu-west-1:123456789012:function:any";
    const names = ["other", "log-trace-forwarder-dev-SubscriptionEcsA1b2c3d4-XYZ", "another", "fourth", "fifth"];
    const filters = async () => names.map((name) => ({ name, destinationArn }));
    expect(await problems({ LogGroups: "/ecs/a" }, { filters })).toEqual({ problems: [], notes: [] });
  });

  it("asks for what the entries of the table of destinations name", async () => {
    const audit = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:audit-1a2b3c";
    const Destinations = [
      { name: "audit", type: "datadog", secretArn: audit },
      { name: "grafana", type: "otlp", endpoint: "https://otlp.example.com", ssmName: "/grafana" },
      { name: "archive", type: "s3", bucket: "example-archive" },
      { name: "collector", type: "otlp", endpoint: "https://collector.example.com" },
      { name: "later", type: "otlp", secretArn: { "Fn::ImportValue": "x" } },
    ];
    expect(await problems({ Destinations })).toEqual({ problems: [], notes: [] });
    const missing = [
      `Destinations, entry "audit": there is no secret ${audit} in eu-central-1. Take its complete ARN,`,
      'Destinations, entry "grafana": there is no parameter /grafana in eu-west-1. Store it there first:',
      'Destinations, entry "archive": there is no bucket example-archive. Make it first,',
    ].map((text) => expect.stringContaining(text));
    expect((await problems({ Destinations }, nothing)).problems).toEqual(missing);
    expect((await problems({ Destinations: JSON.stringify(Destinations) }, nothing)).problems).toEqual(missing);
  });

  it("knows an ARN of a secret without its end, for which the function would have no right", async () => {
    const found = { secret: async () => ({ arn: secret, isDeleted: false }) };
    const DdApiKeySecretArn = secret.replace("-1a2b3c", "");
    expect((await problems({ DdApiKeySecretArn }, found)).problems).toEqual([
      `DdApiKeySecretArn: ${DdApiKeySecretArn} is not the complete ARN of the secret, so the function would have no right to it. Give ${secret}`,
    ]);
  });

  it("knows the bucket that a forwarder has left behind from the stack's own", async () => {
    const given = { DdForwarderBucketName: "failed" };
    expect((await problems(given, { hasBucket: async () => false })).problems).toEqual([]);
    expect((await problems(given)).problems).toEqual([
      expect.stringMatching(/^There is a bucket failed already.* DdForwarderExistingBucketName instead/),
    ]);
    const isInStack = async (_: string, logicalId: string) => logicalId === "FailureBucket";
    expect((await problems(given, { isInStack })).problems).toEqual([]);
  });

  it("knows that an account has one policy of subscription filters, and asks where it is to have another", async () => {
    const subscriptionPolicies = async () => [{ name: "theirs" }];
    expect((await problems({ SubscribeAccount: "false" }, { subscriptionPolicies })).problems).toEqual([]);
    expect((await problems({ SubscribeAccount: "true" })).problems).toEqual([]);
    expect((await problems({ SubscribeAccount: true }, { subscriptionPolicies })).problems).toEqual([
      expect.stringMatching(/^SubscribeAccount: in eu-west-1 .* filters theirs already.* --policy-name theirs$/),
    ]);
    const isInStack = async (_: string, logicalId: string) => logicalId === "AccountSubscription";
    expect((await problems({ SubscribeAccount: true }, { subscriptionPolicies, isInStack })).problems).toEqual([]);
  });

  it("goes on with a note where it may not look", async () => {
    const denied = async () => {
      throw Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
    };
    const all = { functionTags: denied, logGroup: denied, isInStack: denied, secret: denied, hasParameter: denied };
    expect(await problems({ LogGroups: "/ecs/a", DdApiKeySecretArn: secret }, all)).toEqual({
      problems: [],
      notes: [
        "Not known before deploying: whether the function forwarder is another stack's (AccessDeniedException).",
        "Not known before deploying: whether the log group /ecs/a exists, and has room for a subscription filter (AccessDeniedException).",
        "Not known before deploying: whether the secret of DdApiKeySecretArn exists (AccessDeniedException).",
      ],
    });
  });
});

const nothing = {
  logGroup: async () => undefined,
  secret: async () => undefined,
  hasParameter: async () => false,
  hasBucket: async () => false,
};

/** In an account that has what is asked for, and no forwarder yet. */
function problems(parameters: object, different: object = {}): Promise<{ problems: string[]; notes: string[] }> {
  const account = {
    functionTags: async () => undefined,
    logGroup: async (name: string) => (name.startsWith("/aws/lambda/") ? undefined : { logClass: "STANDARD" }),
    filters: async () => [],
    subscriptionPolicies: async () => [],
    isInStack: async () => false,
    secret: async (arn: string) => ({ arn, isDeleted: false }),
    hasParameter: async () => true,
    hasBucket: async () => true,
    ...different,
  };
  return accountProblems(parameters, deployment, account);
}
