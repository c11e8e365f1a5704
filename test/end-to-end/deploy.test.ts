import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  TagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { ResourceGroupsTaggingAPIClient, TagResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import type { Properties } from "../emulator/service.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { BUCKET } from "../helpers/s3-notices.ts";
import { sampleObjects, sampleReach } from "../helpers/sample-objects.ts";
import { readingOf } from "../helpers/telemetry.ts";

const apiKey = "0123456789abcdef0123456789abcdef";
const logGroupName = "/aws/lambda/thinker-microservice";
const logGroupArn = `arn:aws:logs:eu-west-1:123456789012:log-group:${logGroupName}`;
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice";
const otherLogGroupName = "/ecs/thinker";
const logStreamName = "2026/11/21/[$LATEST]3f8a0c52d1794e6b9a8c7d6e5f403122";

/** The tests are one story: a life of a deployment, told in order. */
describe("serverless", () => {
  let directory: string;
  let emulator: Emulator;
  let intake: TestIntake;
  let logs: CloudWatchLogsClient;
  let tagging: ResourceGroupsTaggingAPIClient;
  let secretArn: string;
  const printed: string[] = [];

  beforeAll(async () => {
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
    directory = aServiceDirectory();
    [emulator, intake] = await Promise.all([startEmulator(), anIntake()]);
    const client = {
      endpoint: emulator.endpoint,
      region: "eu-west-1",
      credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
    };
    logs = new CloudWatchLogsClient(client);
    tagging = new ResourceGroupsTaggingAPIClient(client);
    for (const group of [logGroupName, otherLogGroupName]) {
      await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
      await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
    }
    const SecretString = JSON.stringify({ DD_API_KEY: apiKey });
    const secret = await new SecretsManagerClient(client).send(
      new CreateSecretCommand({ Name: "datadog", SecretString }),
    );
    secretArn = secret.ARN ?? "";
    await new SSMClient(client).send(
      new PutParameterCommand({ Name: "/datadog/key", Type: "SecureString", Value: apiKey }),
    );
  });

  afterAll(async () => {
    await Promise.all([emulator?.stop(), intake?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });

  it("package says what to do when it does not know where the API key is, or a parameter is of no use", async () => {
    const { exitCode, output } = await serverless(
      "package",
      ...["--param", "SourceZipUrl=https://example.com/zip"],
      ...["--param", "DdForwradLog=false", "--param", "RedriveIntervalInMinutes=often", "--param", "AlarmTopicArn=me"],
    );
    expect(exitCode).toBe(1);
    expect(output).toContain("No Datadog API key. Store it in Secrets Manager or in SSM and say where");
    expect(output).toContain("--param DdApiKeySecretArn=");
    expect(output).toContain("Unknown parameter DdForwradLog.");
    expect(output).toContain("Unknown parameter SourceZipUrl, which the Datadog Forwarder has: the function's code is");
    expect(output).toContain("RedriveIntervalInMinutes must be a whole number of minutes");
    expect(output).toContain("AlarmTopicArn must be the ARN of a standard SNS topic");
  });

  it("package makes a template with the place of the API key, and with rights for nothing else", async () => {
    await succeeds("package", ...parameters({ DdApiKeySecretArn: secretArn }));
    const { Resources } = packagedTemplate();
    expect(Resources.ForwarderLambdaFunction.Properties).toMatchObject({
      FunctionName: "log-trace-forwarder-dev",
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "dist/forwarder.handler",
      MemorySize: 1024,
      Timeout: 120,
      Environment: {
        Variables: { DD_API_KEY_SECRET_ARN: secretArn, DD_FORWARD_LOG: "true", DD_SITE: "datadoghq.com" },
      },
    });
    expect(Resources.ForwarderLogGroup.Properties.RetentionInDays).toBe(90);
    const bucketArn = { "Fn::GetAtt": ["FailureBucket", "Arn"] };
    expect(statementsIn(Resources)).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: { "Fn::GetAtt": ["ForwarderLogGroup", "Arn"] },
      },
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArn },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: { "Fn::GetAtt": ["OnFailureQueue", "Arn"] } },
      {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        Resource: { "Fn::Join": ["", [bucketArn, "/failed_events/*"]] },
      },
      {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: bucketArn,
        Condition: { StringLike: { "s3:prefix": "failed_events/*" } },
      },
      { Effect: "Allow", Action: "tag:GetResources", Resource: "*" },
      {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        Resource: { "Fn::Join": ["", [bucketArn, "/cache/*"]] },
      },
    ]);
  });

  it("package makes a template with a queue in place of the bucket, and no right to everything", async () => {
    const DdSqsQueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events";
    await succeeds(
      "package",
      ...parameters({ DdApiKeySecretArn: secretArn, DdSqsQueueUrl, DdFetchLambdaTags: "false" }),
    );
    const { Resources } = packagedTemplate();
    expect(Resources).not.toHaveProperty("FailureBucket");
    const { Variables } = Resources.ForwarderLambdaFunction.Properties.Environment;
    expect(Variables).toMatchObject({ DD_STORE_FAILED_EVENTS: "true", DD_SQS_QUEUE_URL: DdSqsQueueUrl });
    expect(Variables).not.toHaveProperty("DD_S3_BUCKET_NAME");
    expect(statementsIn(Resources).map(({ Resource }) => Resource)).not.toContain("*");
    expect(statementsIn(Resources).at(-1)).toMatchObject({
      Action: expect.arrayContaining(["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
      Resource: { "Fn::Sub": `arn:\${AWS::Partition}:sqs:eu-west-1:123456789012:failed-events` },
    });
  });

  it("package makes a template without store, schedule and alarms", async () => {
    const off = { DdStoreFailedEvents: "false", Alarms: "false" };
    await succeeds("package", ...parameters({ DdApiKeySecretArn: secretArn, ...off }));
    const types = Object.values(packagedTemplate().Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === "AWS::CloudWatch::Alarm" || type === "AWS::Events::Rule")).toEqual([]);
    expect(packagedTemplate().Resources).not.toHaveProperty("FailureBucket");
    expect(packagedTemplate().Resources.ForwarderLambdaFunction.Properties.Environment.Variables).toMatchObject({
      DD_STORE_FAILED_EVENTS: "false",
    });
  });

  it("package puts the function into a VPC, behind a proxy, with rights to invoke its targets and to decrypt its key", async () => {
    const KmsKeyList = "arn:aws:kms:eu-west-1:123456789012:key/1";
    const target = "arn:aws:lambda:eu-west-1:123456789012:function:archive";
    const given = {
      DdKmsApiKey: Buffer.alloc(180, "encrypted").toString("base64"),
      KmsKeyList,
      VPCSubnetIds: "subnet-1,subnet-2",
      VPCSecurityGroupIds: "sg-1",
      DdUseVPC: "true",
      DdHttpProxyURL: "http://proxy.example.com:3128",
      DdNoProxy: "10.0.0.0/8",
      AdditionalTargetLambdaArns: target,
      IamRolePath: "/logging/",
      PermissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
      DdForwarderBucketsAccessLogsTarget: "access-logs",
    };
    await succeeds("package", ...parameters(given));
    const { Resources } = packagedTemplate();
    const { VpcConfig, Environment } = Resources.ForwarderLambdaFunction.Properties;
    expect(VpcConfig).toEqual({ SubnetIds: ["subnet-1", "subnet-2"], SecurityGroupIds: ["sg-1"] });
    expect(Environment.Variables).toMatchObject({
      DD_KMS_API_KEY: given.DdKmsApiKey,
      HTTPS_PROXY: given.DdHttpProxyURL,
      HTTP_PROXY: given.DdHttpProxyURL,
      NO_PROXY: "10.0.0.0/8",
      DD_USE_VPC: "true",
      DD_ADDITIONAL_TARGET_LAMBDAS: target,
    });
    expect(Resources.ForwarderRole.Properties).toMatchObject({
      Path: "/logging/",
      PermissionsBoundary: given.PermissionsBoundaryArn,
    });
    expect(statementsIn(Resources)).toEqual(
      expect.arrayContaining([
        { Effect: "Allow", Action: "kms:Decrypt", Resource: [KmsKeyList] },
        { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: [target] },
        expect.objectContaining({ Effect: "Deny", Action: expect.arrayContaining(["ec2:CreateNetworkInterface"]) }),
      ]),
    );
    expect(Resources.FailureBucket.Properties.LoggingConfiguration).toEqual({ DestinationBucketName: "access-logs" });
  });

  it("deploy makes a forwarder of what is written to the log group", async () => {
    await succeeds("deploy", ...parameters({ DdApiKeySecretArn: secretArn, LogGroups: logGroupName }));
    await write(logGroupName, "thinker-microservice: 'caf\u00e9' is thought\n", aTraceLine("414ae78d188f3825"));

    expect(intake.logs()).toEqual([
      expect.objectContaining({ message: "thinker-microservice: 'caf\u00e9' is thought\n" }),
    ]);
    expect(intake.tracePayloads().map((payload) => payload.includes("thinker"))).toEqual([true]);
    expect(intake.requests.map((request) => request.headers["dd-api-key"])).toEqual([apiKey, apiKey]);
    for (const { path: url, body, headers } of intake.requests) {
      const { "dd-api-key": _, ...others } = headers;
      expect(url + body.toString("latin1") + JSON.stringify(others)).not.toContain(apiKey);
    }
  });

  it("deploy makes a place for what is not delivered, a schedule that redrives it, and alarms", () => {
    const resources = emulator.resources("log-trace-forwarder-dev");
    const ofType = (type: string) => Object.values(resources).filter((resource) => resource.type === type);
    const bucket = resources.FailureBucket?.physicalId ?? "";
    expect(bucket).toMatch(/^log-trace-forwarder-dev-failurebucket-/);
    expect(resources.ForwarderLambdaFunction?.properties.Environment.Variables).toMatchObject({
      DD_STORE_FAILED_EVENTS: "true",
      DD_S3_BUCKET_NAME: bucket,
    });
    expect(statementsOf(resources.ForwarderRole?.properties)).toContainEqual(
      expect.objectContaining({ Action: "s3:ListBucket", Resource: `arn:aws:s3:::${bucket}` }),
    );
    expect(ofType("AWS::Events::Rule").map(({ properties }) => properties)).toMatchObject([
      { ScheduleExpression: "rate(10 minutes)", State: "ENABLED", Targets: [{ Input: '{"retry":true}' }] },
    ]);
    expect(resources.OnFailureQueue?.properties).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
    expect(ofType("AWS::Lambda::EventInvokeConfig").map(({ properties }) => properties)).toMatchObject([
      { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 },
    ]);
    const alarms = ofType("AWS::CloudWatch::Alarm").map(({ properties }) => properties);
    expect(alarms.map(({ MetricName }) => MetricName)).toEqual([
      "aws.dd_forwarder.unaccounted",
      "Errors",
      "ApproximateNumberOfMessagesVisible",
      "DestinationDeliveryFailures",
      "aws.dd_forwarder.events_stored",
      "aws.dd_forwarder.oldest_stored_age_seconds",
    ]);
    for (const { AlarmDescription } of alarms) expect(AlarmDescription).not.toContain("${");
  });

  it("invoke runs the deployed function", async () => {
    const before = intake.logs().length;
    await succeeds("invoke", "--function", "forwarder", "--path", "events/plain-text-no-lambda.json");
    expect(
      intake
        .logs()
        .slice(before)
        .map(({ message }) => message),
    ).toEqual(
      readJson("events/decoded/plain-text-no-lambda.json").logEvents.map(({ message }: { message: string }) => message),
    );
  });

  it("info names the function", async () => {
    expect(await succeeds("info")).toContain("forwarder: log-trace-forwarder-dev");
  });

  it("deploy again without a change does nothing", async () => {
    const output = await succeeds("deploy", ...parameters({ DdApiKeySecretArn: secretArn, LogGroups: logGroupName }));
    expect(output).toContain("No changes to deploy");
  });

  it("logs have the tags of their function and of their log group, which are kept in the bucket", async () => {
    const tags = { DdFetchLogGroupTags: "true", LogGroups: logGroupName };
    await succeeds("deploy", ...parameters({ DdApiKeySecretArn: secretArn, ...tags }));
    await tagging.send(
      new TagResourcesCommand({ ResourceARNList: [functionArn], Tags: { Team: "Thinkers", env: "prod" } }),
    );
    await logs.send(new TagResourceCommand({ resourceArn: logGroupArn, tags: { "Cost Centre": "42" } }));
    const bucket = emulator.resources("log-trace-forwarder-dev").FailureBucket?.physicalId ?? "";
    for (const key of emulator.s3.keys(bucket)) if (key.startsWith("cache/")) emulator.s3.remove(bucket, key);
    await write(logGroupName, "tagged");
    const { message, ddtags } = intake.logs().at(-1) ?? {};
    expect(message).toBe("tagged");
    expect(String(ddtags).split(",")).toEqual(expect.arrayContaining(["team:thinkers", "env:prod", "cost_centre:42"]));
    expect(emulator.s3.keys(bucket).map((key) => key.replace(/[0-9a-f]{40}/, "…"))).toEqual([
      "cache/…_lambda.json",
      "cache/log-group/…/arn_aws_logs_eu-west-1_123456789012_log-group__aws_lambda_thinker-microservice.json",
    ]);
  });

  it("deploy again with other parameters changes the key's place, the log groups, and what is sent", async () => {
    const LogGroups = `${logGroupName},${otherLogGroupName}`;
    await succeeds(
      "deploy",
      ...parameters({ DdApiKeySsmParameterName: "/datadog/key", DdForwarderLog: "false", LogGroups }),
    );
    const before = intake.requests.length;
    await write(logGroupName, "thinking about nothing\n", aTraceLine("52d90b1c7ae43f06"));
    await write(otherLogGroupName, "thinking about nothing\n", aTraceLine("6b58d019a9cb0a10"));
    const after = intake.requests.slice(before);
    expect(after.map(({ path: url }) => url)).toEqual(["/api/v0.2/traces", "/api/v0.2/traces"]);
    expect(after.map(({ headers }) => headers["dd-api-key"])).toEqual([apiKey, apiKey]);
  });

  it("keeps the API key out of the template, what is printed, and the function's log", async () => {
    const packaged = readdirSync(path.join(directory, ".serverless"));
    expect(packaged).toContain("cloudformation-template-update-stack.json");
    for (const file of packaged) {
      expect(readFileSync(path.join(directory, ".serverless", file), "utf8")).not.toContain(apiKey);
    }
    const lines = await printedByFunction();
    expect(lines.filter((line) => line.startsWith("REPORT"))).toHaveLength(5);
    expect([...printed, ...lines].filter((text) => text.includes(apiKey))).toEqual([]);
  });

  it("an event that the function fails on for good waits in a queue, with the error", async () => {
    const damaged = { awslogs: { data: "damaged" } };
    await succeeds("invoke", "--function", "forwarder", "--type", "Event", "--data", JSON.stringify(damaged));
    await emulator.idle();
    const queueUrl = emulator.resources("log-trace-forwarder-dev").OnFailureQueue?.physicalId ?? "";
    expect(emulator.sqs.messages(queueUrl).map(({ body }) => JSON.parse(body))).toMatchObject([
      { requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 }, requestPayload: damaged },
    ]);
  });

  it("what the intake does not take is in the bucket, until the schedule has it sent again", async () => {
    const bucket = emulator.resources("log-trace-forwarder-dev").FailureBucket?.physicalId ?? "";
    const keys = () =>
      emulator.s3
        .keys(bucket)
        .filter((key) => !key.startsWith("cache/"))
        .map((key) => key.replace(/[0-9a-f]{40}|[0-9a-f]+-[0-9a-f]+(?=\.gz)/g, "…"));
    intake.replies.push(404);
    const before = intake.tracePayloads().length;
    await write(logGroupName, aTraceLine("1f00000000000001"));
    expect({ keys: keys(), more: intake.tracePayloads().length - before }).toEqual({
      keys: ["failed_events/…/traces/….gz"],
      more: 0,
    });
    await emulator.runSchedules();
    expect({ keys: keys(), more: intake.tracePayloads().length - before }).toEqual({ keys: [], more: 1 });
    const ledgers = (await printedByFunction()).filter((line) => line.startsWith('{"message":"ledger"'));
    expect(ledgers.slice(-2).map((line) => JSON.parse(line).ledger)).toMatchObject([
      { destinations: { "datadog-traces": { offered: 1, stored: { "HTTP 404": 1 } } }, unaccounted: 0 },
      { redrive: { offered: 1, delivered: 1, oldestStoredAgeSeconds: 0 }, unaccounted: 0 },
    ]);
  });

  it("the schedule finds nothing to do most of the time, and leaves nothing behind", async () => {
    const before = intake.requests.length;
    await emulator.runSchedules();
    expect(intake.requests.length).toBe(before);
    expect(
      JSON.parse((await printedByFunction()).findLast((line) => line.startsWith('{"message":"ledger"')) ?? ""),
    ).toMatchObject({
      ledger: { redrive: { batches: 0 }, destinations: {}, unaccounted: 0 },
    });
  });

  it("remove leaves the bucket of failed events and nothing else, without being told the parameters again", async () => {
    const bucket = emulator.resources("log-trace-forwarder-dev").FailureBucket?.physicalId;
    await succeeds("remove");
    expect(emulator.contents()).toEqual([
      `bucket ${bucket}`,
      `log group ${logGroupName}`,
      `log group ${otherLogGroupName}`,
      "secret datadog",
      "parameter /datadog/key",
    ]);
  });

  it("makes no AWS call that the emulator does not have", () => {
    expect(emulator.unknownCalls).toEqual([]);
  });

  it("invoke local takes every sample event", async () => {
    const files = readdirSync("events").filter((file) => file.endsWith(".json"));
    const before = intake.requests.length;
    for (const [key, content] of sampleObjects()) emulator.s3.store(BUCKET, key, content);
    await Promise.all(
      files.map(async (file) => {
        const event = ["--function", "forwarder", "--path", `events/${file}`];
        await succeeds("invoke", "local", ...event, ...parameters({}));
      }),
    );
    const options = { loadReach: sampleReach };
    const read = await Promise.all(files.map((file) => readingOf(readJson(`events/${file}`), undefined, options)));
    const withSome = (list: "logs" | "tracePayloads"): number =>
      read.filter(({ telemetry }) => telemetry.some((part) => part[list].length > 0)).length;
    const urls = intake.requests.slice(before).map(({ path: url }) => url);
    expect(urls.filter((url) => url === "/api/v2/logs")).toHaveLength(withSome("logs"));
    expect(urls.filter((url) => url === "/api/v0.2/traces")).toHaveLength(withSome("tracePayloads"));
  });

  /** Ends when the log events are forwarded. */
  async function write(group: string, ...messages: string[]) {
    const timestamp = Date.now();
    const logEvents = messages.map((message) => ({ timestamp, message }));
    await logs.send(new PutLogEventsCommand({ logGroupName: group, logStreamName, logEvents }));
    await emulator.idle();
  }

  /** The lines of the deployed function's log. */
  async function printedByFunction(): Promise<string[]> {
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/aws/lambda/log-trace-forwarder-dev" }),
    );
    return events.map(({ message }) => message ?? "");
  }

  function packagedTemplate(): { Resources: Properties } {
    return readJson(".serverless/cloudformation-template-update-stack.json");
  }

  function parameters(given: Record<string, string>): string[] {
    const toIntake = {
      DdUrl: "127.0.0.1",
      DdPort: String(intake.port),
      DdNoSsl: "true",
      DdTraceIntakeUrl: intake.url,
      DdApiUrl: intake.url,
    };
    return Object.entries({ ...toIntake, ...given }).flatMap(([name, value]) => ["--param", `${name}=${value}`]);
  }

  async function succeeds(...command: string[]): Promise<string> {
    const { exitCode, output } = await serverless(...command);
    if (exitCode !== 0) throw new Error(`serverless ${command.join(" ")} failed:\n${output}`);
    return output;
  }

  /** Runs the real command. */
  async function serverless(...command: string[]): Promise<{ exitCode: number; output: string }> {
    const program = path.resolve("node_modules/serverless/bin/serverless.js");
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: directory,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      SLS_AWS_MONITORING_FREQUENCY: "100",
      ...emulator.environment,
      // Read by `invoke local` only: a deployed function has the environment of the template.
      DD_API_KEY: apiKey,
    };
    return new Promise((resolve) => {
      const options = { cwd: directory, env, timeout: 60_000 };
      execFile(process.execPath, [program, ...command], options, (error, stdout, stderr) => {
        const output = stdout + stderr;
        printed.push(output);
        resolve({ exitCode: error ? Number(error.code ?? 1) : 0, output });
      });
    });
  }

  function readJson(file: string) {
    return JSON.parse(readFileSync(path.join(directory, file), "utf8"));
  }
});

/** What the function's role may do. */
function statementsIn({ ForwarderRole }: Properties): Properties[] {
  return statementsOf(ForwarderRole.Properties);
}

function statementsOf(role: Properties | undefined): Properties[] {
  const policies: Properties[] = role?.Policies ?? [];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument?.Statement ?? []);
}

/** A copy of what the command reads, because it writes into the directory it runs in. */
function aServiceDirectory(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), "service-"));
  for (const name of ["serverless.yml", "serverless", "package.json", "dist", "events"]) {
    cpSync(name, path.join(directory, name), { recursive: true });
  }
  return directory;
}

function aTraceLine(traceId: string): string {
  const span = { trace_id: traceId, span_id: traceId, parent_id: "0000000000000000", name: "think", resource: "think" };
  const times = { start: Date.now() * 1e6, duration: 1e6 };
  return `${JSON.stringify({ traces: [[{ ...span, service: "thinker", error: 0, meta: {}, metrics: {}, ...times }]] })}\n`;
}

jest.setTimeout(60_000);
