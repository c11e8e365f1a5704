import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Destination } from "../../src/destinations/destination.ts";
import { allDestinationsFor } from "../../src/destinations/index.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { functionSpans } from "../../src/transforms/function-spans.ts";
import { redactEmail } from "../../src/transforms/redact.ts";
import { scrub } from "../../src/transforms/scrub.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { anOtlpLog, anOtlpSpan, resourceSpans } from "../helpers/otlp.ts";
import { jsonOfLogs, jsonOfSpans, protobufOfLogs, protobufOfSpans } from "../helpers/otlp-encoders.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_START, aRequest } from "../helpers/platform-lines.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

const SECRET = "jane@example.com";

/** What ties spans together, and is left alone in them (decision 14), by the key it stands under. */
const TIES = new Set([
  "service",
  "name", // Datadog's, the operation
  "type",
  "env",
  "version",
  "component",
  "language",
  "service.name",
  "service.version",
  "service.instance.id",
  "deployment.environment.name",
  "deployment.environment",
  "telemetry.sdk.name",
  "telemetry.sdk.language",
  "telemetry.sdk.version",
  "cloud.provider",
  "cloud.platform",
  "cloud.region",
  "cloud.account.id",
  "cloud.resource_id",
  "faas.name",
  "faas.version",
  "faas.invocation_id",
  "aws.request_id",
  "request_id",
  "runtime-id",
  "span.kind",
  "_dd.origin",
  "_dd.base_service",
  "dd_trace",
  "aws.local.service", // the service, in the log group aws/spans
  "serviceName", // the same in Zipkin's spans
]);
/** What a trace carries from service to service. */
const PROPAGATED = "_dd.p.";

let destinations: Destination[];
beforeAll(async () => {
  const signals = (["logs", "traces", "metrics"] as const).map((signal) => ({
    signal,
    backend: "otlp",
    url: `https://collector/v1/${signal}`,
    protocol: "http/json" as const,
    timeoutMs: 1_000,
  }));
  const otlp = { ...aConfig().otlp, signals, jsonLogs: "attributes" as const };
  destinations = await allDestinationsFor({ ...aConfig(), sendsToDatadog: true, otlp }, A_FORWARDER);
});

/** The destinations that are sent the secret. */
async function leaksOf(telemetry: ResourceTelemetry): Promise<string[]> {
  const scrubbed = scrub([redactEmail])(telemetry);
  const leaks: string[] = [];
  for (const destination of destinations) {
    await destination.prepare?.(scrubbed);
    const bodies = bodiesFor(destination, [scrubbed]);
    if (bodies.some(({ body }) => body.includes(SECRET))) leaks.push(destination.name);
  }
  return leaks;
}

/** Each text in some JSON, with the secret behind it, and the key that it stands under. */
function* withSecret(line: string): Generator<{ key: string; line: string }> {
  const whole: unknown = JSON.parse(line);
  const texts: { key: string; holder: Record<string, unknown>; at: string }[] = [];
  const walk = (value: unknown, key: string): void => {
    if (typeof value !== "object" || value === null) return;
    const holder = value as Record<string, unknown>;
    for (const [at, item] of Object.entries(holder)) {
      const name = at === "stringValue" || at === "value" || Array.isArray(value) ? key : at;
      const own = typeof holder.key === "string" && at === "value" ? holder.key : name;
      if (typeof item === "string") texts.push({ key: own, holder, at });
      walk(item, own);
    }
  };
  walk(whole, "");
  for (const { key, holder, at } of texts) {
    const before = holder[at];
    holder[at] = `${before} ${SECRET}`;
    yield { key, line: JSON.stringify(whole) };
    holder[at] = before;
  }
}

const samples = [
  ...readdirSync("events/decoded").flatMap((file) =>
    (
      JSON.parse(readFileSync(`events/decoded/${file}`, "utf8")) as { logEvents: { message: string }[] }
    ).logEvents.flatMap(({ message }) => message),
  ),
  ...capturedMessages("powertools/powertools-logger.lambda-events.jsonl"),
];

const log = anOtlpLog({
  resource: { "service.name": `s ${SECRET}`, "host.name": SECRET, "service.version": SECRET },
  scope: { name: SECRET, version: SECRET, attributes: { a: SECRET }, droppedAttributesCount: 0 },
  severityText: SECRET,
  body: { [SECRET]: [SECRET, { a: SECRET }], m: SECRET },
  attributes: { [SECRET]: "a", b: SECRET, list: [SECRET], map: { [SECRET]: 1n }, "service.name": SECRET },
  eventName: SECRET,
});

const span = anOtlpSpan({
  name: SECRET,
  traceState: `a=${SECRET}`,
  attributes: { a: SECRET, list: [SECRET, 1n], map: { [SECRET]: { deep: SECRET } } },
  events: [
    { timeUnixNano: 1n, name: SECRET, attributes: { a: SECRET }, droppedAttributesCount: 0 },
    { timeUnixNano: 1n, name: "exception", attributes: { "exception.message": SECRET }, droppedAttributesCount: 0 },
  ],
  links: [
    {
      traceId: "1".repeat(32),
      spanId: "1".repeat(16),
      traceState: `a=${SECRET}`,
      flags: 0,
      attributes: { a: SECRET },
      droppedAttributesCount: 0,
    },
  ],
  status: { code: 2, message: SECRET },
});
const spans = [resourceSpans([span], { "service.name": "orders", "host.name": SECRET })];
for (const { scope } of spans[0]?.scopeSpans ?? []) Object.assign(scope, { name: SECRET, version: SECRET });

/** A line of otlp-stdout. */
function stdoutLine(signal: "traces" | "logs", payload: Buffer): string {
  return JSON.stringify({
    __otel_otlp_stdout: "0.17.3",
    source: "orders",
    endpoint: `http://localhost:4318/v1/${signal}`,
    method: "POST",
    "content-type": "application/x-protobuf",
    "content-encoding": "gzip",
    payload: gzipSync(payload).toString("base64"),
    base64: true,
    headers: { authorization: SECRET },
  });
}

describe("what a rule finds", () => {
  const json = [...new Set(samples.filter((line) => /^\s*[[{]/.test(line)).map((line) => line.trim()))].filter(isJson);

  it.each(json.map((line) => [line.slice(0, 60), line]))(
    "leaves by no way, wherever it stands in %s",
    async (_, line) => {
      const leaks: string[] = [];
      for (const { key, line: given } of withSecret(line)) {
        const isKeyOfSpan = key === "key" && line.includes("resourceSpans");
        if (TIES.has(key) || key.startsWith(PROPAGATED) || isKeyOfSpan) continue;
        for (const name of await leaksOf(telemetryOf([given]))) leaks.push(`${name}: ${key}`);
      }
      expect(leaks).toEqual([]);
    },
  );

  it.each([
    ["log records in JSON", jsonOfLogs([log])],
    ["log records in protobuf", stdoutLine("logs", protobufOfLogs([log]))],
    ["log records that are text", jsonOfLogs([{ ...log, attributes: {}, resource: {}, body: SECRET }])],
    ["spans in JSON", jsonOfSpans(spans)],
    ["spans in protobuf", stdoutLine("traces", protobufOfSpans(spans))],
    ["a metric line", JSON.stringify({ m: SECRET, v: 1, e: 1_795_226_069, t: [`user:${SECRET}`] })],
    [
      "a log that names its service",
      JSON.stringify({ msg: "m", dd: { service: SECRET, env: SECRET, version: SECRET } }),
    ],
    ["keys of a log", JSON.stringify({ [SECRET]: 1, in: { [SECRET]: [SECRET] } })],
    [
      "links and events of Datadog's spans",
      aPayload({
        span_links: [{ trace_id: "1", span_id: "2", attributes: { a: SECRET }, tracestate: `a=${SECRET}` }],
        span_events: [{ time_unix_nano: 1, name: SECRET, attributes: { a: { type: 0, string_value: SECRET } } }],
      }),
    ],
  ])("leaves by no way: in %s", async (_, line) => {
    const telemetry = telemetryOf([line]);
    expect(await leaksOf(telemetry)).toEqual([]);
  });

  it("leaves by no way in the spans that are made of a failed request's lines", async () => {
    const error = JSON.stringify({ errorType: "E", errorMessage: SECRET, trace: [SECRET] });
    const line = `2026-11-21T01:54:29.831Z\t276ff3b9-1609-4ee7-a288-db3752630767\tERROR\tInvoke Error \t${error}`;
    const telemetry = functionSpans()(telemetryOf(aRequest([{ timestamp: A_START + 1, message: line }])));
    expect(telemetry.tracePayloads).toHaveLength(1);
    expect(await leaksOf(telemetry)).toEqual([]);
  });

  it("would be found here, were it sent", async () => {
    const telemetry = telemetryOf([jsonOfLogs([log]), jsonOfSpans(spans)]);
    for (const destination of destinations.filter(({ kind }) => kind !== "metrics")) {
      await destination.prepare?.(telemetry);
      expect([destination.name, bodiesFor(destination, [telemetry])[0]?.body.includes(SECRET)]).toEqual([
        destination.name,
        true,
      ]);
    }
  });
});

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
