import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudFormationClient, CreateChangeSetCommand, ExecuteChangeSetCommand } from "@aws-sdk/client-cloudformation";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutSubscriptionFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { zipSync } from "fflate";
import { run } from "../../../src/cli/migrate.ts";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { aDatadogFunction } from "../../helpers/datadog-forwarder.ts";
import { aTerminal } from "../../helpers/terminal.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:DatadogForwarder";
const before = { ...process.env };

/** Over the wire, with AWS's own SDK. */
describe("migrate --function", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
    Object.assign(process.env, emulator.environment, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" });
    await deployDatadogForwarder(emulator);
  });
  afterAll(async () => {
    process.env = { ...before };
    await emulator.stop();
  });

  it("reads the function, its stack, and the subscriptions of all log groups that its policy allows", async () => {
    const report = JSON.parse(await migrate("--function", "DatadogForwarder", "--json"));
    expect(report.forwarder).toEqual({
      functionName: "DatadogForwarder",
      functionArn: ARN,
      stackName: "datadog",
      triggers: [{ service: "logs", sourceArn: "arn:aws:logs:eu-west-1:123456789012:log-group:*:*" }],
      subscriptions: [{ logGroup: "/aws/lambda/api", filterName: "datadog", filterPattern: "" }],
    });
    expect(report.evidence).toContain("tag dd_forwarder_version 5.4.11");
    expect(report).toMatchObject({
      parameters: { DdTags: "env:prod", MemorySize: "2048", ReservedConcurrency: "10", LogRetentionInDays: "30" },
      missing: { DdApiKeySecretArn: expect.any(String) },
      logGroups: ["/aws/lambda/api"],
      remarks: [expect.stringContaining("DdApiKeySecretArn")],
    });
    expect(report.settings).toContainEqual(
      expect.objectContaining({ name: "DdApiKey", value: null, status: "secret" }),
    );
    const commands = report.steps.flatMap((step: { commands: string[] }) => step.commands);
    expect(commands).toContain(
      "aws --region eu-west-1 logs delete-subscription-filter --log-group-name /aws/lambda/api --filter-name datadog",
    );
    expect(emulator.unknownCalls).toEqual([]);
  });

  it("takes an ARN, and the stack that --stack names", async () => {
    const report = JSON.parse(await migrate("--function", ARN, "--stack", "nosuch", "--json"));
    expect(report.remarks[0]).toMatch(/^The parameters of the stack nosuch are not known: .*does not exist\.$/);
    expect(report.parameters).toMatchObject({ DdTags: "env:prod" });
  });

  it("says what to do where there is no such function, no region, or no answer", async () => {
    await expect(migrate("--function", "nosuch")).rejects.toMatchObject({
      message: expect.stringContaining("cannot read the function nosuch: ResourceNotFoundException"),
      remedy: expect.stringContaining("--region"),
    });
    process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:1";
    await expect(migrate("--function", "a", "--region", "eu-west-1")).rejects.toMatchObject({
      remedy: expect.stringContaining("--file"),
    });
    process.env.AWS_ENDPOINT_URL = emulator.endpoint;
  });
});

describe("migrate --function, with few rights", () => {
  it("goes on with what it may read, and says what it may not", async () => {
    const aws = await answering((url) =>
      url.endsWith("/configuration")
        ? [200, (aDatadogFunction({ DD_TAGS: "env:prod" }) as { Configuration: object }).Configuration]
        : [403, { message: "not authorized" }],
    );
    const report = JSON.parse(await migrate("--function", "DatadogForwarder", "--json"));
    await aws.stop();
    expect(report.parameters).toMatchObject({ DdTags: "env:prod" });
    expect(report.remarks).toEqual([
      expect.stringMatching(/lambda:GetFunction is denied. Name its stack with --stack\.$/),
      expect.stringMatching(/^The function has no tag of a CloudFormation stack/),
      expect.stringMatching(/^Who may invoke the function is not known: lambda:GetPolicy, AccessDeniedException: /),
      expect.stringMatching(/^What Lambda polls for the function is not known: lambda:ListEventSourceMappings, Acc/),
      expect.stringMatching(/^DdApiKeySecretArn: write what belongs there/),
    ]);
  });

  it("names the remedy where it may read nothing", async () => {
    const aws = await answering(() => [403, { message: "not authorized" }]);
    await expect(migrate("--function", "DatadogForwarder")).rejects.toMatchObject({
      name: "CommandError",
      message: "cannot read the function DatadogForwarder: AccessDeniedException: not authorized",
      remedy: expect.stringContaining("lambda:GetFunction"),
    });
    await aws.stop();
  });
});

/** Lambda, as far as these tests want it. */
async function answering(answer: (url: string) => [status: number, body: object]) {
  const server = createServer((request, response) => {
    const [status, body] = answer(request.url ?? "");
    response.writeHead(status, status === 200 ? {} : { "x-amzn-errortype": "AccessDeniedException" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIDTEST",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        process.env = { ...before };
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function migrate(...args: string[]): Promise<string> {
  const terminal = aTerminal();
  expect(await run(args, terminal)).toBe(0);
  return terminal.printed();
}

/** What its template makes, as far as migrate looks at it. */
async function deployDatadogForwarder(emulator: Emulator): Promise<void> {
  await deploy(emulator, "code", {
    Resources: { Code: { Type: "AWS::S3::Bucket", Properties: { BucketName: "code" } } },
  });
  const Body = zipSync({ "lambda_function.py": new Uint8Array() });
  await new S3Client({ forcePathStyle: true }).send(new PutObjectCommand({ Bucket: "code", Key: "zip", Body }));
  await deploy(emulator, "datadog", template, {
    DdApiKey: "0123456789abcdef0123456789abcdef",
    DdTags: "env:prod",
    LogRetentionInDays: "30",
  });
  const logs = new CloudWatchLogsClient({});
  for (const logGroupName of ["/aws/lambda/api", "/aws/lambda/other"]) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
  }
  const filter = { filterName: "datadog", filterPattern: "", destinationArn: ARN };
  await logs.send(new PutSubscriptionFilterCommand({ logGroupName: "/aws/lambda/api", ...filter }));
}

async function deploy(
  emulator: Emulator,
  StackName: string,
  template: object,
  parameters: Record<string, string> = {},
): Promise<void> {
  const cloudFormation = new CloudFormationClient({});
  const names = { StackName, ChangeSetName: "create" };
  const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  const TemplateBody = JSON.stringify(template);
  await cloudFormation.send(
    new CreateChangeSetCommand({ ...names, ChangeSetType: "CREATE", TemplateBody, Parameters }),
  );
  await cloudFormation.send(new ExecuteChangeSetCommand(names));
  await emulator.idle();
}

const template = {
  Description: "Pushes logs, metrics and traces from AWS to Datadog.",
  Parameters: {
    DdApiKey: { Type: "String", NoEcho: true, Default: "" },
    DdApiKeySecretArn: { Type: "String", Default: "arn:aws:secretsmanager:DEFAULT" },
    DdTags: { Type: "String", Default: "" },
    LogRetentionInDays: { Type: "Number", Default: "90" },
  },
  Resources: {
    Role: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: {}, Policies: [] } },
    Forwarder: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: "DatadogForwarder",
        Description: "Pushes logs, metrics and traces from AWS to Datadog.",
        Handler: "lambda_function.lambda_handler",
        Role: { "Fn::GetAtt": ["Role", "Arn"] },
        Code: { S3Bucket: "code", S3Key: "zip" },
        MemorySize: 2048,
        Timeout: 120,
        ReservedConcurrentExecutions: 10,
        Tags: [{ Key: "dd_forwarder_version", Value: "5.4.11" }],
        Environment: {
          Variables: {
            DD_API_KEY_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:DdApiKeySecret-AbCdEf",
            DD_TAGS: { Ref: "DdTags" },
            DD_FETCH_LAMBDA_TAGS: "true",
          },
        },
      },
    },
    Permission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: { "Fn::GetAtt": ["Forwarder", "Arn"] },
        Action: "lambda:InvokeFunction",
        Principal: "logs.amazonaws.com",
        SourceArn: { "Fn::Sub": "arn:aws:logs:$" + "{AWS::Region}:$" + "{AWS::AccountId}:log-group:*:*" },
      },
    },
  },
};
