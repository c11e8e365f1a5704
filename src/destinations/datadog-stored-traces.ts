/** Items of Datadog's trace intake that were stored, and are sent again later. */
import { readTraces } from "../formats/datadog-spans.ts";
import { isJsonObject } from "../formats/json-object.ts";
import type { Span, Trace } from "../telemetry.ts";
import { ByteWriter } from "./byte-writer.ts";
import { writeTraces } from "./datadog-trace-objects.ts";

/** `AgentPayload.tracerPayloads`. */
const TRACER_PAYLOADS = 5;
const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5];
const MAX_VARINT_BYTES = 10;

/** CloudWatch Logs takes no larger log events. */
const MAX_LINE_CHARACTERS = 1024 * 1024;
/** The service is the tracer's to tell; without any other env the Datadog Forwarder says "none". */
const NOT_OF_SPANS = /^(?:service:|env:none$)/i;
/** Several times what the intake takes in a request. */
const MAX_ADDED_CHARACTERS = 16_000_000;
/** Attributes that say something of a whole line: one span that has one speaks for all of them. */
const OF_ALL_SPANS = new Set(["env", "version", "language", "dd_trace", "runtime-id"]);

/**
 * The items of a body, byte for byte, with tag and length. They share the body's memory. What else is in the body tells of
 * the forwarder that wrote it, and is left out.
 *
 * @throws {Error} when the body is no protobuf message, or its field 5 is no message
 */
export function tracerPayloadsIn(body: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let start = 0; start < body.length; ) {
    const tag = varintAt(body, start);
    const [field, wireType] = [Math.floor(tag.value / 8), tag.value % 8];
    const end = endOfValue(body, tag.end, wireType);
    if (field === 0 || end > body.length || (field === TRACER_PAYLOADS && wireType !== LENGTH)) throw malformed();
    if (field === TRACER_PAYLOADS) items.push(body.subarray(start, end));
    start = end;
  }
  return items;
}

function endOfValue(body: Uint8Array, start: number, wireType: number): number {
  if (wireType === VARINT) return varintAt(body, start).end;
  if (wireType === FIXED64) return start + 8;
  if (wireType === FIXED32) return start + 4;
  if (wireType !== LENGTH) throw malformed();
  const length = varintAt(body, start);
  return length.end + length.value;
}

/** Exact up to 2^53. */
function varintAt(body: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start; at < start + MAX_VARINT_BYTES; at++) {
    const byte = body[at];
    if (byte === undefined) break;
    value += (byte % 0x80) * 0x80 ** (at - start);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw malformed();
}

function malformed(): Error {
  return new Error("the stored body is no protobuf AgentPayload, as bodies of traces are: keep it for a person");
}

/**
 * The item of a trace payload line that a Datadog Forwarder left behind: `{message, tags}`, the line and the tags of its
 * log group and function. Undefined for anything else, and for what would take far more than an intake takes.
 *
 * Tags become attributes of the spans that have none of the same name, as the Datadog Forwarder makes them. A service
 * and names that begin with `_`, which are Datadog's own, do not: what the tracer says is better.
 */
export function tracesOf(element: unknown): Uint8Array | undefined {
  if (!isJsonObject(element)) return undefined;
  const { message, tags = "" } = element;
  if (typeof message !== "string" || typeof tags !== "string" || message.length > MAX_LINE_CHARACTERS) return undefined;
  const traces = readTraces(message);
  if (!traces) return undefined;
  const spans = traces.flatMap((trace) => trace.spans);
  if (spans.length * tags.length > MAX_ADDED_CHARACTERS) return undefined;
  const isSaid = (name: string): boolean => OF_ALL_SPANS.has(name) && spans.some(({ attributes }) => attributes[name]);
  const added = tagsIn(tags).filter(([name]) => !isSaid(name));
  const item = new ByteWriter(message.length);
  writeTraces(
    traces.map((trace): Trace => ({ ...trace, spans: trace.spans.map((span) => tagged(span, added)) })),
    item,
  );
  return Buffer.from(item.view());
}

/** A span that is inferred from what invoked a function has tags of its own. */
function tagged(span: Span, tags: [string, string][]): Span {
  const { attributes, numericAttributes } = span;
  if (attributes["_inferred_span.tag_source"] === "self") return span;
  const missing = tags.filter(([name]) => !Object.hasOwn(attributes, name) && !Object.hasOwn(numericAttributes, name));
  return { ...span, attributes: Object.fromEntries([...Object.entries(attributes), ...missing]) };
}

/** `name:value,…`, those that say something of the spans. */
function tagsIn(text: string): [string, string][] {
  return text.split(",").flatMap((tag): [string, string][] => {
    const colon = Math.max(0, tag.indexOf(":"));
    const name = tag.slice(0, colon).trim();
    const value = tag.slice(colon + 1).trim();
    if (!name || !value || name.startsWith("_") || NOT_OF_SPANS.test(`${name}:${value}`)) return [];
    return [[name, value]];
  });
}
