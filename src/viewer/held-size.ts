/**
 * About how many bytes of memory something takes: what V8 needs for its objects on a 64-bit machine, and its share of the
 * indexes. Texts count once for each item, though equal short ones are kept once.
 */
import type { AnyValue, Attributes } from "../telemetry.ts";
import type { ReceivedLog, ReceivedSpan } from "./received.ts";

const SPAN_BYTES = 560;
const LOG_BYTES = 640;
const PROPERTY_BYTES = 32;
const PART_BYTES = 160;

/** One trace without its spans. */
export const TRACE_BYTES = 600;

export function bytesOfSpan({ attributes, resource, events, links, error }: ReceivedSpan): number {
  let bytes = SPAN_BYTES + resource.length + bytesOfAttributes(attributes);
  for (const event of events) bytes += PART_BYTES + bytesOfAttributes(event.attributes);
  for (const link of links) bytes += PART_BYTES + bytesOfAttributes(link.attributes);
  return error ? bytes + PART_BYTES + error.message.length + error.stack.length : bytes;
}

export function bytesOfLog({ body, attributes }: ReceivedLog): number {
  return LOG_BYTES + body.length + bytesOfAttributes(attributes);
}

function bytesOfAttributes(attributes: Attributes): number {
  let bytes = 0;
  for (const key of Object.keys(attributes)) bytes += PROPERTY_BYTES + bytesOf(attributes[key] as AnyValue);
  return bytes;
}

function bytesOf(value: AnyValue): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 16;
  if (value instanceof Uint8Array) return 100 + value.length;
  return Array.isArray(value)
    ? value.reduce<number>((sum, item) => sum + 16 + bytesOf(item), 32)
    : bytesOfAttributes(value);
}
