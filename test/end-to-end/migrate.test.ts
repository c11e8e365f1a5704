import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { run } from "../../src/cli/migrate.ts";
import { aDatadogFunction, aDatadogStack, aPolicy, saved } from "../helpers/datadog-forwarder.ts";
import { aTerminal } from "../helpers/terminal.ts";

jest.setTimeout(60_000);

/** What the old function has, and the new one is to have; no value is the default here. */
const SAME: Record<string, string> = {
  DD_API_KEY_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf",
  DD_SITE: "us3.datadoghq.com",
  DD_URL: "logs.example.com",
  DD_PORT: "8443",
  DD_API_URL: "https://api.example.com",
  DD_TRACE_INTAKE_URL: "https://trace.example.com",
  DD_NO_SSL: "true",
  DD_SKIP_SSL_VALIDATION: "true",
  DD_FORWARD_LOG: "false",
  DD_USE_COMPRESSION: "false",
  DD_COMPRESSION_LEVEL: "3",
  DD_TAGS: 'env:prod,team:it\'s "quoted" $HOME',
  DD_SOURCE: "mine",
  DD_USE_VPC: "true",
  INCLUDE_AT_MATCH: String.raw`^\{"a=b": \d{2,}`,
  EXCLUDE_AT_MATCH: String.raw`\bhealth|'\s*$`,
  REDACT_IP: "true",
  REDACT_EMAIL: "true",
  DD_SCRUBBING_RULE: String.raw`(card=)\d+`,
  DD_SCRUBBING_RULE_REPLACEMENT: String.raw`\1xxx`,
  DD_FETCH_LAMBDA_TAGS: "false",
  DD_FETCH_LOG_GROUP_TAGS: "true",
  DD_FETCH_S3_TAGS: "true",
  DD_ENRICH_S3_TAGS: "false",
  DD_ENRICH_CLOUDWATCH_TAGS: "false",
  DD_TAGS_CACHE_TTL_SECONDS: "600",
  DD_STORE_FAILED_EVENTS: "true",
  DD_S3_BUCKET_NAME: "failures",
  DD_ADDITIONAL_TARGET_LAMBDAS: "arn:aws:lambda:eu-west-1:123456789012:function:archive",
  DD_STEP_FUNCTIONS_TRACE_ENABLED: "true",
  DD_LOG_LEVEL: "WARN",
  HTTPS_PROXY: "http://proxy.example.com:3128",
  HTTP_PROXY: "http://proxy.example.com:3128",
  NO_PROXY: "10.0.0.0/8",
};

describe("what migrate writes", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), "service-"));
    for (const name of ["serverless.yml", "serverless", "package.json", "dist"]) {
      cpSync(name, path.join(directory, name), { recursive: true });
    }
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("is a command line that makes the same function", async () => {
    const { commands, parameters } = JSON.parse(await migrate(SAME, "--json"));
    expect(Object.keys(parameters).length).toBeGreaterThanOrEqual(Object.keys(SAME).length - 1);
    await serverless(commands.subscribe);
    expectSame(SAME, ["/aws/lambda/api"]);
    expect(commands.subscribe).toBe(`${commands.beside} --param LogGroups=/aws/lambda/api`);
  });

  it("is a file that makes the same function, also where a command line would cut a value", async () => {
    const old = { ...SAME, EXCLUDE_AT_MATCH: "first\nsecond  " };
    const out = path.join(directory, "params.prod.json");
    const { commands } = JSON.parse(await migrate(old, "--json", "--out", out));
    expect(commands).toEqual({
      beside: "npx serverless deploy --stage prod --region eu-west-1 --param LogGroups=,",
      subscribe: "npx serverless deploy --stage prod --region eu-west-1",
    });
    await serverless(commands.subscribe);
    expectSame(old, ["/aws/lambda/api"]);
    await serverless(commands.beside);
    expectSame(old, []);
  });

  async function migrate(variables: Record<string, string>, ...args: string[]): Promise<string> {
    const vpc = { VpcConfig: { SubnetIds: ["subnet-1", "subnet-2"], SecurityGroupIds: ["sg-1"] }, MemorySize: 512 };
    const stack = aDatadogStack({ DdForwarderExistingBucketName: "failures", LogRetentionInDays: "30" });
    const policy = aPolicy(["logs.amazonaws.com", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/api:*"]);
    const terminal = { ...aTerminal(), root: directory };
    await run([...saved(aDatadogFunction(variables, vpc), stack, policy), ...args], terminal);
    return terminal.printed();
  }

  /** Runs the command in a shell, but for packaging instead of deploying. */
  async function serverless(command: string): Promise<void> {
    const program = path.resolve("node_modules/serverless/bin/serverless.js");
    const line = command.replace(/^npx serverless deploy/, `'${process.execPath}' '${program}' package`);
    const env = { PATH: process.env.PATH ?? "", HOME: directory, AWS_REGION: "eu-west-1" };
    await promisify(execFile)("/bin/sh", ["-c", line], { cwd: directory, env });
  }

  function expectSame(variables: Record<string, string>, logGroups: string[]): void {
    const file = path.join(directory, ".serverless/cloudformation-template-update-stack.json");
    const { Resources } = JSON.parse(readFileSync(file, "utf8"));
    const { Environment, VpcConfig, MemorySize } = Resources.ForwarderLambdaFunction.Properties;
    expect(Environment.Variables).toMatchObject(variables);
    expect(VpcConfig).toEqual({ SubnetIds: ["subnet-1", "subnet-2"], SecurityGroupIds: ["sg-1"] });
    expect(MemorySize).toBe(512);
    expect(Resources.ForwarderLogGroup.Properties.RetentionInDays).toBe(30);
    const subscribed = Object.values(
      Resources as Record<string, { Type: string; Properties: { LogGroupName: string } }>,
    )
      .filter(({ Type }) => Type === "AWS::Logs::SubscriptionFilter")
      .map(({ Properties }) => Properties.LogGroupName);
    expect(subscribed).toEqual(logGroups);
  }
});
