/** Spans and log records as others write them: in protobuf, and in JSON however it may be spelled. */
import type { AnyValue, Attributes, OtlpLogRecord, ResourceSpans } from "../../src/telemetry.ts";
import { encodeOtlp, type OtlpSignal } from "./otlp-published.ts";

/** How JSON is spelled, where it may be spelled in more than one way. */
export interface Spelling {
  /** Whole numbers as numbers, where the default is text. */
  isNumeric: boolean;
  isUpperCase: boolean;
  /** Enums by name. */
  isNamed: boolean;
  /** Fields with their default value are left out. */
  isSparse: boolean;
}

const USUAL: Spelling = { isNumeric: false, isUpperCase: false, isNamed: false, isSparse: false };
const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const CODES = ["UNSET", "OK", "ERROR"];

export function protobufOfSpans(resourceSpans: ResourceSpans[]): Buffer {
  return encoded(
    "traces",
    spansRequest(resourceSpans, (hex) => Buffer.from(hex, "hex")),
  );
}

/** @param records of one scope of one resource */
export function protobufOfLogs(records: OtlpLogRecord[]): Buffer {
  return encoded(
    "logs",
    logRecordsRequest(records, (hex) => Buffer.from(hex, "hex")),
  );
}

export function jsonOfSpans(resourceSpans: ResourceSpans[], spelling: Partial<Spelling> = {}): string {
  return json(
    spansRequest(resourceSpans, (id) => id),
    { ...USUAL, ...spelling },
  );
}

/** @param records of one scope of one resource */
export function jsonOfLogs(records: OtlpLogRecord[], spelling: Partial<Spelling> = {}): string {
  return json(
    logRecordsRequest(records, (id) => id),
    { ...USUAL, ...spelling },
  );
}

function encoded(signal: OtlpSignal, request: object): Buffer {
  // protobufjs takes 64-bit numbers as text.
  const texts = JSON.parse(JSON.stringify(request, (_, value) => (typeof value === "bigint" ? String(value) : value)));
  return encodeOtlp(signal, restored(texts, request) as object);
}

/** A copy of what was given with bytes as they were, and numbers that JSON has not. */
function restored(copy: unknown, given: unknown): unknown {
  if (given instanceof Uint8Array || typeof given === "number") return given;
  if (typeof given !== "object" || given === null) return copy;
  for (const key of Object.keys(given)) {
    const value = restored((copy as Record<string, unknown>)[key], (given as Record<string, unknown>)[key]);
    (copy as Record<string, unknown>)[key] = value;
  }
  return copy;
}

function json(request: object, { isNumeric, isUpperCase, isNamed, isSparse }: Spelling): string {
  const text = JSON.stringify(request, function (this: Record<string, unknown>, key, value) {
    const given = this[key];
    if (typeof given === "bigint") return isNumeric ? `<number ${given}>` : String(given);
    if (given instanceof Uint8Array) return Buffer.from(given).toString("base64");
    if (typeof value === "number" && !Number.isFinite(value)) return String(value);
    if (["traceId", "spanId", "parentSpanId"].includes(key) && typeof value === "string" && isUpperCase) {
      return value.toUpperCase();
    }
    if (isNamed && key === "kind") return `SPAN_KIND_${KINDS[value]}`;
    if (isNamed && key === "code") return `STATUS_CODE_${CODES[value]}`;
    const isDefault = value === "" || value === 0 || (Array.isArray(value) && value.length === 0);
    return isSparse && isDefault && !key.endsWith("Value") && key !== "key" && key !== "values" ? undefined : value;
  });
  return text.replace(/"<number (-?\d+)>"/g, "$1");
}

function spansRequest(resourceSpans: ResourceSpans[], id: (hex: string) => unknown): object {
  return {
    resourceSpans: resourceSpans.map(({ attributes, droppedAttributesCount, schemaUrl, scopeSpans }) => ({
      resource: { attributes: keyValues(attributes), droppedAttributesCount },
      schemaUrl,
      scopeSpans: scopeSpans.map(({ scope, schemaUrl, spans }) => ({
        scope: { ...scope, attributes: keyValues(scope.attributes) },
        schemaUrl,
        spans: spans.map((span) => ({
          ...span,
          traceId: id(span.traceId),
          spanId: id(span.spanId),
          parentSpanId: id(span.parentSpanId),
          attributes: keyValues(span.attributes),
          events: span.events.map((event) => ({ ...event, attributes: keyValues(event.attributes) })),
          links: span.links.map((link) => ({
            ...link,
            traceId: id(link.traceId),
            spanId: id(link.spanId),
            attributes: keyValues(link.attributes),
          })),
        })),
      })),
    })),
  };
}

function logRecordsRequest(records: OtlpLogRecord[], id: (hex: string) => unknown): object {
  const [first] = records;
  const logRecords = records.map(({ resource: _, scope: __, ...record }) => ({
    ...record,
    traceId: id(record.traceId),
    spanId: id(record.spanId),
    body: anyValue(record.body),
    attributes: keyValues(record.attributes),
  }));
  const scope = first && { ...first.scope, attributes: keyValues(first.scope.attributes) };
  const resource = { attributes: keyValues(first?.resource ?? {}) };
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] };
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: AnyValue): object {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: value };
  if (typeof value === "number") return { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value) } };
}
