/**
 * Trace payload lines of Datadog's tracers: `{"traces":[[span, …], …]}`.
 *
 * Every tracer writes them a little differently: a space after the colon or none, ids in upper or lower case, padded or
 * not, 64 or 128 bits, as text or as numbers, fields left out or null. A line is taken for what it is only when every
 * span in it is whole; anything else stays a log.
 *
 * @see https://github.com/DataDog/dd-trace-js/blob/master/packages/dd-trace/src/exporters/log/index.js
 */
import type { AttributeValue, Span, SpanEvent, SpanLink, Trace } from "../telemetry.ts";
import type { TraceFormat } from "./trace-format.ts";
import { highHalf, is128Bit, spanIdFromHex, traceIdFromHex, withHighHalf } from "./trace-ids.ts";

/** Where the high half of a 128-bit trace id stands: in the attributes of one span of each piece of a trace. */
const HIGH_HALF_KEY = "_dd.p.tid";

/** Keys whose numbers pass 2^53, which JSON.parse would round. In a string they would stand behind a backslash. */
const LARGE_INTEGERS =
  /("(?:trace_id|trace_id_high|span_id|parent_id|start|duration|time_unix_nano)"\s{0,16}:\s{0,16})(-?\d{16,20})(?=[\s,}])/g;
/** Marks a number that was kept as text, because sixteen decimal digits look like a hex id. */
const INTEGER = "int:";
/** Python's json writes numbers that JSON does not have. */
const NOT_A_NUMBER = /((?<!\\)":\s{0,16})(?:NaN|-?Infinity)(?=\s{0,16}[,}])/g;

export const datadogTraces: TraceFormat = {
  name: "datadog",
  mayBe: (escaped) => /^[{\s\\]/.test(escaped) && escaped.includes('\\"traces\\"'),
  read(message) {
    const payload = parse(message);
    if (!isObject(payload)) return undefined;
    const { traces } = payload;
    if (!Array.isArray(traces) || traces.length === 0) return undefined;
    const read = traces.map(readTrace);
    return read.every((trace) => trace !== undefined) ? read : undefined;
  },
};

function parse(message: string): unknown {
  const exact = message.replace(LARGE_INTEGERS, `$1"${INTEGER}$2"`);
  try {
    return JSON.parse(exact);
  } catch {
    try {
      return JSON.parse(exact.replace(NOT_A_NUMBER, "$1null"));
    } catch {
      return undefined;
    }
  }
}

function readTrace(value: unknown): Trace | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  let traceId = "";
  let high = "";
  const spans: Span[] = [];
  for (const item of value) {
    const span = isObject(item) ? readSpan(item) : undefined;
    const id = span && isObject(item) ? readTraceId(item.trace_id) : undefined;
    if (!span || !id) return undefined;
    if (traceId && id.slice(16) !== traceId.slice(16)) return undefined;
    if (!traceId || is128Bit(id)) traceId = id;
    high ||= highHalfIn(span);
    spans.push(span);
  }
  return { traceId: high ? withHighHalf(traceId, high) : traceId, spans };
}

function highHalfIn(span: Span): string {
  const text = span.attributes[HIGH_HALF_KEY];
  const id = text && /^[0-9a-fA-F]{16}$/.test(text) ? traceIdFromHex(`${text}0000000000000001`) : undefined;
  return id ? highHalf(id) : "";
}

/** A span as tracers write it, or undefined when a field has a type it cannot have. */
function readSpan(span: Record<string, unknown>): Span | undefined {
  const spanId = readSpanId(span.span_id);
  const startTimeUnixNano = readNano(span.start);
  const durationNano = readNano(span.duration);
  const error = readNumber(span.error);
  const attributes = readStrings(span.meta);
  const numericAttributes = readNumbers(span.metrics);
  const texts = [span.service, span.name, span.resource, span.type];
  if (!texts.every((text) => text === undefined || text === null || typeof text === "string")) return undefined;
  const parentSpanId = readParentId(span.parent_id);
  if (!spanId || parentSpanId === undefined || !attributes || !numericAttributes) return undefined;
  if (startTimeUnixNano === undefined || durationNano === undefined || error === undefined) return undefined;
  const [service, name, resource, type] = texts.map((text) => text ?? "") as [string, string, string, string];
  return {
    spanId,
    parentSpanId,
    service,
    name,
    resource,
    type,
    startTimeUnixNano,
    durationNano,
    error,
    attributes,
    numericAttributes,
    links: readList(span.span_links).flatMap(readLink),
    events: readList(span.span_events).flatMap(readEvent),
  };
}

/** Text is hex, as all tracers write it; a number (Java without `hexIds`) is the id itself. */
function readTraceId(value: unknown): string | undefined {
  return traceIdFromHex(hexOf(value));
}

function readSpanId(value: unknown): string | undefined {
  return spanIdFromHex(hexOf(value));
}

/** "" for a root, whose parent is zero or left out. */
function readParentId(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  const hex = hexOf(value);
  if (hex === "") return undefined;
  return spanIdFromHex(hex) ?? (/^0{1,32}$/.test(hex) ? "" : undefined);
}

function hexOf(value: unknown): string {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value.toString(16) : "";
  if (typeof value !== "string") return "";
  return value.startsWith(INTEGER) ? BigInt.asUintN(64, BigInt(value.slice(INTEGER.length))).toString(16) : value;
}

function readNano(value: unknown): bigint | undefined {
  if (value === undefined || value === null) return 0n;
  if (typeof value === "number") return Number.isFinite(value) ? BigInt(Math.round(value)) : undefined;
  const isInteger = typeof value === "string" && value.startsWith(INTEGER);
  return isInteger ? BigInt.asIntN(64, BigInt(value.slice(INTEGER.length))) : undefined;
}

function readNumber(value: unknown): number | undefined {
  if (value === undefined || value === null) return 0;
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

function readStrings(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return undefined;
  const strings: [string, string][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "string") strings.push([key, item.startsWith(INTEGER) ? item.slice(INTEGER.length) : item]);
    else if (item !== null) strings.push([key, typeof item === "object" ? JSON.stringify(item) : String(item)]);
  }
  return Object.fromEntries(strings);
}

function readNumbers(value: unknown): Record<string, number> | undefined {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return undefined;
  const numbers: [string, number][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === null) continue;
    const number = typeof item === "string" && item.startsWith(INTEGER) ? Number(item.slice(INTEGER.length)) : item;
    if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
    numbers.push([key, number]);
  }
  return Object.fromEntries(numbers);
}

function readList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function readLink(link: Record<string, unknown>): SpanLink[] {
  const traceId = readTraceId(link.trace_id);
  const spanId = readSpanId(link.span_id);
  if (!traceId || !spanId) return [];
  const high = traceIdFromHex(hexOf(link.trace_id_high));
  return [
    {
      traceId: high ? withHighHalf(traceId, high.slice(16)) : traceId,
      spanId,
      attributes: readStrings(link.attributes) ?? {},
      traceState: typeof link.tracestate === "string" ? link.tracestate : "",
      flags: readNumber(link.flags) ?? 0,
    },
  ];
}

/** Time is `time_unix_nano`, or `startTime` in milliseconds as dd-trace-js prints it. */
function readEvent(event: Record<string, unknown>): SpanEvent[] {
  const nano = readNano(event.time_unix_nano);
  const milliseconds = event.startTime;
  const timeUnixNano =
    event.time_unix_nano === undefined && typeof milliseconds === "number"
      ? BigInt(Math.round(milliseconds * 1_000_000))
      : nano;
  if (timeUnixNano === undefined || typeof event.name !== "string") return [];
  const attributes = isObject(event.attributes) ? Object.entries(event.attributes) : [];
  return [{ timeUnixNano, name: event.name, attributes: Object.fromEntries(attributes.filter(isAttribute)) }];
}

function isAttribute(entry: [string, unknown]): entry is [string, AttributeValue] {
  const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
  return isScalar(entry[1]) || (Array.isArray(entry[1]) && entry[1].every(isScalar));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
