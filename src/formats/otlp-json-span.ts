/** A span under OpenTelemetry's names in JSON: numbers as numbers or text, ids as hex in any case, unknown fields ignored. */
import type { Attributes, OtlpSpan, OtlpSpanEvent, OtlpSpanLink, SpanKind, StatusCode } from "../telemetry.ts";
import { type JsonObject, object, objects, text, uint32, uint64 } from "./json-fields.ts";
import { unlessMalformed } from "./malformed.ts";
import { parentSpanIdOf, spanIdOf, traceIdOf } from "./otlp-ids.ts";

/** What is spelled in more than one way. */
export interface JsonSpelling {
  attributesOf(value: unknown): Attributes;
  kindOf(value: unknown): SpanKind;
  codeOf(value: unknown): StatusCode;
}

/** @throws {MalformedError} */
export function spanOfJson(span: JsonObject, { attributesOf, kindOf, codeOf }: JsonSpelling): OtlpSpan {
  const { code, message } = object(span.status);
  return {
    traceId: traceIdOf(text(span.traceId)),
    spanId: spanIdOf(text(span.spanId)),
    parentSpanId: parentSpanIdOf(text(span.parentSpanId)),
    traceState: text(span.traceState),
    flags: uint32(span.flags),
    name: text(span.name),
    kind: kindOf(span.kind),
    startTimeUnixNano: uint64(span.startTimeUnixNano),
    endTimeUnixNano: uint64(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    droppedAttributesCount: uint32(span.droppedAttributesCount),
    events: objects(span.events).map(eventOf),
    droppedEventsCount: uint32(span.droppedEventsCount),
    links: objects(span.links).flatMap((link) => unlessMalformed(() => linkOf(link)) ?? []),
    droppedLinksCount: uint32(span.droppedLinksCount),
    status: { code: codeOf(code), message: text(message) },
  };

  function eventOf(event: JsonObject): OtlpSpanEvent {
    return {
      timeUnixNano: uint64(event.timeUnixNano),
      name: text(event.name),
      attributes: attributesOf(event.attributes),
      droppedAttributesCount: uint32(event.droppedAttributesCount),
    };
  }

  /** One that leads nowhere is left out. */
  function linkOf(link: JsonObject): OtlpSpanLink {
    return {
      traceId: traceIdOf(text(link.traceId)),
      spanId: spanIdOf(text(link.spanId)),
      traceState: text(link.traceState),
      flags: uint32(link.flags),
      attributes: attributesOf(link.attributes),
      droppedAttributesCount: uint32(link.droppedAttributesCount),
    };
  }
}
