/** Span objects in Datadog's protobuf. */
import { highHalf, lowHalf } from "../formats/trace-ids.ts";
import type { AttributeValue, SpanEvent, SpanLink } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { SentSpan, TraceChunk, TracerPayload } from "./datadog-tracer-payload.ts";
import { messagePack } from "./message-pack.ts";
import { double, entry, fixed64, integer, message, string, stringAlways } from "./protobuf.ts";

/** One `TracerPayload`, as field 5. */
export function writeTracerPayload(payload: TracerPayload, to: ByteWriter): void {
  message(to, 5, () => {
    string(to, 2, payload.language);
    string(to, 4, payload.tracerVersion);
    string(to, 5, payload.runtimeId);
    for (const chunk of payload.chunks) message(to, 6, () => writeChunk(to, chunk));
    string(to, 8, payload.env);
    string(to, 10, payload.version);
  });
}

function writeChunk(to: ByteWriter, chunk: TraceChunk): void {
  integer(to, 1, BigInt(chunk.priority));
  string(to, 2, chunk.origin);
  const traceId = BigInt(`0x${lowHalf(chunk.traceId)}`);
  for (const span of chunk.spans) message(to, 3, () => writeSpan(to, span, traceId));
}

function writeSpan(to: ByteWriter, span: SentSpan, traceId: bigint): void {
  string(to, 1, span.service);
  string(to, 2, span.name);
  string(to, 3, span.resource);
  integer(to, 4, traceId);
  integer(to, 5, BigInt(`0x${span.spanId}`));
  if (span.parentSpanId) integer(to, 6, BigInt(`0x${span.parentSpanId}`));
  integer(to, 7, span.startTimeUnixNano);
  integer(to, 8, span.durationNano);
  integer(to, 9, BigInt(span.error));
  for (const key in span.attributes) entry(to, 10, key, () => stringAlways(to, 2, span.attributes[key] as string));
  for (const [key, value] of span.added) entry(to, 10, key, () => stringAlways(to, 2, value));
  for (const key in span.numericAttributes) {
    entry(to, 11, key, () => double(to, 2, span.numericAttributes[key] as number));
  }
  string(to, 12, span.type);
  for (const key in span.structuredAttributes) {
    entry(to, 13, key, () => message(to, 2, () => messagePack(to, span.structuredAttributes?.[key])));
  }
  for (const link of span.links) message(to, 14, () => writeLink(to, link));
  for (const event of span.events) message(to, 15, () => writeEvent(to, event));
}

function writeLink(to: ByteWriter, link: SpanLink): void {
  integer(to, 1, BigInt(`0x${lowHalf(link.traceId)}`));
  integer(to, 2, BigInt(`0x${highHalf(link.traceId)}`));
  integer(to, 3, BigInt(`0x${link.spanId}`));
  for (const key in link.attributes) entry(to, 4, key, () => stringAlways(to, 2, link.attributes[key] as string));
  string(to, 5, link.traceState);
  // Bit 31 tells a flag that is set to zero from one that is not set.
  if (link.flags !== 0) integer(to, 6, BigInt(link.flags) | 0x8000_0000n);
}

function writeEvent(to: ByteWriter, event: SpanEvent): void {
  fixed64(to, 1, event.timeUnixNano);
  string(to, 2, event.name);
  for (const key in event.attributes) {
    const value = event.attributes[key] as AttributeValue;
    entry(to, 3, key, () => message(to, 2, () => anyValue(to, value)));
  }
}

/** AttributeAnyValue: a type, then the value in the field of that type. */
function anyValue(to: ByteWriter, value: AttributeValue): void {
  if (Array.isArray(value)) {
    integer(to, 1, 4n);
    message(to, 6, () => {
      for (const item of value) message(to, 1, () => anyValue(to, item));
    });
  } else if (typeof value === "string") {
    stringAlways(to, 2, value);
  } else if (typeof value === "boolean") {
    integer(to, 1, 1n);
    integer(to, 3, value ? 1n : 0n);
  } else if (Number.isSafeInteger(value)) {
    integer(to, 1, 2n);
    integer(to, 4, BigInt(value));
  } else {
    integer(to, 1, 3n);
    double(to, 5, value);
  }
}
