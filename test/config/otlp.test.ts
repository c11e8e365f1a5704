import fc from "fast-check";
import { type OtlpSignal, otlpSettings, readHeaders, readOtlpSettings } from "../../src/config/otlp.ts";
import { parseConfig } from "../../src/config.ts";
import { A_KEY } from "../helpers/telemetry.ts";

const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.com:4318" };
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:otlp-AbCdEf";

function signals(env: Record<string, string>): Record<string, OtlpSignal> {
  const { otlp, problems } = readOtlpSettings(env);
  expect(problems).toEqual([]);
  return Object.fromEntries((otlp?.signals ?? []).map((signal) => [signal.signal, signal]));
}

function problemsOf(env: Record<string, string>): string {
  const { problems, otlp } = readOtlpSettings({ ...BASE, ...env });
  expect(otlp).toBeNull();
  return problems.join("\n");
}

describe("OpenTelemetry's variables", () => {
  it("send everything below one endpoint, as gzipped protobuf", () => {
    const { otlp, warnings } = readOtlpSettings(BASE);
    const common = {
      backend: "otlp",
      protocol: "http/protobuf",
      compression: "gzip",
      timeoutMs: 10_000,
      headers: {},
      ownHeaders: {},
      certificate: "",
      clientKey: "",
      clientCertificate: "",
    };
    expect(otlp).toEqual({
      signals: ["traces", "logs", "metrics"].map((signal) => ({
        ...common,
        signal,
        url: `https://collector.example.com:4318/v1/${signal}`,
      })),
      headersSecretArn: "",
      headersSsmName: "",
      jsonLogs: "attributes",
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ["http://localhost:4318", "http://localhost:4318/v1/logs"],
    ["http://localhost:4318/", "http://localhost:4318/v1/logs"],
    ["https://otlp.example.com/otlp", "https://otlp.example.com/otlp/v1/logs"],
    ["https://otlp.example.com/otlp//", "https://otlp.example.com/otlp/v1/logs"],
    ["https://otlp.example.com/otlp?tenant=a", "https://otlp.example.com/otlp/v1/logs?tenant=a"],
  ])("add a signal's path to the endpoint %s", (endpoint, url) => {
    expect(signals({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).logs?.url).toBe(url);
  });

  it("take a signal's own endpoint as it is, and send no signal that has none", () => {
    const own = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://logs.example.com/in?x=1" };
    expect(signals({ ...BASE, ...own }).logs?.url).toBe("https://logs.example.com/in?x=1");
    expect(Object.keys(signals({ ...BASE, ...own }))).toEqual(["traces", "logs", "metrics"]);
    expect(Object.keys(signals(own))).toEqual(["logs"]);
    expect(signals({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://logs.example.com" }).logs?.url).toBe(
      "https://logs.example.com/",
    );
  });

  it("ask for nothing where no endpoint is set, or it is blank", () => {
    for (const env of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: " " }, { OTEL_EXPORTER_OTLP_HEADERS: "a=b" }]) {
      expect(readOtlpSettings(env)).toEqual({ problems: [], warnings: [] });
    }
  });

  it("have a signal's own setting win over the one of all, and are as many backends as differ in who they are to them", () => {
    const given = signals({
      ...BASE,
      OTEL_EXPORTER_OTLP_HEADERS: "Api-Key=a%2Cb,x=1",
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: "x=2",
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_TIMEOUT: "5000",
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "100",
      OTEL_EXPORTER_OTLP_CERTIFICATE: "/var/task/ca.pem",
      OTEL_EXPORTER_OTLP_COMPRESSION: "NONE",
    });
    expect(given.logs).toMatchObject({
      backend: "otlp-logs",
      headers: { "api-key": "a,b", x: "1" },
      ownHeaders: { x: "2" },
      timeoutMs: 5_000,
      certificate: "/var/task/ca.pem",
      compression: "none",
    });
    expect(given.traces).toMatchObject({ backend: "otlp-traces", protocol: "http/json", ownHeaders: {} });
    expect(given.metrics).toMatchObject({ backend: "otlp-metrics", protocol: "http/protobuf", timeoutMs: 100 });
    const protocols = signals({ ...BASE, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" });
    expect(new Set(Object.values(protocols).map(({ backend }) => backend))).toEqual(new Set(["otlp"]));
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, /^OTEL_EXPORTER_OTLP_PROTOCOL is grpc.*use http\/protobuf.*4318$/],
    [{ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "grpc" }, /^OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is grpc/],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "thrift" },
      /^OTEL_EXPORTER_OTLP_PROTOCOL must be http\/protobuf or http\/json, got "thrift"$/,
    ],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: "zstd" }, /^OTEL_EXPORTER_OTLP_COMPRESSION must be gzip or none/],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "10s" }, /^OTEL_EXPORTER_OTLP_TIMEOUT must be a whole number of milliseconds/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, /^OTEL_EXPORTER_OTLP_ENDPOINT must be a URL/],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://u:p@x/" }, /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be a URL/],
    [
      { OTEL_EXPORTER_OTLP_CLIENT_KEY: "/k.pem" },
      /CLIENT_KEY and OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE belong together/,
    ],
    [{ OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: "name" }, /must be the ARN of a Secrets Manager secret$/],
    [
      { OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: SECRET, OTEL_EXPORTER_OTLP_HEADERS_SSM_NAME: "a" },
      /two places for one thing: set one$/,
    ],
    [{ OTLP_JSON_LOGS: "maybe" }, /^OTLP_JSON_LOGS must be attributes or string/],
  ])("are refused with the remedy: %j", (env, problem) => {
    expect(problemsOf(env)).toMatch(problem);
  });

  it("warn of gRPC's port", () => {
    expect(readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317" }).warnings).toEqual([
      "OTEL_EXPORTER_OTLP_ENDPOINT has port 4317, which is usually gRPC's: OTLP over HTTP usually has 4318",
    ]);
  });

  it("never show a header or what was in one", () => {
    const secret = "s3cr3t-0123456789abcdefghijklmnopqrstuv";
    const wrong = [`${secret}`, `a b=${secret}`, `a=%zz${secret}`, `host=${secret}`, `{"a":{"b":"${secret}"}}`];
    for (const OTEL_EXPORTER_OTLP_HEADERS of wrong) {
      const problem = problemsOf({ OTEL_EXPORTER_OTLP_HEADERS });
      expect(problem).toMatch(/^OTEL_EXPORTER_OTLP_HEADERS (must be|has|sets) /);
      expect(problem).not.toContain(secret);
    }
    expect(problemsOf({ OTEL_EXPORTER_OTLP_PROTOCOL: secret })).not.toContain(secret);
  });

  it("are all of OpenTelemetry's four forms of a setting", () => {
    expect(otlpSettings.clientCertificate.variables).toEqual([
      "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
      "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
      "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
      "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    ]);
  });
});

describe("the headers of a list", () => {
  it("are what they were before they were percent-encoded, in text and in JSON", () => {
    const name = fc.stringMatching(/^x[a-z0-9-]{0,10}$/);
    const value = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (headers) => {
        const list = Object.entries(headers).map(([key, text]) => ` ${key} = ${encodeURIComponent(text)} `);
        expect(readHeaders(list.join(","))).toEqual(headers);
        expect(readHeaders(JSON.stringify(headers))).toEqual(headers);
      }),
    );
  });
});

describe("the configuration", () => {
  const { otlp } = readOtlpSettings(BASE);

  it("needs a backend, and says which there are", () => {
    expect(() => parseConfig({})).toThrow(/no Datadog API key: .*OTEL_EXPORTER_OTLP_ENDPOINT/);
    const alone = parseConfig({}, undefined, { problems: [], warnings: [], otlp: otlp ?? null });
    expect(alone).toMatchObject({ sendsToDatadog: false, otlp });
    expect(parseConfig({ DD_API_KEY: A_KEY }, { problems: [], warnings: [], otlp: otlp ?? null })).toMatchObject({
      sendsToDatadog: true,
      otlp,
    });
  });

  it("says of an endpoint that cannot be used what is wrong with it, and asks for no key besides", () => {
    const found = readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" });
    expect(() => parseConfig({}, found)).toThrow(
      /^Invalid configuration:\n {2}- OTEL_EXPORTER_OTLP_ENDPOINT must be [^\n]*$/,
    );
  });
});
