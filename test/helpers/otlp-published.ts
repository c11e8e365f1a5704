/**
 * OpenTelemetry's messages by their published definitions, which a tracer brings, and protobufjs: nothing is shared with
 * what is tested.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto
 */
import path from "node:path";
import protobuf, { type Type } from "protobufjs";

const PROTOS = path.join(__dirname, "../../node_modules/dd-trace/packages/dd-trace/src/opentelemetry/otlp");
const root = new protobuf.Root();
root.resolvePath = (_, target) => path.join(PROTOS, path.basename(target));
root.loadSync(["trace_service.proto", "logs_service.proto", "metrics_service.proto"]);

const NAMES = {
  logs: "logs.v1.ExportLogsService",
  traces: "trace.v1.ExportTraceService",
  metrics: "metrics.v1.ExportMetricsService",
};

export type OtlpSignal = keyof typeof NAMES;
// biome-ignore lint/suspicious/noExplicitAny: whatever was sent
export type Decoded = any;

function typeOf(signal: OtlpSignal, what: "Request" | "Response"): Type {
  return root.lookupType(`opentelemetry.proto.collector.${NAMES[signal]}${what}`);
}

/**
 * A request to export.
 *
 * @param request in the names of OTLP/JSON; ids as bytes, 64-bit numbers as decimal text
 */
export function encodeOtlp(signal: OtlpSignal, request: object): Buffer {
  const type = typeOf(signal, "Request");
  return Buffer.from(type.encode(type.fromObject(request)).finish());
}

/** What protobufjs and the published messages read: ids in hex, 64-bit numbers as texts, bytes in base64. */
export function decodeOtlp(signal: OtlpSignal, body: Uint8Array): Decoded {
  const type = typeOf(signal, "Request");
  const decoded = type.toObject(type.decode(body), { longs: String, bytes: String, arrays: true, json: true });
  return withHexIds(decoded);
}

/** The same of a body in JSON, as OpenTelemetry maps it: hex ids become what protobufjs takes for bytes. */
export function decodeOtlpJson(signal: OtlpSignal, body: Uint8Array): Decoded {
  const given = JSON.parse(Buffer.from(body).toString());
  return decodeOtlp(
    signal,
    encodeOtlp(
      signal,
      changed(given, (hex) => Buffer.from(hex, "hex").toString("base64")),
    ),
  );
}

/** A request with metrics: 64-bit numbers as decimal text, enums by name, fields with their defaults. */
export function decodeMetrics(body: Uint8Array): Record<string, unknown> {
  const type = typeOf("metrics", "Request");
  return type.toObject(type.decode(body), { longs: String, enums: String, arrays: true, defaults: true, oneofs: true });
}

/** An intake's answer; 64-bit numbers as decimal text. */
export function decodeAnswer(signal: OtlpSignal, body: Uint8Array): Record<string, unknown> {
  const type = typeOf(signal, "Response");
  return type.toObject(type.decode(body), { longs: String });
}

/** An answer that says how many were left out. */
export function aPartialSuccess(signal: OtlpSignal, rejected: number, errorMessage = "no"): Buffer {
  const field = { logs: "rejectedLogRecords", traces: "rejectedSpans", metrics: "rejectedDataPoints" }[signal];
  const type = typeOf(signal, "Response");
  return Buffer.from(type.encode(type.fromObject({ partialSuccess: { [field]: rejected, errorMessage } })).finish());
}

/** Attributes as a plain object, of values as they are mapped to JSON. */
export function plain(attributes: { key: string; value: Decoded }[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

export function plainValue(value: Decoded): unknown {
  if (value?.kvlistValue) return plain(value.kvlistValue.values);
  if (value?.arrayValue) return (value.arrayValue.values ?? []).map(plainValue);
  return value?.stringValue ?? value?.intValue ?? value?.doubleValue ?? value?.boolValue ?? value?.bytesValue;
}

function withHexIds(decoded: Decoded): Decoded {
  return changed(decoded, (base64) => Buffer.from(base64, "base64").toString("hex"));
}

function changed(value: Decoded, change: (id: string) => string): Decoded {
  if (Array.isArray(value)) return value.map((item) => changed(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      ["traceId", "spanId", "parentSpanId"].includes(key) ? change(String(item)) : changed(item, change),
    ]),
  );
}
