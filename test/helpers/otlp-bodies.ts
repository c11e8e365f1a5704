import { readFileSync } from "node:fs";
import path from "node:path";
import { parse, type Root, Root as RootClass, type Type } from "protobufjs";

/** The published messages, which a tracer brings. */
const PROTOS = path.join(__dirname, "../../node_modules/dd-trace/packages/dd-trace/src/opentelemetry/otlp");
const FILES = ["common", "resource", "logs", "trace", "metrics", "logs_service", "trace_service", "metrics_service"];
const root: Root = new RootClass();
for (const file of FILES) parse(readFileSync(path.join(PROTOS, `${file}.proto`), "utf8"), root, { keepCase: false });
root.resolveAll();

const REQUESTS = {
  logs: "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest",
  traces: "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest",
  metrics: "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest",
};
const RESPONSES = {
  logs: "opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse",
  traces: "opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse",
  metrics: "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse",
};

export type OtlpSignal = keyof typeof REQUESTS;
// biome-ignore lint/suspicious/noExplicitAny: whatever was sent
export type Decoded = any;

/** What protobufjs and the published messages read: ids in hex, 64-bit numbers as texts, bytes in base64. */
export function decodeOtlp(signal: OtlpSignal, body: Uint8Array): Decoded {
  const type: Type = root.lookupType(REQUESTS[signal]);
  const decoded = type.toObject(type.decode(body), { longs: String, bytes: String, arrays: true, json: true });
  return withHexIds(decoded);
}

/** The same of a body in JSON, as OpenTelemetry maps it: hex ids become what protobufjs takes for bytes. */
export function decodeOtlpJson(signal: OtlpSignal, body: Uint8Array): Decoded {
  const type: Type = root.lookupType(REQUESTS[signal]);
  const given = JSON.parse(Buffer.from(body).toString());
  const message = type.fromObject(changed(given, (hex) => Buffer.from(hex, "hex").toString("base64")));
  return decodeOtlp(signal, type.encode(message).finish());
}

/** An answer that says how many were left out. */
export function aPartialSuccess(signal: OtlpSignal, rejected: number, errorMessage = "no"): Buffer {
  const field = { logs: "rejectedLogRecords", traces: "rejectedSpans", metrics: "rejectedDataPoints" }[signal];
  const type = root.lookupType(RESPONSES[signal]);
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
