import { readFileSync } from "node:fs";
import { findingsOn } from "../../src/cli/deployed-settings.ts";

const settingProblems = require("../../serverless/setting-problems.cjs");

const serverlessYml = readFileSync("serverless.yml", "utf8");
const found = (environment: object): Promise<{ problems: string[]; warnings: string[] }> =>
  settingProblems(environment, serverlessYml, findingsOn);

describe("serverless/setting-problems", () => {
  it("finds nothing in variables that the function takes, nor in those that only CloudFormation knows", async () => {
    const environment = {
      DD_API_KEY_SSM_NAME: "/datadog/key",
      DD_SITE: "datadoghq.eu",
      DD_USE_COMPRESSION: true,
      DD_COMPRESSION_LEVEL: 6,
      DD_TAGS: null,
      DD_STORE_FAILED_EVENTS: "true",
      DD_S3_BUCKET_NAME: { Ref: "FailureBucket" },
      SUBSCRIBE_PATTERN: "",
    };
    expect(await found(environment)).toEqual({ problems: [], warnings: [] });
  });

  it.each([
    [{ DD_COMPRESSION_LEVEL: "fast" }, 'DdCompressionLevel must be a whole number from 0 to 9, got "fast".'],
    [{ REDACT_IP: "yes" }, 'RedactIp must be true or false, got "yes".'],
    [{ DD_FORWARD_LOG: 1 }, 'DdForwardLog must be true or false, got "1".'],
    [{ INCLUDE_AT_MATCH: "(" }, /^IncludeAtMatch cannot be used: missing closing \)/],
    [{ SUBSCRIBE_PATTERN: "(?!a)" }, /^SubscribePattern looks ahead .* give that to SubscribeExclude\.$/],
    [{ INCLUDE_AT_MATCH: "(?!a)" }, /^IncludeAtMatch looks ahead .* give that to ExcludeAtMatch\.$/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector" }, /^OtlpEndpoint must be a URL/],
    [{ DD_ADDITIONAL_TARGET_LAMBDAS: "a b" }, /^AdditionalTargetLambdaArns must be/],
    [{ DESTINATIONS: '[{"name":"a","type":"otlp"}]' }, /^Destinations entry "a": endpoint is missing/],
    [{ HTTPS_PROXY: "ftp://proxy", HTTP_PROXY: "ftp://proxy" }, /^DdHttpProxyURL must be/],
  ])("says of %j, once and by the parameter's name, what the function would say", async (environment, problem) => {
    const { problems } = await found({ DD_API_KEY_SSM_NAME: "/datadog/key", ...environment });
    expect(problems).toEqual([typeof problem === "string" ? problem : expect.stringMatching(problem)]);
  });

  it("says what is probably not meant", async () => {
    const { problems, warnings } = await found({ DD_SCRUBBING_RULE: '\\\\"password' });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^DdScrubbingRule looks for a backslash before a quote/)]);
  });
});
