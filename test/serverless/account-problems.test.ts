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

  it("goes on with a note where it may not look", async () => {
    const denied = async () => {
      throw Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
    };
    const all = { functionTags: denied, logGroup: denied, isInStack: denied, secret: denied, hasParameter: denied };
    expect(await problems({ LogGroups: "/ecs/a", DdApiKeySecretArn: secret }, all)).toEqual({
      problems: [],
      notes: [
        "Not known before deploying: whether the function forwarder is another stack's (AccessDeniedException).",
        "Not known before deploying: whether the log group /ecs/a exists (AccessDeniedException).",
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
    isInStack: async () => false,
    secret: async () => ({ isDeleted: false }),
    hasParameter: async () => true,
    hasBucket: async () => true,
    ...different,
  };
  return accountProblems(parameters, deployment, account);
}
