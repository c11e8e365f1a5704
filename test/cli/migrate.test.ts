import { mkdtempSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { differences } from "../../src/cli/migrate/differences.ts";
import { run } from "../../src/cli/migrate.ts";
import { aDatadogFunction, aDatadogStack, aPolicy, saved } from "../helpers/datadog-forwarder.ts";
import { aTerminal } from "../helpers/terminal.ts";

const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";
const variables = { DD_API_KEY_SECRET_ARN: SECRET, DD_FETCH_LAMBDA_TAGS: "true", DD_TAGS: "env:prod" };
const ofLogGroup = (name: string, place = "eu-west-1:123456789012"): [string, string] => [
  "logs.amazonaws.com",
  `arn:aws:logs:${place}:log-group:${name}:*`,
];

describe("migrate", () => {
  it("tells settings, log groups, differences and steps of what was saved", async () => {
    const policy = aPolicy(ofLogGroup("/aws/lambda/api"), ["s3.amazonaws.com", "arn:aws:s3:::access-logs"]);
    const stack = aDatadogStack({ DdApiKeySecretArn: SECRET, LogRetentionInDays: "30" });
    const text = await migrate(...saved(aDatadogFunction(variables), policy, stack));
    expect(text).toMatch(/^DatadogForwarder is a Datadog Forwarder: tag dd_forwarder_version 5\.4\.11; description;/);
    expect(text).toMatch(/\n {2}DD_TAGS +env:prod +same +DdTags\n/);
    expect(text).toMatch(/\nLog groups to subscribe\n {2}\/aws\/lambda\/api\n/);
    expect(text).toMatch(/\n {5}npx serverless deploy .*--param DdTags=env:prod --param LogRetentionInDays=30\n/);
    expect(text).toMatch(/--param LogRetentionInDays=30 --param LogGroups=\/aws\/lambda\/api\n/);
    expect(text).toContain("keep the old one for the rest: s3 arn:aws:s3:::access-logs");
    expect(text).toContain("aws --region eu-west-1 cloudformation delete-stack --stack-name datadog");
  });

  it("tells the same to a program, with nothing secret in it", async () => {
    const secrets = { DD_API_KEY: "0123456789abcdef0123456789abcdef", OTHER_TOKEN: "hunter2" };
    const given = saved(aDatadogFunction({ ...secrets, DD_SITE: "datadoghq.eu" }));
    const json = await migrate(...given, "--json");
    expect(json + (await migrate(...given))).not.toMatch(/0123456789abcdef|hunter2/);
    expect(JSON.parse(json)).toMatchObject({
      forwarder: { functionName: "DatadogForwarder", stackName: "datadog" },
      parameters: { DdSite: "datadoghq.eu", DdFetchLambdaTags: "false" },
      missing: { DdApiKeySecretArn: "<ARN of the secret with the API key>" },
      settings: expect.arrayContaining([
        expect.objectContaining({ name: "OTHER_TOKEN", value: null, status: "unknown" }),
        expect.objectContaining({ name: "DD_API_KEY", value: null, status: "secret" }),
      ]),
      commands: { beside: expect.stringContaining("'DdApiKeySecretArn=<ARN of the secret with the API key>'") },
      steps: [
        expect.objectContaining({ what: expect.stringContaining("Put the API key into Secrets Manager") }),
        ...Array(7).fill({}),
      ],
    });
  });

  it("writes the parameters and the log groups into a file", async () => {
    const out = path.join(mkdtempSync(path.join(os.tmpdir(), "out-")), "params.prod.json");
    const text = await migrate(
      ...saved(aDatadogFunction({ ...variables, INCLUDE_AT_MATCH: "a " }), aPolicy(ofLogGroup("/a"))),
      "--out",
      out,
    );
    expect(JSON.parse(readFileSync(out, "utf8"))).toEqual({
      DdApiKeySecretArn: SECRET,
      DdTags: "env:prod",
      IncludeAtMatch: "a ",
      LogGroups: ["/a"],
    });
    expect(text).toContain("is no file that serverless.yml takes by itself");
    expect(text).toContain("IncludeAtMatch: a command line cannot carry the white space in it");
  });

  it("leaves out the log groups of other accounts and regions, and sources that name none, and remarks on them", async () => {
    const policy = aPolicy(
      ofLogGroup("/here"),
      ofLogGroup("/other", "eu-west-1:999999999999"),
      ofLogGroup("/far", "us-east-1:123456789012"),
      ofLogGroup("*"),
    );
    const report = JSON.parse(await migrate(...saved(aDatadogFunction(variables), policy), "--json"));
    expect(report.logGroups).toEqual(["/here"]);
    expect(report.remarks).toHaveLength(3);
  });

  it("understands get-function-configuration and list-event-source-mappings", async () => {
    const { Configuration } = aDatadogFunction(variables) as { Configuration: object };
    const mappings = {
      EventSourceMappings: [{ EventSourceArn: "arn:aws:kinesis:eu-west-1:123456789012:stream/logs" }],
    };
    const text = await migrate(...saved(Configuration, mappings));
    expect(text).toContain("keep the old one for the rest: kinesis arn:aws:kinesis:eu-west-1:123456789012:stream/logs");
  });

  it.each([
    [
      "a function that Datadog's library traces",
      aDatadogFunction(
        { DD_SITE: "datadoghq.eu", DD_TRACE_ENABLED: "true" },
        { Description: "", Handler: "index.handler" },
      ),
      /api|is not a Datadog Forwarder/,
    ],
    [
      "this forwarder",
      aDatadogFunction(variables, { Description: "", Handler: "dist/forwarder.handler" }),
      /is a log-trace-forwarder already/,
    ],
    ["something else", { hello: "world" }, /is no answer of AWS that tells of a forwarder/],
    ["no JSON", "{", /is not JSON/],
    ["stacks of other things", { Stacks: [{ StackName: "a" }, { StackName: "b" }] }, /has 2 stacks, of which 0 are/],
    ["a policy that is no JSON", { Policy: "{" }, /the policy in .* is not JSON/],
  ])("refuses %s, and names the remedy", async (_what, content, problem) => {
    const withoutTag = { ...(content as object), Tags: {} };
    const given = typeof content === "object" && "Tags" in content ? withoutTag : content;
    await expect(migrate(...saved(given))).rejects.toMatchObject({
      name: "CommandError",
      message: expect.stringMatching(problem),
      remedy: expect.stringMatching(/\w{10}|\w+ \w+/),
    });
  });

  it("names a file that is not there, and one that cannot be written", async () => {
    await expect(migrate("--file", "/nowhere.json")).rejects.toMatchObject({
      message: "cannot read /nowhere.json: ENOENT",
    });
    const given = saved(aDatadogFunction(variables));
    await expect(migrate(...given, "--out", "/no/where.json")).rejects.toMatchObject({
      message: "cannot write /no/where.json: ENOENT",
    });
  });

  it.each([[[]], [["--file", "a", "--function", "b"]], [["--json"]]])("refuses the command line %j", async (args) => {
    await expect(migrate(...args)).rejects.toMatchObject({ name: "UsageError" });
  });

  it("points at pages that are there", () => {
    expect(differences.length).toBeGreaterThan(5);
    for (const { page } of differences)
      expect(readFileSync(path.join(__dirname, "../..", page), "utf8")).toMatch(/^# \d+\. /);
  });
});

async function migrate(...args: string[]): Promise<string> {
  const terminal = aTerminal();
  expect(await run(args, terminal)).toBe(0);
  return terminal.printed();
}
