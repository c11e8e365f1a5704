/** Items of Datadog's trace intake that were stored, and are sent again later. */

import { readTraces } from "../formats/datadog-spans.ts";
import { isJsonObject } from "../formats/json-object.ts";
import type { Span, Trace } from "../telemetry.ts";
import { ByteWriter } from "./byte-writer.ts";
import { SpanAdditions } from "./datadog-span-additions.ts";
import { writeTracerPayload } from "./datadog-trace-objects.ts";
import { tracerPayloadsOf } from "./datadog-tracer-payload.ts";
import { type FieldPlace, fieldsIn, isLength } from "./protobuf-fields.ts";

/** `AgentPayload.tracerPayloads`. */
const TRACER_PAYLOADS = 5;

/** CloudWatch Logs takes no larger log events. */
const MAX_LINE_CHARACTERS = 1024 * 1024;
/** Several times what the intake takes in a request. */
const MAX_ADDED_CHARACTERS = 16_000_000;
/**
 * The items of a body, byte for byte, with tag and length. They share the body's memory. What else is in the body tells of
 * the forwarder that wrote it, and is left out.
 *
 * @throws {Error} when the body is no protobuf message, or its field 5 is no message
 */
export function tracerPayloadsIn(body: Uint8Array): Uint8Array[] {
  const payloads = fieldsOf(body).filter(({ field }) => field === TRACER_PAYLOADS);
  if (!payloads.every(isLength)) throw malformed();
  return payloads.map(({ start, end }) => body.subarray(start, end));
}

function fieldsOf(body: Uint8Array): FieldPlace[] {
  try {
    return [...fieldsIn(body)];
  } catch {
    throw malformed();
  }
}

function malformed(): Error {
  return new Error("the stored body is no protobuf AgentPayload, as bodies of traces are: keep it for a person");
}

/**
 * The item of a trace payload line that a Datadog Forwarder left behind: `{message, tags}`, the line and the tags of its
 * log group and function. Undefined for anything else, and for what would take far more than an intake takes.
 *
 * The tags do to its spans what those of a log stream do to spans that are read from it.
 */
export function tracesOf(element: unknown, changeSpan: (span: Span) => Span): Uint8Array | undefined {
  if (!isJsonObject(element)) return undefined;
  const { message, tags = "" } = element;
  if (typeof message !== "string" || typeof tags !== "string" || message.length > MAX_LINE_CHARACTERS) return undefined;
  const traces = readTraces(message);
  if (!traces) return undefined;
  const spanCount = traces.reduce((sum, { spans }) => sum + spans.length, 0);
  if (spanCount * tags.length > MAX_ADDED_CHARACTERS) return undefined;
  const item = new ByteWriter(message.length);
  const changed = traces.map((trace): Trace => ({ ...trace, spans: trace.spans.map(changeSpan) }));
  for (const payload of tracerPayloadsOf([changed], new SpanAdditions(tags.split(","))))
    writeTracerPayload(payload, item);
  return Buffer.from(item.view());
}
