import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import type { Context } from "aws-lambda";
import { readOtlpSettings } from "../../src/config/otlp.ts";
import type { Ledger } from "../../src/delivery/ledger.ts";
import { createForwarder } from "../../src/handlers/forwarder.ts";
import { datadogAt } from "../helpers/built-forwarder.ts";
import { aDelivery, capturedMessages } from "../helpers/deliveries.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { anOtlpLog, anOtlpSpan, resourceSpans } from "../helpers/otlp.ts";
import { jsonOfLogs, jsonOfSpans } from "../helpers/otlp-encoders.ts";
import {
  aPartialSuccess,
  type Decoded,
  decodeOtlp,
  decodeOtlpJson,
  type OtlpSignal,
} from "../helpers/otlp-published.ts";
import { aPayload } from "../helpers/payloads.ts";
import { aProxy, type TestProxy } from "../helpers/proxy.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const CERTIFICATE = path.join(__dirname, "../helpers/certificate/certificate.pem");
const KEY = path.join(__dirname, "../helpers/certificate/key.pem");
const CONTENT = "the customer's secret";

let output: string[];
let stopping: { stop(): Promise<void> }[];
beforeEach(() => {
  output = [];
  stopping = [];
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    output.push(String(text));
    return true;
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(stopping.map((it) => it.stop()));
});

const open = async <It extends { stop(): Promise<void> }>(opening: Promise<It>): Promise<It> => {
  const it = await opening;
  stopping.push(it);
  return it;
};

/** A forwarder that knows no backend but what the variables name. */
function aForwarder(env: Record<string, string>, msLeft = 5_000): (event: unknown) => Promise<Ledger> {
  const handler = createForwarder(env, undefined, readOtlpSettings(env));
  return async (event) => {
    const context = {
      functionName: "Forwarder",
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder",
      getRemainingTimeInMillis: () => msLeft,
    };
    await handler(event, context as Context);
    return ledgers().at(-1) as Ledger;
  };
}

const ledgers = (): Ledger[] =>
  output.filter((line) => line.includes('"ledger"')).map((line) => (JSON.parse(line) as { ledger: Ledger }).ledger);

const to = ({ url }: TestIntake): Record<string, string> => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });

/** What each request for a signal held. */
function received({ requests }: TestIntake, signal: OtlpSignal): Decoded[] {
  return requests
    .filter((request) => request.path === `/v1/${signal}`)
    .map(({ headers, body }) =>
      (headers["content-type"] === "application/json" ? decodeOtlpJson : decodeOtlp)(signal, body),
    );
}

const bodiesOf = (requests: Decoded[]): string[] =>
  requests.flatMap(({ resourceLogs }) =>
    resourceLogs.flatMap(({ scopeLogs }: Decoded) =>
      scopeLogs.flatMap(({ logRecords }: Decoded) => logRecords.map(({ body }: Decoded) => body.stringValue)),
    ),
  );

const captured = capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl").filter(
  (line) => !line.includes('"e":'),
);

describe("the forwarder with an OpenTelemetry backend", () => {
  it.each([
    ["http/protobuf", "application/x-protobuf"],
    ["http/json", "application/json"],
  ])("delivers logs and spans by %s alone, compressed, each log with a span's ids", async (protocol, contentType) => {
    const backend = await open(anIntake());
    const ledger = await aForwarder({
      ...to(backend),
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20b",
    })(aDelivery(captured));
    expect(ledger).toMatchObject({ events: captured.length, traceLines: 1, unaccounted: 0 });
    expect(Object.keys(ledger.destinations).filter((name) => name.startsWith("datadog"))).toEqual([]);
    for (const { headers } of backend.requests) {
      expect(headers).toMatchObject({ "content-type": contentType, "content-encoding": "gzip", "api-key": "a b" });
    }
    const spans = received(backend, "traces").flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap((it: Decoded) => it.scopeSpans.flatMap((scope: Decoded) => scope.spans)),
    );
    expect(spans).toHaveLength(ledger.spans);
    const logs = received(backend, "logs").flatMap(({ resourceLogs }) =>
      resourceLogs.flatMap((it: Decoded) => it.scopeLogs.flatMap((scope: Decoded) => scope.logRecords)),
    );
    expect(logs).toHaveLength(ledger.logs);
    const linked = logs.filter(({ spanId }: Decoded) => spans.some((span: Decoded) => span.spanId === spanId));
    expect(linked.length).toBeGreaterThan(2);
    expect(output.join("")).not.toContain("a b");
  });

  it("sends the same to Datadog and to OpenTelemetry side by side, and the books hold for both", async () => {
    const [backend, datadog] = await Promise.all([open(anIntake()), open(anIntake())]);
    const ledger = await aForwarder({ ...to(backend), ...datadogAt(datadog) })(aDelivery(["one", "two", aPayload({})]));
    expect(bodiesOf(received(backend, "logs"))).toEqual(["one", "two"]);
    expect(datadog.logs().map(({ message }) => message)).toEqual(["one", "two"]);
    expect(datadog.tracePayloads()).toHaveLength(1);
    expect(received(backend, "traces")).toHaveLength(1);
    const delivered = { offered: 2, delivered: 2 };
    expect(ledger).toMatchObject({
      destinations: { "datadog-logs": delivered, "otlp-logs": delivered, "otlp-traces": { offered: 1, delivered: 1 } },
      unaccounted: 0,
    });
    for (const { headers } of backend.requests) expect(headers).not.toHaveProperty("dd-api-key");
  });

  it("says of each log where it is from, also of deliveries that are forwarded at once, one after another", async () => {
    const backend = await open(anIntake());
    const forward = aForwarder(to(backend));
    const groups = ["/ecs/one", "/ecs/two", "/ecs/three"];
    // More than one request holds.
    const deliveryOf = (logGroup: string) => aDelivery(Array(6_000).fill(logGroup), { logGroup });
    for (const count of [3, 2]) await Promise.all(groups.slice(0, count).map((group) => forward(deliveryOf(group))));
    const told: Record<string, number> = {};
    for (const { resourceLogs } of received(backend, "logs")) {
      for (const { resource, scopeLogs } of resourceLogs) {
        const { value } = resource.attributes.find(({ key }: Decoded) => key === "aws.log.group.names");
        const group = value.stringValue ?? value.arrayValue.values[0].stringValue;
        for (const { logRecords } of scopeLogs) {
          for (const { body } of logRecords) expect(body.stringValue).toBe(group);
          told[group] = (told[group] ?? 0) + logRecords.length;
        }
      }
    }
    expect(told).toEqual({ "/ecs/one": 12_000, "/ecs/two": 12_000, "/ecs/three": 6_000 });
  });

  it("delivers to one backend what the other refuses, and halves it there until the culprit stands alone", async () => {
    const [backend, datadog] = await Promise.all([open(anIntake(400, 400, 200, 200)), open(anIntake())]);
    const s3 = await open(startS3());
    const forward = aForwarder({
      ...{ ...to(backend), ...datadogAt(datadog) },
      ...stored(s3),
    });
    const ledger = await forward(aDelivery([CONTENT, "two", "three", "four"]));
    expect(datadog.logs()).toHaveLength(4);
    // All four, two of them, one, and the other; then the other two.
    expect(bodiesOf(received(backend, "logs").slice(0, 4)).length).toBe(4 + 2 + 1 + 1);
    expect(ledger.destinations["otlp-logs"]).toMatchObject({ offered: 4, delivered: 4, stored: {} });
    expect(ledger.unaccounted).toBe(0);
    expect(output.join("")).not.toContain(CONTENT);
  });

  it("stores what a backend does not take for now, and sends it there and nowhere else later", async () => {
    const [backend, datadog, s3] = await Promise.all([open(anIntake(404, 404)), open(anIntake()), open(startS3())]);
    const forward = aForwarder({ ...to(backend), ...datadogAt(datadog), ...stored(s3) });
    const first = await forward(aDelivery(["one", "two", aPayload({})]));
    expect(first.destinations).toMatchObject({
      "otlp-logs": { stored: { "HTTP 404": 2 } },
      "otlp-traces": { stored: { "HTTP 404": 1 } },
      "datadog-logs": { delivered: 2 },
    });
    backend.requests.splice(0);
    const before = datadog.requests.length;
    const second = await forward({ retry: true });
    expect(second.redrive).toMatchObject({ batches: 2, offered: 3, delivered: 3, quarantined: 0 });
    expect(bodiesOf(received(backend, "logs"))).toEqual(["one", "two"]);
    expect(received(backend, "traces")[0].resourceSpans).toHaveLength(1);
    expect(datadog.requests).toHaveLength(before);
  });

  it("sends and stores nothing that a rule scrubs, at either backend", async () => {
    const secret = "jane@example.com of s3cr3t";
    const lines = [
      secret,
      JSON.stringify({ msg: secret, dd: { service: secret } }),
      jsonOfLogs([anOtlpLog({ body: { a: secret }, attributes: { [secret]: [secret] }, resource: { a: secret } })]),
      jsonOfSpans([resourceSpans([anOtlpSpan({ name: secret, traceState: secret })], { a: secret })]),
      aPayload({ resource: secret, meta: { a: secret } }),
      JSON.stringify({ m: "coffee", v: 1, e: 1_795_226_069, t: [`user:${secret}`] }),
    ];
    const refusals = Array(6).fill(404) as 404[];
    const [backend, datadog, s3] = await Promise.all([
      open(anIntake(...refusals)),
      open(anIntake(...refusals)),
      open(startS3()),
    ]);
    const rules = { REDACT_EMAIL: "true", DD_SCRUBBING_RULE: "s3cr3t", DD_SCRUBBING_RULE_REPLACEMENT: "word" };
    const forward = aForwarder({ ...to(backend), ...datadogAt(datadog), ...stored(s3), ...rules });
    const ledger = await forward(aDelivery(lines));
    expect(ledger).toMatchObject({ events: 6, logs: 3, traceLines: 2, metricLines: 1, unaccounted: 0 });
    const objects = s3.s3.keys("failed-events").filter((key) => key !== "unrelated");
    const bodies = objects.map((key) => gunzipSync(s3.s3.object("failed-events", key)));
    expect(bodies).toHaveLength(6);
    await forward({ retry: true });
    const sentBodies = [...backend.requests, ...datadog.requests].map(({ body }) => body);
    expect(sentBodies.length).toBeGreaterThanOrEqual(12);
    for (const body of [...bodies, ...sentBodies, Buffer.from(output.join(""))]) {
      expect(body.includes("jane@") || body.includes("s3cr3t")).toBe(false);
    }
    for (const body of bodies) expect(body.includes("xxxxx@xxxxx.com of word")).toBe(true);
  });

  it("leaves what a Datadog Forwarder stored where it is, while there is no Datadog to send it to", async () => {
    const [backend, s3] = await Promise.all([open(anIntake()), open(startS3())]);
    const settings = stored(s3);
    const folder = createHash("sha1").update("arn:aws:lambda:eu-west-1:123456789012:function:forwarder").digest("hex");
    const left = `failed_events/${folder}/logs/left`;
    s3.s3.store("failed-events", left, JSON.stringify(['{"message":"left"}']));
    const ledger = await aForwarder({ ...to(backend), ...settings })({ retry: true });
    expect(s3.s3.keys("failed-events")).toContain(left);
    expect(ledger.redrive).toMatchObject({ left: { "no such destination": 1 }, quarantined: 0 });
    expect(backend.requests).toEqual([]);
  });

  it.each([429, 502, 503, 504])("sends again at HTTP %i what it may", async (status) => {
    const backend = await open(anIntake({ status, headers: { "retry-after": "0" } }, 200));
    const ledger = await aForwarder(to(backend))(aDelivery(["one"]));
    expect(bodiesOf(received(backend, "logs"))).toEqual(["one", "one"]);
    expect(ledger.destinations["otlp-logs"]).toMatchObject({ delivered: 1, retried: { [`HTTP ${status}`]: 1 } });
  });

  it.each(["http/protobuf", "http/json"])(
    "counts what a backend left out of what it took, by %s, and does not send it again",
    async (protocol) => {
      const body =
        protocol === "http/json"
          ? JSON.stringify({ partialSuccess: { rejectedLogRecords: "2", errorMessage: CONTENT } })
          : aPartialSuccess("logs", 2, CONTENT);
      const backend = await open(anIntake({ status: 200, headers: {}, body }));
      const env = { ...to(backend), OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
      const ledger = await aForwarder(env)(aDelivery(["one", "two", "three"]));
      expect(ledger.destinations["otlp-logs"]).toMatchObject({ offered: 3, delivered: 3, requests: 1, rejected: 2 });
      expect(ledger.unaccounted).toBe(0);
      expect(output.join("")).toContain('"aws.dd_forwarder.events_rejected":2');
      expect(output.join("")).not.toContain(CONTENT);
    },
  );

  it("sends one signal where only that has an endpoint, as it is, and says how many events it skipped", async () => {
    const backend = await open(anIntake());
    const env = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${backend.url}/in?tenant=a` };
    const ledger = await aForwarder(env)(aDelivery(["one", aPayload({})]));
    expect(backend.requests.map((request) => request.path)).toEqual(["/in?tenant=a"]);
    expect(ledger).toMatchObject({ skipped: { "no endpoint for traces": 1 }, unaccounted: 0 });
  });

  it("gives each signal its own headers where they differ, and compresses nothing where it is told so", async () => {
    const backend = await open(anIntake());
    await aForwarder({
      ...to(backend),
      OTEL_EXPORTER_OTLP_HEADERS: "who=all",
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: "who=logs",
      OTEL_EXPORTER_OTLP_COMPRESSION: "none",
    })(aDelivery(["one", aPayload({})]));
    const who = backend.requests.map(({ path, headers }) => [path, headers.who, headers["content-encoding"]]);
    expect(who.sort()).toEqual([
      ["/v1/logs", "logs", undefined],
      ["/v1/traces", "all", undefined],
    ]);
  });

  it("waits for an answer as long as it is told", async () => {
    const backend = await open(anIntake("hang"));
    const ledger = await aForwarder({ ...to(backend), OTEL_EXPORTER_OTLP_TIMEOUT: "50" })(aDelivery(["one"]));
    expect(ledger.destinations["otlp-logs"]).toMatchObject({ delivered: 1, retried: { timeout: 1 } });
  });
});

describe("the forwarder with an OpenTelemetry backend over TLS", () => {
  it("trusts the certificate it is given, and shows its own", async () => {
    const backend = await open(anIntake.withClientCertificates());
    const ledger = await aForwarder({
      ...to(backend),
      OTEL_EXPORTER_OTLP_CERTIFICATE: CERTIFICATE,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: KEY,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CERTIFICATE,
    })(aDelivery(["one"]));
    expect(ledger.destinations["otlp-logs"]).toMatchObject({ delivered: 1 });
  });

  it("does so through a proxy too", async () => {
    const [backend, proxy]: [TestIntake, TestProxy] = await Promise.all([
      open(anIntake.withClientCertificates()),
      open(aProxy()),
    ]);
    await aForwarder({
      ...to(backend),
      OTEL_EXPORTER_OTLP_CERTIFICATE: CERTIFICATE,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: KEY,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CERTIFICATE,
      HTTPS_PROXY: proxy.url,
    })(aDelivery(["one"]));
    expect(bodiesOf(received(backend, "logs"))).toEqual(["one"]);
    expect(proxy.asked[0]).toBe(`CONNECT 127.0.0.1:${backend.port}`);
  });

  it("trusts nobody without, whatever Datadog's intakes are trusted with", async () => {
    const backend = await open(anIntake.withTls());
    const forward = aForwarder({ ...to(backend), DD_SKIP_SSL_VALIDATION: "true" }, 1_000);
    await expect(forward(aDelivery(["one"]))).rejects.toThrow(
      /otlp-logs: 1 of 1 not delivered \(DEPTH_ZERO_SELF_SIGNED/,
    );
    expect(backend.requests).toEqual([]);
  });

  it.each([
    [
      { OTEL_EXPORTER_OTLP_CERTIFICATE: "/nowhere/ca.pem" },
      /cannot read \/nowhere\/ca.pem: ENOENT; a file for the function/,
    ],
    [
      { OTEL_EXPORTER_OTLP_CLIENT_KEY: __filename, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CERTIFICATE },
      /no certificates and key can be made of .*: they must be PEM/,
    ],
  ])("says which file cannot be used: %j", async (files, problem) => {
    const backend = await open(anIntake.withTls());
    await expect(aForwarder({ ...to(backend), ...files })(aDelivery(["one"]))).rejects.toThrow(problem);
  });
});

describe("the headers of an OpenTelemetry backend", () => {
  const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:otlp-AbCdEf";
  let aws: Server;
  let secrets: string[];
  let asked: (string | undefined)[];
  beforeEach(async () => {
    secrets = [];
    asked = [];
    aws = createServer((request, response) => {
      request.resume();
      const target = String(request.headers["x-amz-target"]);
      asked.push(target.split(".")[1]);
      const text = secrets.length > 1 ? secrets.shift() : secrets[0];
      const body = target.startsWith("AmazonSSM") ? { Parameter: { Value: text } } : { SecretString: text };
      response
        .writeHead(text === undefined ? 400 : 200, { "content-type": "application/x-amz-json-1.1" })
        .end(JSON.stringify(text === undefined ? { __type: "AccessDeniedException" } : body));
    });
    await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    Object.assign(process.env, { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  });
  afterEach(() => {
    delete process.env.AWS_ENDPOINT_URL;
    aws.close();
    aws.closeAllConnections();
  });

  it.each([
    ["a secret's text", { OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: ARN }, "api-key=k%3D1,who=secret", "GetSecretValue"],
    [
      "a secret's JSON",
      { OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: ARN },
      '{"Api-Key":"k=1","who":"secret"}',
      "GetSecretValue",
    ],
    ["a parameter", { OTEL_EXPORTER_OTLP_HEADERS_SSM_NAME: "/otlp" }, " api-key=k%3D1,who=secret\n", "GetParameter"],
  ])("come from %s once, over the plain ones, and are nowhere else", async (_, env, text, call) => {
    secrets = [text];
    const backend = await open(anIntake());
    const forward = aForwarder({ ...to(backend), ...env, OTEL_EXPORTER_OTLP_HEADERS: "who=plain,plain=1" });
    await forward(aDelivery(["one", aPayload({})]));
    await forward(aDelivery(["two"]));
    for (const { headers } of backend.requests) {
      expect(headers).toMatchObject({ "api-key": "k=1", who: "secret", plain: "1" });
    }
    expect(asked).toEqual([call]);
    expect(output.join("")).not.toContain("k=1");
  });

  it.each([401, 403])("are read again once when the backend answers %i", async (status) => {
    secrets = ["api-key=old", "api-key=new"];
    const backend = await open(anIntake(status));
    const ledger = await aForwarder({ ...to(backend), OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: ARN })(aDelivery(["one"]));
    expect(backend.requests.map(({ headers }) => headers["api-key"])).toEqual(["old", "new"]);
    expect(ledger.destinations["otlp-logs"]).toMatchObject({ delivered: 1 });
  });

  it("that cannot be had stop what goes there and nothing else, and the error says what to do", async () => {
    const [backend, datadog] = await Promise.all([open(anIntake()), open(anIntake())]);
    const env = { ...to(backend), ...datadogAt(datadog), OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: ARN };
    await expect(aForwarder(env)(aDelivery(["one"]))).rejects.toThrow(
      "otlp-logs: 1 of 1 not delivered (no credentials)",
    );
    expect(datadog.logs()).toHaveLength(1);
    secrets = ["no pairs at all"];
    await expect(
      aForwarder({ ...to(backend), OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: ARN })(aDelivery(["one"])),
    ).rejects.toThrow(/^the secret arn:.* must be pairs as name=value/);
    expect(output.join("")).not.toContain("no pairs at all");
    secrets = [];
    await expect(
      aForwarder({ ...to(backend), OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN: ARN })(aDelivery(["one"])),
    ).rejects.toThrow(
      /^cannot read the OTLP headers from the secret arn:.*: AccessDeniedException; check that it exists/,
    );
  });
});

function stored({ environment, s3 }: S3Server): Record<string, string> {
  Object.assign(process.env, environment);
  s3.store("failed-events", "unrelated", "");
  return { DD_STORE_FAILED_EVENTS: "true", DD_S3_BUCKET_NAME: "failed-events" };
}
