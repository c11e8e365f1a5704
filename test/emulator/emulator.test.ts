import path from "node:path";
import { zipSync } from "fflate";
import { iam } from "./iam.ts";
import { lambda } from "./lambda.ts";
import { cloudWatchLogs } from "./logs.ts";
import { secretsManager } from "./secrets-manager.ts";
import type { AwsCall, Properties, Service } from "./service.ts";

const place = { region: "eu-west-1", accountId: "123456789012" };
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:subscriber";

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

  it("lets a function call what its role allows, and nothing else", async () => {
    world = await aWorld("export const handler = async () => {};");
    const { accessKeyId, secrets } = world;
    const { ARN } = await secrets("CreateSecret", { Name: "allowed", SecretString: "yes" });
    await secrets("CreateSecret", { Name: "other", SecretString: "no" });
    world.allow("secretsmanager:GetSecretValue", ARN);
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
  return {
    lines,
    functions,
    logs,
    secrets: caller("secretsmanager", secretsManager(place, roles)),
    accessKeyId: roles.accessKeyOf(Role),
    permit: (SourceArn: string) =>
      create(functions, "AWS::Lambda::Permission", {
        FunctionName: functionArn,
        Action: "lambda:InvokeFunction",
        Principal: "logs.amazonaws.com",
        SourceArn,
      }),
    allow(Action: string, Resource: string) {
      statements.push({ Effect: "Allow", Action, Resource });
      roles.resourceTypes?.["AWS::IAM::Role"]?.update?.("subscriber", rolePolicy());
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

function create(service: Service, type: string, properties: Properties) {
  return service.resourceTypes?.[type]?.create(properties, "generated-name");
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
