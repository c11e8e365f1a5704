/** The spans of a Datadog trace payload line as objects, in every spelling tracers have. */
import type { AttributeValue, Span, SpanEvent, SpanLink, Trace } from "../telemetry.ts";
import { readMetaStruct } from "./datadog-meta-struct.ts";
import { isJsonObject } from "./json-object.ts";
import { highHalf, is128Bit, spanIdFromHex, traceIdFromHex, withHighHalf } from "./trace-ids.ts";

/** Where the high half of a 128-bit trace id stands: in the attributes of one span of each piece of a trace. */
export const HIGH_HALF_KEY = "_dd.p.tid";

/** Keys whose numbers pass 2^53, which JSON.parse would round. In a string they would stand behind a backslash. */
const LARGE_INTEGERS =
  /("(?:trace_id|trace_id_high|span_id|parent_id|start|duration|time_unix_nano)"\s{0,16}:\s{0,16})(-?\d{16,20})(?=[\s,}])/g;
/** A number that was kept as text, marked because sixteen decimal digits look like a hex id. */
const MARKED_INTEGER = /^\0(-?\d{16,20})$/;
/**
 * Python's json writes numbers that JSON does not have. The quote must close a key: one that opens a text has a colon,
 * comma, bracket or space before it.
 */
const NOT_A_NUMBER = /(?<=[^\\:,{[\s]"\s{0,16}:\s{0,16})(?:NaN|-?Infinity)(?=\s{0,16}[,}])/g;
const [MIN_INT64, MAX_INT64, MAX_UINT64] = [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 64n - 1n];

/** The traces a decoded message holds, at least one; undefined when it is no payload line. */
export function readTraces(message: string): Trace[] | undefined {
  const payload = parse(message);
  if (!isJsonObject(payload)) return undefined;
  const { traces } = payload;
  if (!Array.isArray(traces) || traces.length === 0) return undefined;
  const read = traces.map(readTrace);
  return read.every((trace) => trace !== undefined) ? read : undefined;
}

/** The links in a span's attribute `_dd.span_links`, which is JSON; undefined unless all of them can be read. */
export function linksIn(json: string): SpanLink[] | undefined {
  return listIn(json, readLink);
}

/** The events in a span's attribute `events`, which is JSON; undefined unless all of them can be read. */
export function eventsIn(json: string): SpanEvent[] | undefined {
  return listIn(json, readEvent);
}

function listIn<Item>(json: string, read: (item: Record<string, unknown>) => Item[]): Item[] | undefined {
  const list = parse(json);
  if (!Array.isArray(list)) return undefined;
  const items = list.map((item) => (isJsonObject(item) ? read(item) : []));
  return items.every((item) => item.length === 1) ? items.flat() : undefined;
}

function parse(message: string): unknown {
  const exact = message.replace(LARGE_INTEGERS, '$1"\\u0000$2"');
  try {
    return JSON.parse(exact);
  } catch {
    try {
      return JSON.parse(exact.replace(NOT_A_NUMBER, "null"));
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
    const span = isJsonObject(item) ? readSpan(item) : undefined;
    const id = span && isJsonObject(item) ? readTraceId(item.trace_id) : undefined;
    if (!span || !id) return undefined;
    if (traceId && id.slice(16) !== traceId.slice(16)) return undefined;
    if (!traceId || is128Bit(id)) traceId = id;
    high ||= readHighHalf(span.attributes[HIGH_HALF_KEY] ?? "");
    spans.push(span);
  }
  return { traceId: high ? withHighHalf(traceId, high) : traceId, spans };
}

/** @param text of the attribute `HIGH_HALF_KEY`; "" where it tells none */
export function readHighHalf(text: string): string {
  const id = /^[0-9a-fA-F]{16}$/.test(text) ? traceIdFromHex(`${text}0000000000000001`) : undefined;
  return id ? highHalf(id) : "";
}

/** A span as tracers write it, or undefined when a field has a type it cannot have. */
function readSpan(span: Record<string, unknown>): Span | undefined {
  const spanId = readSpanId(span.span_id);
  const startTimeUnixNano = readNano(span.start);
  const durationNano = readNano(span.duration);
  const error = readNumber(span.error);
  const attributes = readStrings(span.meta);
  const misplaced: [string, string][] = [];
  const numericAttributes = readNumbers(span.metrics, misplaced);
  const structuredAttributes = readMetaStruct(span.meta_struct, unmarked);
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
    attributes: misplaced.length > 0 ? { ...Object.fromEntries(misplaced), ...attributes } : attributes,
    numericAttributes,
    links: readList(span.span_links).flatMap(readLink),
    events: readList(span.span_events).flatMap(readEvent),
    ...(structuredAttributes && { structuredAttributes }),
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

/** Java's numbers are signed where they pass 2^63. */
function hexOf(value: unknown): string {
  const integer = integerIn(value);
  if (integer === undefined) return typeof value === "string" ? value : "";
  return integer >= MIN_INT64 && integer <= MAX_UINT64 ? BigInt.asUintN(64, integer).toString(16) : "";
}

function readNano(value: unknown): bigint | undefined {
  if (value === undefined || value === null) return 0n;
  const nano = typeof value === "number" && Number.isFinite(value) ? BigInt(Math.round(value)) : integerIn(value);
  return nano !== undefined && nano >= MIN_INT64 && nano <= MAX_INT64 ? nano : undefined;
}

/** A whole number that is known exactly. */
function integerIn(value: unknown): bigint | undefined {
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  const digits = typeof value === "string" ? MARKED_INTEGER.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : BigInt(digits);
}

/** The value as it would be if no numbers were marked. */
function unmarked(value: unknown): unknown {
  const digits = typeof value === "string" ? MARKED_INTEGER.exec(value)?.[1] : undefined;
  return digits === undefined ? value : Number(digits);
}

function readNumber(value: unknown): number | undefined {
  if (value === undefined || value === null) return 0;
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : undefined;
}

function readStrings(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) return undefined;
  const strings: [string, string][] = [];
  for (const [key, item] of Object.entries(value)) {
    const text = textOf(item);
    if (text === undefined) return undefined;
    if (item !== null) strings.push([key, text]);
  }
  return Object.fromEntries(strings);
}

/** Undefined for what is nested deeper than can be written again. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return MARKED_INTEGER.exec(value)?.[1] ?? value;
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value, (_, item) => unmarked(item));
  } catch {
    return undefined;
  }
}

/** @param texts takes the texts among the numbers: dd-trace-js puts URLs and buffers there */
function readNumbers(value: unknown, texts: [string, string][]): Record<string, number> | undefined {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) return undefined;
  const numbers: [string, number][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === null) continue;
    const number = unmarked(item);
    if (typeof number === "string") texts.push([key, number]);
    else if (typeof number === "number" && Number.isFinite(number)) numbers.push([key, number]);
    else return undefined;
  }
  return Object.fromEntries(numbers);
}

function readList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
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
  const timeUnixNano =
    event.time_unix_nano === undefined ? readMilliseconds(event.startTime) : readNano(event.time_unix_nano);
  if (timeUnixNano === undefined || typeof event.name !== "string") return [];
  const attributes = isJsonObject(event.attributes) ? Object.entries(event.attributes) : [];
  const read = attributes.map(([key, value]): [string, unknown] => [key, unmarked(value)]).filter(isAttribute);
  return [{ timeUnixNano, name: event.name, attributes: Object.fromEntries(read) }];
}

/** Whole and fractional milliseconds apart, because today's nanoseconds do not fit in a double. */
function readMilliseconds(value: unknown): bigint | undefined {
  if (value === undefined || value === null) return 0n;
  if (typeof value !== "number" || !Number.isSafeInteger(Math.trunc(value))) return undefined;
  return BigInt(Math.trunc(value)) * 1_000_000n + BigInt(Math.round((value % 1) * 1_000_000));
}

function isAttribute(entry: [string, unknown]): entry is [string, AttributeValue] {
  const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
  return isScalar(entry[1]) || (Array.isArray(entry[1]) && entry[1].every(isScalar));
}
