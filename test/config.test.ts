import fc from "fast-check";
import { type Config, ConfigError, parseConfig, settings } from "../src/config.ts";
import { A_KEY } from "./helpers/telemetry.ts";

const A_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";
const A_CIPHERTEXT = Buffer.alloc(181, "encrypted").toString("base64");

function withKey(env: Record<string, string | undefined> = {}): Config {
  return parseConfig({ DD_API_KEY: A_KEY, ...env });
}

function problemsWith(env: Record<string, string | undefined>): string[] {
  try {
    parseConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}

describe("the settings", () => {
  it("have defaults for everything but the key", () => {
    expect(withKey()).toEqual({
      apiKey: A_KEY,
      apiKeySecretArn: "",
      apiKeySsmName: "",
      apiKeyCiphertext: "",
      site: "datadoghq.com",
      logsHost: "",
      logsPort: 443,
      noSsl: false,
      obfuscateCardNumbers: true,
      removeStackTraces: false,
      reportBatchItemFailures: false,
      skipSslValidation: false,
      traceIntakeUrl: "",
      httpsProxy: "",
      httpProxy: "",
      noProxy: "",
      additionalTargets: [],
      useVpc: false,
      apiUrl: "",
      tags: "",
      source: "",
      enrichS3Tags: true,
      enrichCloudwatchTags: true,
      stepFunctionsTraceEnabled: false,
      forwardLog: true,
      functionSpans: false,
      logSamplingRate: 1,
      keepSlowerThanMs: 0,
      includeAtMatch: "",
      excludeAtMatch: "",
      multilinePattern: "",
      maxObjectMegabytes: 10_240,
      redactIp: false,
      redactEmail: false,
      scrubbingRule: "",
      scrubbingReplacement: "",
      shadowMode: false,
      useCompression: true,
      compressionLevel: 6,
      storeFailedEvents: false,
      bucket: "",
      sqsQueueUrl: "",
      fetchLambdaTags: false,
      fetchLogGroupTags: false,
      fetchS3Tags: false,
      tagsCacheTtlSeconds: 300,
      correlationTable: "",
      destinationTable: "",
      destinations: [],
      correlationHoldMs: 0,
      logLevel: "INFO",
      warnings: [],
      sendsToDatadog: true,
      otlp: null,
    });
  });

  it("are their defaults where a variable is empty or blank, in the template's way", () => {
    const names = Object.values(settings).flatMap(({ variables }) => variables);
    const blank = (text: string): Record<string, string> => Object.fromEntries(names.map((name) => [name, text]));
    for (const text of ["", " ", "\n"]) expect(parseConfig({ ...blank(text), DD_API_KEY: A_KEY })).toEqual(withKey());
  });

  it("ignore white space around a value, and variables they do not know", () => {
    const config = parseConfig({
      DD_API_KEY: ` ${A_KEY}\n`,
      DD_SITE: " datadoghq.eu ",
      DD_UNHEARD_OF: "x",
      PATH: "/bin",
    });
    expect(config).toEqual({ ...withKey(), site: "datadoghq.eu" });
  });

  it.each<[string, string, Partial<Config>]>([
    ["DD_SITE", "us5.datadoghq.com", { site: "us5.datadoghq.com" }],
    ["DD_URL", "logs.example.com", { logsHost: "logs.example.com" }],
    ["DD_PORT", "8080", { logsPort: 8080 }],
    ["DD_PORT", "65535", { logsPort: 65_535 }],
    ["DD_TRACE_INTAKE_URL", "http://localhost:8126/", { traceIntakeUrl: "http://localhost:8126" }],
    ["DD_TRACE_INTAKE_URL", "https://proxy.example.com/traces", { traceIntakeUrl: "https://proxy.example.com/traces" }],
    ["HTTPS_PROXY", "http://proxy.example.com:3128", { httpsProxy: "http://proxy.example.com:3128/" }],
    ["https_proxy", "proxy.example.com:3128", { httpsProxy: "http://proxy.example.com:3128/" }],
    ["http_proxy", "https://us%40er:p%3A@[::1]:3128/", { httpProxy: "https://us%40er:p%3A@[::1]:3128/" }],
    ["DD_HTTP_PROXY", "http://proxy:80", { httpsProxy: "http://proxy/", httpProxy: "http://proxy/" }],
    ["NO_PROXY", "10.0.0.0/8,.example.com", { noProxy: "10.0.0.0/8,.example.com" }],
    ["no_proxy", "*", { noProxy: "*" }],
    [
      "DD_URL",
      "vpce-1a-2b.logs.vpce-svc-3c.us-east-1.vpce.amazonaws.com",
      { logsHost: "vpce-1a-2b.logs.vpce-svc-3c.us-east-1.vpce.amazonaws.com" },
    ],
    ["DD_KMS_API_KEY", A_CIPHERTEXT, { apiKeyCiphertext: A_CIPHERTEXT }],
    [
      "DD_ADDITIONAL_TARGET_LAMBDAS",
      "arn:aws:lambda:eu-west-1:123456789012:function:a:live, b,,123456789012:function:c:$LATEST,b,",
      {
        additionalTargets: [
          "arn:aws:lambda:eu-west-1:123456789012:function:a:live",
          "b",
          "123456789012:function:c:$LATEST",
        ],
      },
    ],
    ["DD_USE_VPC", "true", { useVpc: true }],
    ["DD_API_URL", "https://api.example.com/", { apiUrl: "https://api.example.com" }],
    ["DD_TAGS", "env:dev, team:a", { tags: "env:dev, team:a" }],
    ["DD_COMPRESSION_LEVEL", "0", { compressionLevel: 0 }],
    ["DD_COMPRESSION_LEVEL", "-5", { compressionLevel: 0 }],
    ["DD_COMPRESSION_LEVEL", "12", { compressionLevel: 9 }],
    ["FUNCTION_SPANS", "true", { functionSpans: true }],
    ["LOG_SAMPLING_RATE", "0.05", { logSamplingRate: 0.05 }],
    ["LOG_SAMPLING_RATE", ".5", { logSamplingRate: 0.5 }],
    ["LOG_SAMPLING_RATE", "0", { logSamplingRate: 0 }],
    ["LOG_SAMPLING_RATE", "1.0", {}],
    ["LOG_SAMPLING_KEEP_SLOWER_THAN_MS", "2000", { keepSlowerThanMs: 2_000 }],
    ["DD_FETCH_LAMBDA_TAGS", "True", { fetchLambdaTags: true }],
    ["DD_TAGS_CACHE_TTL_SECONDS", "3600", { tagsCacheTtlSeconds: 3600 }],
    ["DD_TAGS_CACHE_TTL_SECONDS", "-1", { tagsCacheTtlSeconds: 0 }],
    ["DD_LOG_LEVEL", "debug", { logLevel: "DEBUG" }],
    ["DD_LOG_LEVEL", "TRACE", { logLevel: "DEBUG" }],
    ["DD_LOG_LEVEL", "Warning", { logLevel: "WARN" }],
    ["DD_LOG_LEVEL", "CRITICAL", { logLevel: "ERROR" }],
    ["DD_API_KEY_SECRET_ARN", A_SECRET, { apiKeySecretArn: A_SECRET }],
    ["DD_API_KEY_SSM_NAME", "/datadog/api-key", { apiKeySsmName: "/datadog/api-key" }],
    [
      "DD_API_KEY_SSM_NAME",
      "arn:aws:ssm:eu-west-1:1:parameter/k",
      { apiKeySsmName: "arn:aws:ssm:eu-west-1:1:parameter/k" },
    ],
  ])("take %s=%s", (variable, text, expected) => {
    expect(withKey({ [variable]: text })).toEqual({ ...withKey(), ...expected });
  });

  it.each<[string, string[]]>([
    ["DD_API_KEY", ["x", "0".repeat(31), "0".repeat(33), `${"0".repeat(31)}é`]],
    [
      "DD_API_KEY_SECRET_ARN",
      ["x", "arn:aws:secretsmanager:eu-west-1:1:parameter:x", "arn:aws:secretsmanager:::secret:", "a b"],
    ],
    ["DD_API_KEY_SSM_NAME", ["a b", "a\nb", "a?"]],
    ["DD_SITE", ["https://datadoghq.eu", "datadoghq.eu/", "datadoghq eu", "user@host", "host:443"]],
    ["DD_URL", ["https://logs.example.com", "logs.example.com:443", "a b"]],
    ["DD_PORT", ["0", "65536", "-1", "x", "1.5", "1e3", "0x50", "٣", "443 tcp"]],
    [
      "DD_TRACE_INTAKE_URL",
      ["x", "localhost:8126", "ftp://x", "https://u@x", "https://:p@x", "https://x?a=b", "https://x#a", "https://"],
    ],
    ["DD_API_URL", ["x", "api.datadoghq.eu", "https://u:p@x", "https://x?a=b"]],
    ["DD_COMPRESSION_LEVEL", ["x", "1.5", "best", "--6"]],
    ["LOG_SAMPLING_RATE", ["x", "10%", "1.1", "-0.1", "1e-3", "0x1", ".", "1.", "0,5", "NaN", "Infinity"]],
    ["LOG_SAMPLING_KEEP_SLOWER_THAN_MS", ["2s", "-1", "1.5"]],
    ["DD_KMS_API_KEY", ["x", A_KEY, `${A_CIPHERTEXT}=`, `${A_CIPHERTEXT.slice(0, -4)}?==`, "a".repeat(65)]],
    [
      "HTTPS_PROXY",
      [
        "http://",
        "socks5://proxy:1080",
        "http://proxy/path",
        "http://proxy?a",
        "http://u:50%@proxy",
        "ftp://proxy",
        "a b",
      ],
    ],
    ["http_proxy", ["://", "proxy:port"]],
    [
      "DD_ADDITIONAL_TARGET_LAMBDAS",
      ["a b", "arn:aws:s3:::bucket", "a,arn:aws:lambda:eu-west-1:1:function:x", "a:b:c"],
    ],
    ["DD_LOG_LEVEL", ["x", "__proto__", "constructor", "5"]],
  ])("refuse a malformed %s, naming it", (variable, texts) => {
    for (const text of texts) {
      const problems = problemsWith({ DD_API_KEY: A_KEY, [variable]: text });
      expect([text, problems]).toEqual([text, [expect.stringMatching(new RegExp(`^${variable} must be .*`))]]);
    }
  });

  it("refuse to start without a key, and say what to do", () => {
    const [problem] = problemsWith({});
    expect(problem).toContain("no Datadog API key");
    for (const remedy of ["DD_API_KEY_SECRET_ARN", "DD_API_KEY_SSM_NAME", "DD_API_KEY"])
      expect(problem).toContain(remedy);
    expect(problemsWith({ DD_API_KEY: " " })).toEqual([problem]);
    expect(problemsWith({ DD_API_KEY_SECRET_ARN: A_SECRET })).toEqual([]);
    expect(problemsWith({ DD_API_KEY_SSM_NAME: "name" })).toEqual([]);
    expect(problemsWith({ DD_KMS_API_KEY: A_CIPHERTEXT })).toEqual([]);
  });

  it("name every bad setting in one message", () => {
    const env = {
      DD_PORT: "x",
      DD_SITE: "a b",
      DD_LOG_LEVEL: "loud",
      DD_TRACE_INTAKE_URL: "x",
      DD_COMPRESSION_LEVEL: "x",
    };
    expect(() => parseConfig(env)).toThrow(ConfigError);
    try {
      parseConfig(env);
    } catch (error) {
      const [title, ...problems] = (error as Error).message.split("\n");
      expect(title).toBe("Invalid configuration:");
      expect(problems.map((problem) => problem.split(" ")[3])).toEqual([
        "DD_SITE",
        "DD_PORT",
        "DD_TRACE_INTAKE_URL",
        "DD_COMPRESSION_LEVEL",
        "DD_LOG_LEVEL",
        "no",
      ]);
    }
  });
});

describe("a flag", () => {
  const flags = [
    ["DD_FORWARD_LOG", "forwardLog"],
    ["DdForwarderLog", "forwardLog"],
    ["DD_NO_SSL", "noSsl"],
    ["DD_SKIP_SSL_VALIDATION", "skipSslValidation"],
    ["DD_USE_COMPRESSION", "useCompression"],
  ] as const;

  it.each(flags)("%s is true in any letter case, and false in any", (variable, name) => {
    for (const text of ["true", "True", "TRUE", " tRuE "])
      expect(withKey({ [variable]: text })).toMatchObject({ [name]: true, warnings: [] });
    for (const text of ["false", "False", "FALSE", "fAlSe"])
      expect(withKey({ [variable]: text })).toMatchObject({ [name]: false, warnings: [] });
  });

  it.each(flags)("%s is false when it is neither, with a warning", (variable, name) => {
    for (const text of ["1", "yes", "on", "0", "no", "t", "truee"]) {
      const warning = `${variable} is "${text}", which counts as false: use true or false`;
      expect(withKey({ [variable]: text })).toMatchObject({ [name]: false, warnings: [warning] });
    }
  });

  it("is taken from its first variable that is set", () => {
    expect(withKey({ DD_FORWARD_LOG: "true", DdForwarderLog: "false" }).forwardLog).toBe(true);
    expect(withKey({ DD_FORWARD_LOG: "", DdForwarderLog: "False" }).forwardLog).toBe(false);
  });
});

describe("a proxy's password", () => {
  it("is in no message", () => {
    for (const url of ["socks5://user:hunter2@proxy", "http://user:hunter2@proxy/path", "http://user:hunter2%@proxy"]) {
      expect(problemsWith({ DD_API_KEY: A_KEY, HTTPS_PROXY: url }).join()).toMatch(/^(?!.*hunter2)HTTPS_PROXY must be/);
    }
  });
});

describe("the key", () => {
  it("is in no message, whatever variables it was given to", () => {
    const names = Object.values(settings).flatMap(({ variables }) => variables);
    const aKey = fc.stringMatching(/^[0-9a-f]{32}$|^[0-9a-zA-Z]{40}$/);
    fc.assert(
      fc.property(aKey, fc.constantFrom("", " ", "x", "\n", "https://", "key="), (key, prefix) => {
        for (const name of names) {
          const said = problemsWith({ DD_PORT: "bad", [name]: prefix + key }).join();
          expect(said).not.toContain(key);
        }
        expect(withKey({ DD_FORWARD_LOG: key, DD_NO_SSL: prefix + key }).warnings.join()).not.toContain(key);
      }),
    );
  });

  it("is in no message even when it is malformed", () => {
    expect(problemsWith({ DD_API_KEY: "hunter2" }).join()).not.toContain("hunter2");
  });
});
