/**
 * `ResourceSpans` as they are sent, in protobuf and in JSON.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import type { OtlpSpan, OtlpSpanEvent, OtlpSpanLink, ResourceSpans, ScopeSpans } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import {
  attributesJson,
  listJson,
  numberJson,
  objectOf,
  resourceJson,
  scopeJson,
  textJson,
  unsigned64Json,
} from "./otlp-json.ts";
import { attributesTo, fixed32To, idTo, resourceTo, scopeTo } from "./otlp-protobuf.ts";
import { fixed64, integer, message, string } from "./protobuf.ts";

/** Most spans have more bytes than a length of one byte can tell, and fewer than one of two bytes. */
const USUAL_SPAN_BYTES = 0x80;
const USUAL_GROUP_BYTES = 0x4000;

/** The fields of one message, without tag and length. */
export function resourceSpansTo(
  to: ByteWriter,
  { attributes, droppedAttributesCount, scopeSpans, schemaUrl }: ResourceSpans,
): void {
  resourceTo(to, 1, attributes, droppedAttributesCount);
  for (const { scope, spans, schemaUrl } of scopeSpans) {
    message(
      to,
      2,
      () => {
        scopeTo(to, 1, scope);
        for (const span of spans) message(to, 2, () => spanTo(to, span), USUAL_SPAN_BYTES);
        string(to, 3, schemaUrl);
      },
      USUAL_GROUP_BYTES,
    );
  }
  string(to, 3, schemaUrl);
}

function spanTo(to: ByteWriter, span: OtlpSpan): void {
  idTo(to, 1, span.traceId);
  idTo(to, 2, span.spanId);
  string(to, 3, span.traceState);
  idTo(to, 4, span.parentSpanId);
  string(to, 5, span.name);
  integer(to, 6, BigInt(span.kind));
  fixed64(to, 7, span.startTimeUnixNano);
  fixed64(to, 8, span.endTimeUnixNano);
  attributesTo(to, 9, span.attributes);
  integer(to, 10, BigInt(span.droppedAttributesCount));
  for (const event of span.events) message(to, 11, () => eventTo(to, event));
  integer(to, 12, BigInt(span.droppedEventsCount));
  for (const link of span.links) message(to, 13, () => linkTo(to, link));
  integer(to, 14, BigInt(span.droppedLinksCount));
  message(to, 15, () => {
    string(to, 2, span.status.message);
    integer(to, 3, BigInt(span.status.code));
  });
  fixed32To(to, 16, span.flags);
}

function eventTo(to: ByteWriter, event: OtlpSpanEvent): void {
  fixed64(to, 1, event.timeUnixNano);
  string(to, 2, event.name);
  attributesTo(to, 3, event.attributes);
  integer(to, 4, BigInt(event.droppedAttributesCount));
}

function linkTo(to: ByteWriter, link: OtlpSpanLink): void {
  idTo(to, 1, link.traceId);
  idTo(to, 2, link.spanId);
  string(to, 3, link.traceState);
  attributesTo(to, 4, link.attributes);
  integer(to, 5, BigInt(link.droppedAttributesCount));
  fixed32To(to, 6, link.flags);
}

/** The same as JSON. */
export function resourceSpansJson(resourceSpans: ResourceSpans): string {
  const { attributes, droppedAttributesCount, scopeSpans, schemaUrl } = resourceSpans;
  return objectOf({
    resource: resourceJson(attributes, droppedAttributesCount),
    scopeSpans: listJson(scopeSpans, scopeSpansJson),
    schemaUrl: textJson(schemaUrl),
  });
}

function scopeSpansJson({ scope, spans, schemaUrl }: ScopeSpans): string {
  return objectOf({ scope: scopeJson(scope), spans: listJson(spans, spanJson), schemaUrl: textJson(schemaUrl) });
}

function spanJson(span: OtlpSpan): string {
  return objectOf({
    traceId: textJson(span.traceId),
    spanId: textJson(span.spanId),
    traceState: textJson(span.traceState),
    parentSpanId: textJson(span.parentSpanId),
    flags: numberJson(span.flags),
    name: textJson(span.name),
    kind: numberJson(span.kind),
    startTimeUnixNano: unsigned64Json(span.startTimeUnixNano),
    endTimeUnixNano: unsigned64Json(span.endTimeUnixNano),
    attributes: attributesJson(span.attributes),
    droppedAttributesCount: numberJson(span.droppedAttributesCount),
    events: listJson(span.events, eventJson),
    droppedEventsCount: numberJson(span.droppedEventsCount),
    links: listJson(span.links, linkJson),
    droppedLinksCount: numberJson(span.droppedLinksCount),
    status: objectOf({ message: textJson(span.status.message), code: numberJson(span.status.code) }),
  });
}

function eventJson(event: OtlpSpanEvent): string {
  return objectOf({
    timeUnixNano: unsigned64Json(event.timeUnixNano),
    name: textJson(event.name),
    attributes: attributesJson(event.attributes),
    droppedAttributesCount: numberJson(event.droppedAttributesCount),
  });
}

function linkJson(link: OtlpSpanLink): string {
  return objectOf({
    traceId: textJson(link.traceId),
    spanId: textJson(link.spanId),
    traceState: textJson(link.traceState),
    attributes: attributesJson(link.attributes),
    droppedAttributesCount: numberJson(link.droppedAttributesCount),
    flags: numberJson(link.flags),
  });
}
