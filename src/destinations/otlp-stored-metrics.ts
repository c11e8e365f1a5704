/** Items of an OTLP metrics intake that were stored, and are sent again later. */
import { objectsIn } from "./json-parts.ts";
import { fieldsIn, isLength } from "./protobuf-fields.ts";

/** `ExportMetricsServiceRequest.resource_metrics` */
const RESOURCE_METRICS = 1;
const OPENING_BRACE = 0x7b;
const OPENING = '{"resourceMetrics":';
const CLOSING = "}";
const COMPLAINT = "the stored body is no OTLP request for metrics, in protobuf or JSON: keep it for a person";

/**
 * The items of a body, byte for byte. They share the body's memory.
 *
 * @throws {Error} when the body is neither of the two forms it is sent in
 */
export function resourceMetricsIn(body: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  // As the first byte of protobuf it would begin a group, which no message has.
  if (body[0] !== OPENING_BRACE) return messagesIn(body);
  const end = bytes.length - CLOSING.length;
  const isFramed = end > OPENING.length && bytes.toString("latin1", 0, OPENING.length) === OPENING;
  const list = bytes.subarray(OPENING.length, end);
  const items = isFramed && bytes.toString("latin1", end) === CLOSING ? objectsIn(list) : undefined;
  if (!items) throw new Error(COMPLAINT);
  return items.map((item) => list.subarray(item.start, item.end));
}

function messagesIn(body: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  try {
    for (const place of fieldsIn(body)) {
      if (place.field !== RESOURCE_METRICS || !isLength(place)) throw new Error(COMPLAINT);
      items.push(body.subarray(place.start, place.end));
    }
  } catch {
    throw new Error(COMPLAINT);
  }
  return items;
}
