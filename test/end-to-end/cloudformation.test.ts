import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  CreateChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from "@aws-sdk/client-cloudformation";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";

const logGroupName = "/aws/lambda/thinker-microservice";
const logStreamName = "2026/11/21/[$LATEST]3f8a0c52d1794e6b9a8c7d6e5f403122";

describe("the stack as plain CloudFormation", () => {
  let directory: string;
  let emulator: Emulator;
  let intake: TestIntake;

  beforeAll(async () => {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
    directory = mkdtempSync(path.join(os.tmpdir(), "cloudformation-"));
    for (const name of ["serverless.yml", "serverless", "package.json", "dist"]) {
      cpSync(name, path.join(directory, name), { recursive: true });
    }
    symlinkSync(path.resolve("node_modules"), path.join(directory, "node_modules"));
    [emulator, intake] = await Promise.all([startEmulator(), anIntake()]);
  });
  afterAll(async () => {
    await Promise.all([emulator?.stop(), intake?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });

  it("is deployed by CloudFormation alone, with code in a bucket, and obeys its parameters", async () => {
    const given = [
      "DdApiKeySsmParameterName=/datadog/key",
      `LogGroups=${logGroupName}`,
      "DdFetchLambdaTags=false",
      "Alarms=false",
    ];
    const args = ["serverless/cloudformation.mjs", ...given.flatMap((parameter) => ["--param", parameter])];
    execFileSync(process.execPath, [...args, "--region", "eu-west-1"], {
      cwd: directory,
      stdio: "pipe",
      env: { PATH: process.env.PATH, HOME: directory },
    });
    const TemplateBody = readFileSync(path.join(directory, "dist/cloudformation.json"), "utf8");
    const { Parameters, Resources } = JSON.parse(TemplateBody);
    expect(TemplateBody).not.toContain("ServerlessDeploymentBucket");
    expect(Resources.ForwarderRole.Type).toBe("AWS::IAM::Role");
    expect(Parameters).toMatchObject({ DdTags: { Default: "" }, DdSite: { Default: "datadoghq.com" } });
    // Whether they are there decides what is loaded, or which rights there are.
    for (const name of ["IncludeAtMatch", "OtlpEndpoint", "DdFetchLambdaTags"]) {
      expect(Parameters).not.toHaveProperty(name);
    }

    const client = {
      endpoint: emulator.endpoint,
      region: "eu-west-1",
      credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
    };
    await new SSMClient(client).send(
      new PutParameterCommand({ Name: "/datadog/key", Type: "SecureString", Value: "0".repeat(32) }),
    );
    const logs = new CloudWatchLogsClient(client);
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const codeBucket = { Resources: { Code: { Type: "AWS::S3::Bucket", Properties: { BucketName: "code" } } } };
    await deploy(client, "code", JSON.stringify(codeBucket));
    const Body = readFileSync(path.join(directory, "dist/forwarder.zip"));
    await s3.send(new PutObjectCommand({ Bucket: "code", Key: "forwarder.zip", Body }));
    const parameters = {
      ...{ CodeBucket: "code", DdUrl: "127.0.0.1", DdPort: String(intake.port), DdNoSsl: "true" },
      ...{ DdTraceIntakeUrl: intake.url, DdApiUrl: intake.url, DdTags: "by:cloudformation", MemorySize: "512" },
    };
    await deploy(client, "plain", TemplateBody, parameters);
    const { properties } = emulator.resources("plain").ForwarderLambdaFunction ?? {};
    expect(String(properties?.MemorySize)).toBe("512");
    expect(properties?.Environment.Variables).toMatchObject({ DD_TAGS: "by:cloudformation", DD_SOURCE: "" });

    const logEvents = [{ timestamp: Date.now(), message: "hello" }];
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    await emulator.idle();
    expect(intake.logs()).toMatchObject([{ message: "hello", ddtags: expect.stringMatching(/^by:cloudformation,/) }]);
    expect(emulator.unknownCalls).toEqual([]);
  }, 60_000);

  async function deploy(
    client: CloudFormationClientConfig,
    StackName: string,
    TemplateBody: string,
    parameters: Record<string, string> = {},
  ) {
    const cloudFormation = new CloudFormationClient(client);
    const stack = { StackName, ChangeSetName: "first" };
    const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    }));
    const change = { ...stack, ChangeSetType: "CREATE", TemplateBody, Parameters } as const;
    await cloudFormation.send(new CreateChangeSetCommand(change));
    await cloudFormation.send(new ExecuteChangeSetCommand(stack));
    await emulator.idle();
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    expect(Stacks?.[0]?.StackStatus).toBe("CREATE_COMPLETE");
  }
});
