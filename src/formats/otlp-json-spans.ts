/** Spans of OpenTelemetry's JSON: numbers as numbers or text, ids as hex in any case, unknown fields ignored. */
import type { OtlpSpan, OtlpSpanEvent, OtlpSpanLink, ResourceSpans, SpanKind, StatusCode } from "../telemetry.ts";
import { type JsonObject, object, objects, text, uint32, uint64 } from "./json-fields.ts";
import { unlessMalformed } from "./malformed.ts";
import { parentSpanIdOf, spanIdOf, traceIdOf } from "./otlp-ids.ts";
import { attributesOf, enumOf, scopeOf } from "./otlp-json-values.ts";

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const CODES = ["UNSET", "OK", "ERROR"].map((code) => `STATUS_CODE_${code}`);

/**
 * @param value of `resourceSpans`, parsed exactly
 * @throws {MalformedError}
 */
export function resourceSpansOfJson(value: unknown): ResourceSpans[] {
  return objects(value).map(({ resource, scopeSpans, schemaUrl }): ResourceSpans => {
    const { attributes, droppedAttributesCount } = object(resource);
    return {
      attributes: attributesOf(attributes),
      droppedAttributesCount: uint32(droppedAttributesCount),
      schemaUrl: text(schemaUrl),
      scopeSpans: objects(scopeSpans).map(({ scope, spans, schemaUrl }) => ({
        scope: scopeOf(scope),
        schemaUrl: text(schemaUrl),
        spans: objects(spans).map(spanOf),
      })),
    };
  });
}

function spanOf(span: JsonObject): OtlpSpan {
  const { code, message } = object(span.status);
  return {
    traceId: traceIdOf(text(span.traceId)),
    spanId: spanIdOf(text(span.spanId)),
    parentSpanId: parentSpanIdOf(text(span.parentSpanId)),
    traceState: text(span.traceState),
    flags: uint32(span.flags),
    name: text(span.name),
    kind: enumOf(span.kind, KINDS) as SpanKind,
    startTimeUnixNano: uint64(span.startTimeUnixNano),
    endTimeUnixNano: uint64(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    droppedAttributesCount: uint32(span.droppedAttributesCount),
    events: objects(span.events).map(eventOf),
    droppedEventsCount: uint32(span.droppedEventsCount),
    links: objects(span.links).flatMap((link) => unlessMalformed(() => linkOf(link)) ?? []),
    droppedLinksCount: uint32(span.droppedLinksCount),
    status: { code: enumOf(code, CODES) as StatusCode, message: text(message) },
  };
}

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
