/** Span objects in Datadog's protobuf. */
import { highHalf, lowHalf } from "../formats/trace-ids.ts";
import type { AttributeValue, Span, SpanEvent, SpanLink, Trace } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { double, entry, fixed64, integer, message, string, stringAlways } from "./protobuf.ts";

/** One `TracerPayload`, as field 5. */
export function writeTraces(traces: Trace[], to: ByteWriter): void {
  message(to, 5, () => tracerPayload(to, traces));
}

function tracerPayload(to: ByteWriter, traces: Trace[]): void {
  const spans = traces.flatMap((trace) => trace.spans);
  // Which attributes of which span tell the tracer differs by tracer; the first span that has one speaks for all.
  const first = (key: string): string => spans.find((span) => span.attributes[key])?.attributes[key] ?? "";
  string(to, 2, first("language"));
  string(to, 4, first("dd_trace"));
  string(to, 5, first("runtime-id"));
  for (const trace of traces) message(to, 6, () => traceChunk(to, trace));
  string(to, 8, first("env"));
  string(to, 10, first("version"));
}

function traceChunk(to: ByteWriter, trace: Trace): void {
  const decided = trace.spans.find((span) => "_sampling_priority_v1" in span.numericAttributes);
  // Spans on stdout were all kept by their tracer; 1 is "keep".
  const priority = Math.trunc(decided?.numericAttributes._sampling_priority_v1 ?? 1);
  if (priority !== 0) integer(to, 1, BigInt(priority));
  string(to, 2, trace.spans.find((span) => span.attributes["_dd.origin"])?.attributes["_dd.origin"] ?? "lambda");
  const traceId = BigInt(`0x${lowHalf(trace.traceId)}`);
  for (const span of trace.spans) message(to, 3, () => writeSpan(to, span, traceId));
}

function writeSpan(to: ByteWriter, span: Span, traceId: bigint): void {
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
  // Without it Datadog computes no metrics of spans that passed no agent.
  if (!("_dd.compute_stats" in span.attributes)) entry(to, 10, "_dd.compute_stats", () => stringAlways(to, 2, "1"));
  for (const key in span.numericAttributes) {
    entry(to, 11, key, () => double(to, 2, span.numericAttributes[key] as number));
  }
  string(to, 12, span.type);
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
