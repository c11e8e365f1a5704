import { spawnSync } from "node:child_process";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { jsonOf } from "../../src/formats/otlp-values.ts";
import type { OtlpSpan, ResourceSpans, ResourceTelemetry } from "../../src/telemetry.ts";
import { anyLogRecords, anyResourceSpans } from "../helpers/any-otlp.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { linksOf } from "../helpers/links.ts";
import { jsonOfLogs, jsonOfSpans, protobufOfLogs, protobufOfSpans } from "../helpers/otlp-encoders.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const RUNS = propertyRuns(100);
const REQUEST = "e7d1982f-2e24-4e7b-8848-7ee4114da92c";
const SECRET = "lin_api_secret";
const NO_SPANS: ResourceSpans[] = [{ attributes: {}, droppedAttributesCount: 0, schemaUrl: "", scopeSpans: [] }];
const SPANS: ResourceSpans[] = fc.sample(anyResourceSpans, { numRuns: 1, seed: 7 })[0] as ResourceSpans[];

/** A line as exporters print it; what is undefined is left out. */
function aLine(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    __otel_otlp_stdout: "0.17.3",
    source: "orders",
    endpoint: "http://localhost:4318/v1/traces",
    method: "POST",
    "content-type": "application/x-protobuf",
    "content-encoding": "gzip",
    payload: gzipSync(protobufOfSpans(SPANS)).toString("base64"),
    base64: true,
    ...fields,
  });
}

function spansIn({ tracePayloads }: ResourceTelemetry): OtlpSpan[] {
  return tracePayloads.flatMap(({ resourceSpans = [] }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

/** Nothing of it that can leave the forwarder says the secret. */
function expectNoSecret({ logs, slice }: ResourceTelemetry): void {
  for (const { body, message, messageEnd } of logs) {
    expect(body ?? slice.bytes.toString("utf8", message, messageEnd)).not.toContain(SECRET);
  }
}

describe("what an exporter for stdout prints", () => {
  it.each(["simple", "batch"])("is read back span for span, with the SDK's %s processor", (processor) => {
    const program = path.join(__dirname, "otlp-stdout-program.cjs");
    const { stdout, stderr } = spawnSync(process.execPath, [program, processor], {
      encoding: "utf8",
      env: { ...process.env, REQUEST_ID: REQUEST, OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${SECRET}` },
    });
    const lines = stdout.split("\n").filter(Boolean);
    expect(lines).toHaveLength(processor === "batch" ? 1 : 3);
    expect(stdout).toContain(SECRET);
    const telemetry = telemetryOf(lines.map((line) => `${line}\n`));
    expectNoSecret(telemetry);
    const read = spansIn(telemetry).map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      name: span.name,
      kind: span.kind,
      startTimeUnixNano: String(span.startTimeUnixNano),
      endTimeUnixNano: String(span.endTimeUnixNano),
      attributes: jsonOf(span.attributes),
      events: span.events.map(({ name, timeUnixNano, attributes }) => ({
        name,
        timeUnixNano: String(timeUnixNano),
        attributes: jsonOf(attributes),
      })),
      links: span.links.map(({ spanId, attributes }) => ({ spanId, attributes: jsonOf(attributes) })),
      status: span.status,
    }));
    expect(read).toEqual(JSON.parse(stderr));
    expect(telemetry.tracePayloads[0]?.resourceSpans?.[0]?.scopeSpans[0]?.scope).toMatchObject({
      name: "orders",
      version: "1.2.3",
    });
  });

  it("was captured, and links the logs of its request", () => {
    const lines = capturedMessages("otel-stdout/simple-processor.lambda-events.jsonl").slice(1);
    const telemetry = telemetryOf(lines);
    expect(spansIn(telemetry).map(({ name, kind }) => [name, kind])).toEqual([
      ["GET", 3],
      ["charge.card", 1],
      ["invoke", 2],
    ]);
    const root = spansIn(telemetry)[2] as OtlpSpan;
    const requestId = root.attributes["faas.invocation_id"] as string;
    const linked = telemetryOf([`2026-11-21T01:53:45.858Z\t${requestId}\tINFO\thello\n`, ...lines]);
    expect(linksOf(linked)).toEqual([{ traceId: root.traceId, spanId: root.spanId }]);
    expect(linked.logs[0]?.invocation?.service).toBe("orders");
  });

  it("is read whether or not it is compressed, in base64, or JSON", () => {
    const switches = fc.record({ isJson: fc.boolean(), isGzip: fc.boolean(), isBase64: fc.boolean() });
    fc.assert(
      fc.property(anyResourceSpans, switches, (given, { isJson, isGzip, isBase64 }) => {
        const content = isJson ? Buffer.from(jsonOfSpans(given)) : protobufOfSpans(given);
        const isText = isJson && !isGzip && !isBase64;
        const line = aLine({
          "content-type": isJson ? "application/json" : undefined,
          "content-encoding": isGzip ? "gzip" : undefined,
          payload: isText ? content.toString() : (isGzip ? gzipSync(content) : content).toString("base64"),
          base64: isText ? undefined : true,
        });
        expect(telemetryOf([line]).tracePayloads[0]?.resourceSpans).toEqual(given);
      }),
      { numRuns: RUNS },
    );
  });

  it("is read with a payload that is JSON itself", () => {
    const line = aLine({ payload: JSON.parse(jsonOfSpans(SPANS)), base64: false, "content-type": "application/json" });
    expect(telemetryOf([line]).tracePayloads[0]?.resourceSpans).toEqual(SPANS);
  });

  it("is read with spaces between its keys, and inside Lambda's JSON log format", () => {
    const spaced = aLine().replaceAll('":', '": ').replaceAll(',"', ', "');
    const wrapped = { timestamp: "2026-11-21T01:53:45.858Z", level: "INFO", requestId: REQUEST };
    const lines = [
      spaced,
      JSON.stringify({ ...wrapped, message: aLine() }),
      JSON.stringify({ ...wrapped, message: JSON.parse(aLine()) }),
    ];
    expect(telemetryOf(lines).tracePayloads.map(({ resourceSpans }) => resourceSpans)).toEqual([SPANS, SPANS, SPANS]);
  });

  it("becomes log records where it is posted to /v1/logs", () => {
    fc.assert(
      fc.property(anyLogRecords, fc.boolean(), (given, isJson) => {
        const content = isJson ? Buffer.from(jsonOfLogs(given)) : protobufOfLogs(given);
        const line = aLine({
          endpoint: "http://localhost:4318/v1/logs",
          "content-type": isJson ? "application/json" : "application/x-protobuf",
          payload: gzipSync(content).toString("base64"),
          headers: { "x-api-key": SECRET },
        });
        expect(telemetryOf([line]).logs.map(({ otlp }) => otlp)).toEqual(given);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("what an exporter for stdout prints, and cannot be read,", () => {
  const headers = { "x-api-key": SECRET };

  it.each<[string, Record<string, unknown>]>([
    ["metrics", { endpoint: "http://localhost:4318/v1/metrics" }],
    ["no spans", { payload: gzipSync(protobufOfSpans(NO_SPANS)).toString("base64") }],
    ["no payload", { payload: undefined }],
    ["a payload that is a number", { payload: 7 }],
    ["a payload that is damaged", { payload: gzipSync(protobufOfSpans(SPANS)).toString("base64").slice(0, 40) }],
    ["a payload that is no protobuf", { payload: Buffer.from("hello").toString("base64") }],
    ["a payload that is no JSON", { payload: "{", base64: false, "content-type": "application/json" }],
    ["a content type that is an object", { payload: "hello", "content-type": { toString: 1 } }],
  ])("goes on as a log without its headers: %s", (_, fields) => {
    const telemetry = telemetryOf([aLine({ ...fields, headers, level: "INFO" })]);
    expect([telemetry.logs.length, telemetry.tracePayloads, telemetry.dropped]).toEqual([1, [], {}]);
    expectNoSecret(telemetry);
    const { headers: _headers, ...rest } = JSON.parse(aLine({ ...fields, headers, level: "INFO" }));
    expect(JSON.parse(telemetry.logs[0]?.body ?? "")).toEqual(rest);
  });

  it("goes on as it is where it has no headers", () => {
    const { logs } = telemetryOf([aLine({ payload: "AAAA" })]);
    expect(logs).toMatchObject([{ body: null }]);
  });

  it("goes on without headers, however they are spelled and wherever they stand", () => {
    const line = aLine({ payload: "AAAA" });
    const spelled = `{"h\\u0065aders":{"a":"${SECRET}"},${line.slice(1, -1)},"headers" : {"b":"${SECRET}"} }`;
    const telemetry = telemetryOf([spelled]);
    expect(JSON.parse(telemetry.logs[0]?.body ?? "")).toEqual(JSON.parse(line));
    expectNoSecret(telemetry);
  });

  it("goes nowhere where it cannot be told where its headers stand, and is counted", () => {
    const line = aLine({ headers, payload: "AAAA" });
    const wrapped = JSON.stringify({ level: "INFO", message: line });
    for (const given of [line.slice(0, -1), `${line} {${line.slice(1, -1)}`, wrapped, wrapped.slice(0, -2)]) {
      const { logs, tracePayloads, dropped } = telemetryOf(["before", given, "after"]);
      expect([logs.map(({ index }) => index), tracePayloads, dropped]).toEqual([[0, 2], [], { unreadableOtlp: 1 }]);
    }
  });

  it("never goes on with its headers, wherever it is cut", () => {
    const line = aLine({ headers });
    fc.assert(
      fc.property(fc.nat(line.length), (at) => expectNoSecret(telemetryOf([line.slice(0, at)]))),
      { numRuns: RUNS },
    );
  });

  it("is no bomb: what grows beyond four megabytes is not read", () => {
    const bomb = gzipSync(Buffer.alloc(5 * 2 ** 20)).toString("base64");
    const telemetry = telemetryOf([aLine({ payload: bomb, headers })]);
    expect([telemetry.logs.length, telemetry.tracePayloads.length]).toEqual([1, 0]);
    expectNoSecret(telemetry);
  });

  it.each([
    'the key "__otel_otlp_stdout": "is mentioned"',
    '{"msg":"__otel_otlp_stdout"}',
    '{"msg":{"__otel_otlp_stdout":"1"}}',
    '{"message":["__otel_otlp_stdout"]}',
  ])("is something else: %s", (line) => {
    const { logs, dropped } = telemetryOf([line]);
    expect([logs.map(({ body }) => body), dropped]).toEqual([[null], {}]);
  });
});
