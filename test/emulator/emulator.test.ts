import path from "node:path";
import { zipSync } from "fflate";
import { cloudWatch } from "./cloudwatch.ts";
import { eventBridge } from "./events.ts";
import { iam } from "./iam.ts";
import { lambda } from "./lambda.ts";
import { cloudWatchLogs } from "./logs.ts";
import { s3 } from "./s3.ts";
import { withRights } from "./s3-rights.ts";
import { secretsManager } from "./secrets-manager.ts";
import type { AwsCall, Properties, Service } from "./service.ts";
import { sqs } from "./sqs.ts";

const place = { region: "eu-west-1", accountId: "123456789012" };
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:subscriber";
const queueArn = "arn:aws:sqs:eu-west-1:123456789012:failed";

describe("the emulator", () => {
  let world: Awaited<ReturnType<typeof aWorld>>;
  afterEach(() => world.functions.stop());

  it("gives a subscribed function what is written to the log group", async () => {
    world = await aWorld("export const handler = async (event) => console.log(JSON.stringify(event));");
    world.permit("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/a:*");
    await world.logs("PutSubscriptionFilter", subscription("/ecs/a"));
    await world.write("/ecs/a", "hello");
    expect(world.lines.join("")).toContain('{"awslogs":{"data":"');
  });

  it("refuses a subscription that CloudWatch Logs has no permission for", async () => {
    world = await aWorld("export const handler = async () => {};");
    world.permit("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/a:*");
    expect(await world.logs("PutSubscriptionFilter", subscription("/ecs/b"))).toMatchObject({
      __type: "InvalidParameterException",
    });
  });

  it("invokes a function twice more when it fails, as Lambda does", async () => {
    world = await aWorld('export const handler = async () => { throw new Error("no") };');
    world.permit("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/*");
    await world.logs("PutSubscriptionFilter", subscription("/ecs/a"));
    await world.write("/ecs/a", "hello");
    expect(world.lines.filter((line) => line.startsWith("START"))).toHaveLength(3);
  });

  it("gives an event on which a function failed for good to the queue of its template, with the error", async () => {
    world = await aWorld('export const handler = async () => { throw new TypeError("no") };');
    await world.allow("sqs:SendMessage", queueArn);
    await world.onFailure({});
    await world.invoke({ given: "event" });
    expect(world.failed()).toEqual([
      {
        version: "1.0",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        requestContext: {
          requestId: expect.stringMatching(/^[\da-f-]{36}$/),
          functionArn: `${functionArn}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount: 3,
        },
        requestPayload: { given: "event" },
        responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
        responsePayload: { errorType: "TypeError", errorMessage: "no", trace: expect.any(Array) },
      },
    ]);
  });

  it("puts nothing into the queue when a retry succeeds", async () => {
    world = await aWorld(
      'let calls = 0; export const handler = async () => { if (++calls < 3) throw new Error("no") };',
    );
    await world.allow("sqs:SendMessage", queueArn);
    await world.onFailure({});
    await world.invoke({});
    expect([world.invocations(), world.failed()]).toEqual([3, []]);
  });

  it("retries as often as the template says", async () => {
    world = await aWorld('export const handler = async () => { throw new Error("no") };');
    await world.allow("sqs:SendMessage", queueArn);
    await world.onFailure({ MaximumRetryAttempts: 0 });
    await world.invoke({});
    expect(world.invocations()).toBe(1);
    expect(world.failed()).toEqual([
      expect.objectContaining({ requestContext: expect.objectContaining({ approximateInvokeCount: 1 }) }),
    ]);
  });

  it("refuses a queue for failures to which the role may not send", async () => {
    world = await aWorld("export const handler = async () => {};");
    await expect(world.onFailure({})).rejects.toThrow(`does not have permissions to call SendMessage on ${queueArn}`);
  });

  it("loses an event that the role may not send to the queue any more", async () => {
    world = await aWorld('export const handler = async () => { throw new Error("no") };');
    const allowed = await world.allow("sqs:SendMessage", queueArn);
    await world.onFailure({});
    allowed.withdraw();
    await world.invoke({});
    expect(world.failed()).toEqual([]);
  });

  it("lets a role invoke only what a statement allows", async () => {
    world = await aWorld("export const handler = async (event) => console.log(JSON.stringify(event));");
    expect(await world.invokeAs(world.accessKeyId)).toBe(400);
    await world.allow("lambda:InvokeFunction", functionArn);
    expect(await world.invokeAs(world.accessKeyId)).toBe(202);
    expect(await world.invokeAs("AKIDTEST")).toBe(202);
    await world.functions.idle();
    expect(world.invocations()).toBe(2);
  });

  it("invokes the target of a rule with its input, when the function permits it", async () => {
    world = await aWorld("export const handler = async (event) => console.log(JSON.stringify(event));");
    await world.schedule({ Targets: [{ Id: "a", Arn: functionArn, Input: '{"retry":true}' }] });
    expect(await world.runSchedules()).toBe(0);
    world.permit("arn:aws:events:eu-west-1:123456789012:rule/other", "events.amazonaws.com");
    expect(await world.runSchedules()).toBe(0);
    world.permit("arn:aws:events:eu-west-1:123456789012:rule/every-ten-minutes", "events.amazonaws.com");
    expect(await world.runSchedules()).toBe(1);
    expect(world.lines.join("")).toContain('{"retry":true}');
  });

  it("gives the target of a rule without an input the scheduled event, and a disabled rule's target nothing", async () => {
    world = await aWorld("export const handler = async (event) => console.log(JSON.stringify(event));");
    world.permit("arn:aws:events:*", "events.amazonaws.com");
    await world.schedule({ Name: "disabled", State: "DISABLED", Targets: [{ Id: "a", Arn: functionArn }] });
    await world.schedule({ Targets: [{ Id: "a", Arn: functionArn }] });
    expect(await world.runSchedules()).toBe(1);
    expect(world.lines.join("")).toContain(
      '"resources":["arn:aws:events:eu-west-1:123456789012:rule/every-ten-minutes"]',
    );
  });

  it.each(["rate(1 minutes)", "rate(10 minute)", "rate(0 minutes)", "rate(1.5 hours)", "10 minutes"])(
    "refuses the schedule %s",
    async (ScheduleExpression) => {
      world = await aWorld("export const handler = async () => {};");
      await expect(world.schedule({ ScheduleExpression })).rejects.toThrow("ScheduleExpression is not valid");
    },
  );

  it.each([
    [{ Period: 90 }, "Period must be"],
    [{ Period: 1800, EvaluationPeriods: 49 }, "across more than a day"],
    [{ Period: 86_400, EvaluationPeriods: 8 }, "across more than a day"],
    [{ EvaluationPeriods: 2, DatapointsToAlarm: 3 }, "DatapointsToAlarm"],
    [{ AlarmDescription: "a".repeat(1025) }, "more than 1024 characters"],
    [{ Statistic: undefined }, "Statistic is missing"],
  ])("refuses the alarm with %j", async (properties, problem) => {
    world = await aWorld("export const handler = async () => {};");
    const alarm = { Namespace: "a", MetricName: "b", Statistic: "Sum", Period: 300, EvaluationPeriods: 1 };
    const comparison = { ComparisonOperator: "GreaterThanThreshold", Threshold: 0 };
    await expect(world.alarm({ ...alarm, ...comparison, ...properties })).rejects.toThrow(problem);
    await world.alarm({ ...alarm, ...comparison });
  });

  it("lets a function do with a bucket what its role allows, and nothing else", async () => {
    world = await aWorld("export const handler = async () => {};");
    await world.allow("s3:PutObject", "arn:aws:s3:::failures/failed_events/*");
    await world.allow("s3:GetObject", "arn:aws:s3:::failures/failed_events/*");
    expect(await world.s3("PUT", "failed_events/a")).toBe(200);
    expect(await world.s3("PUT", "other/a")).toBe(403);
    expect(await world.s3("GET", "failed_events/a")).toBe(200);
    expect(await world.s3("DELETE", "failed_events/a")).toBe(403);
    expect(await world.s3("PUT", "failed_events/copy", { copySource: "/failures/failed_events/a" })).not.toBe(403);
    expect(await world.s3("PUT", "failed_events/copy", { copySource: "/failures/other/a" })).toBe(403);
    expect(await world.s3("PUT", "other/a", { accessKeyId: "AKIDTEST" })).toBe(200);
  });

  it("lets a function list the folder that a condition names, and tells it only there that an object is missing", async () => {
    world = await aWorld("export const handler = async () => {};");
    await world.allow("s3:GetObject", "arn:aws:s3:::failures/*");
    expect(await world.s3("GET", "failed_events/missing")).toBe(403);
    const Condition = { StringLike: { "s3:prefix": "failed_events/*" } };
    await world.allow("s3:ListBucket", "arn:aws:s3:::failures", Condition);
    expect(await world.s3("GET", "", { prefix: "failed_events/logs/" })).toBe(200);
    expect(await world.s3("GET", "", { prefix: "other/" })).toBe(403);
    expect(await world.s3("GET", "", {})).toBe(403);
    expect(await world.s3("GET", "failed_events/missing")).toBe(404);
    expect(await world.s3("GET", "other/missing")).toBe(403);
  });

  it("lets a function call what its role allows, and nothing else", async () => {
    world = await aWorld("export const handler = async () => {};");
    const { accessKeyId, secrets } = world;
    const { ARN } = await secrets("CreateSecret", { Name: "allowed", SecretString: "yes" });
    await secrets("CreateSecret", { Name: "other", SecretString: "no" });
    await world.allow("secretsmanager:GetSecretValue", ARN);
    expect(await secrets("GetSecretValue", { SecretId: "allowed" }, accessKeyId)).toMatchObject({
      SecretString: "yes",
    });
    expect(await secrets("GetSecretValue", { SecretId: "other" }, accessKeyId)).toMatchObject({
      __type: "AccessDeniedException",
    });
  });

  it("names a call that it does not have", async () => {
    world = await aWorld("export const handler = async () => {};");
    expect(await world.logs("PutBearerTokenAuthentication", {})).toEqual({
      __type: "NotEmulated",
      message: "The emulator does not have logs PutBearerTokenAuthentication. See test/emulator/README.md.",
    });
  });
});

/** Two log groups and a function with this source, in an emulated account. */
async function aWorld(source: string) {
  const lines: string[] = [];
  const roles = iam(place);
  const statements: object[] = [
    { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "arn:aws:logs:*" },
  ];
  await create(roles, "AWS::IAM::Role", rolePolicy());
  const Role = "arn:aws:iam::123456789012:role/subscriber";
  const functions = lambda(place, {
    iam: roles,
    readObject: () => Buffer.from(zipSync({ "index.mjs": Buffer.from(source) })),
    writeLog: (_group, _stream, { message }) => lines.push(message),
    sendMessage: (...message) => queues.send(...message),
    environment: () => ({}),
    hostModule: path.resolve("dist/cli/function-host.mjs"),
  });
  await create(functions, "AWS::Lambda::Function", {
    FunctionName: "subscriber",
    Handler: "index.handler",
    Role,
    Code: {},
  });
  const logs = caller("logs", cloudWatchLogs(place, functions));
  for (const logGroupName of ["/ecs/a", "/ecs/b"]) {
    await logs("CreateLogGroup", { logGroupName });
    await logs("CreateLogStream", { logGroupName, logStreamName: "stream" });
  }
  const queues = sqs(place, "http://127.0.0.1", roles);
  await create(queues, "AWS::SQS::Queue", { QueueName: "failed" });
  const buckets = s3(place);
  await create(buckets, "AWS::S3::Bucket", { BucketName: "failures" });
  const rules = eventBridge(place, functions);
  const alarms = cloudWatch();
  const invocations = () => lines.filter((line) => line.startsWith("START")).length;
  return {
    lines,
    functions,
    invocations,
    /** The messages in the queue. */
    failed: () => queues.messages("http://127.0.0.1/123456789012/failed").map(({ body }) => JSON.parse(body)),
    onFailure: async (properties: Properties) =>
      create(functions, "AWS::Lambda::EventInvokeConfig", {
        FunctionName: functionArn,
        Qualifier: "$LATEST",
        DestinationConfig: { OnFailure: { Destination: queueArn } },
        ...properties,
      }),
    async invoke(event: object) {
      functions.invokeAsync(functionArn, event);
      await functions.idle();
    },
    /** The status of an asynchronous invocation that somebody asks for. */
    async invokeAs(accessKeyId: string) {
      const { status } = await functions.answer({
        service: "lambda",
        accessKeyId,
        method: "POST",
        path: "/2015-03-31/functions/subscriber/invocations",
        query: new URLSearchParams(),
        headers: { "x-amz-invocation-type": "Event" },
        body: Buffer.from("{}"),
      });
      return status;
    },
    alarm: async (properties: Properties) => create(alarms, "AWS::CloudWatch::Alarm", properties),
    schedule: async (properties: Properties) =>
      create(rules, "AWS::Events::Rule", {
        Name: "every-ten-minutes",
        ScheduleExpression: "rate(10 minutes)",
        ...properties,
      }),
    /** How many invocations came of it. */
    async runSchedules() {
      const before = invocations();
      rules.runSchedules();
      await functions.idle();
      return invocations() - before;
    },
    /** The status of a call that the function's role makes, or somebody else. */
    async s3(
      method: string,
      key: string,
      options: { prefix?: string; copySource?: string; accessKeyId?: string } = {},
    ) {
      const { prefix, copySource, accessKeyId = roles.accessKeyOf(Role) } = options;
      const { status } = await withRights(buckets, roles).answer({
        service: "s3",
        accessKeyId,
        method,
        path: `/failures/${key}`,
        query: new URLSearchParams({ ...(key === "" && { "list-type": "2" }), ...(prefix && { prefix }) }),
        headers: copySource ? { "x-amz-copy-source": copySource } : {},
        body: Buffer.from("content"),
      });
      return status;
    },
    logs,
    secrets: caller("secretsmanager", secretsManager(place, roles)),
    accessKeyId: roles.accessKeyOf(Role),
    permit: (SourceArn: string, Principal = "logs.amazonaws.com") =>
      create(functions, "AWS::Lambda::Permission", {
        FunctionName: functionArn,
        Action: "lambda:InvokeFunction",
        Principal,
        SourceArn,
      }),
    async allow(Action: string, Resource: string, Condition?: object) {
      statements.push({ Effect: "Allow", Action, Resource, ...(Condition && { Condition }) });
      const put = () => roles.resourceTypes?.["AWS::IAM::Role"]?.update?.("subscriber", rolePolicy());
      await put();
      return {
        withdraw() {
          statements.pop();
          put();
        },
      };
    },
    async write(logGroupName: string, message: string) {
      const logEvents = [{ timestamp: Date.now(), message }];
      await logs("PutLogEvents", { logGroupName, logStreamName: "stream", logEvents });
      await functions.idle();
    },
  };

  function rolePolicy() {
    return { RoleName: "subscriber", Policies: [{ PolicyName: "all", PolicyDocument: { Statement: statements } }] };
  }
}

let generated = 0;

function create(service: Service, type: string, properties: Properties) {
  return service.resourceTypes?.[type]?.create(properties, `generated-name-${++generated}`);
}

/** Calls an emulated service as an SDK does. */
function caller(service: string, { answer }: Service) {
  return async (operation: string, input: object, accessKeyId = "AKIDTEST") => {
    const call: AwsCall = {
      service,
      accessKeyId,
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: { "x-amz-target": `${service}.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
    };
    return JSON.parse(String((await answer(call)).body));
  };
}

function subscription(logGroupName: string) {
  return { logGroupName, filterName: "to-subscriber", filterPattern: "", destinationArn: functionArn };
}
