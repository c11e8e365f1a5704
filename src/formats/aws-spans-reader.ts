import type { OtlpSpan, OtlpSpanEvent, OtlpSpanLink, ResourceSpans, SpanKind, StatusCode } from "../telemetry.ts";
import { parseExactly } from "./exact-json.ts";
import { isLeftOut, type JsonObject, object, objects, text, uint32, uint64 } from "./json-fields.ts";
import { isJsonObject } from "./json-object.ts";
import { unlessMalformed } from "./malformed.ts";
import { messageIn } from "./message.ts";
import { parentSpanIdOf, spanIdOf, traceIdOf } from "./otlp-ids.ts";
import { payloadOf } from "./otlp-payload.ts";
import { attributesOfPlain } from "./plain-values.ts";
import type { TraceReader } from "./trace-format.ts";

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const CODES = ["UNSET", "OK", "ERROR"];

/** Where the span says its service, when its resource does not; and what X-Ray says when it does not know. */
const [LOCAL_SERVICE_KEY, UNKNOWN_SERVICE] = ["aws.local.service", "UnknownService"];

export const reader: TraceReader = {
  read(event, slice) {
    const line = parseExactly(messageIn(event, slice));
    if (!isJsonObject(line) || !isAwsSpan(line)) return undefined;
    const read = unlessMalformed(() => payloadOf([resourceSpansOf(line)]));
    // It is written again when it has ended.
    return read && isUnfinished(line) ? { dropped: "unfinishedSpan" } : read;
  },
};

function isAwsSpan({ traceId, spanId, name, kind, startTimeUnixNano }: JsonObject): boolean {
  return (
    [traceId, spanId, name, kind].every((field) => typeof field === "string") &&
    KINDS.includes(kind as string) &&
    !isLeftOut(startTimeUnixNano)
  );
}

function isUnfinished({ endTimeUnixNano, durationNano }: JsonObject): boolean {
  return isLeftOut(endTimeUnixNano) && isLeftOut(durationNano);
}

function resourceSpansOf(line: JsonObject): ResourceSpans {
  const span = spanOf(line);
  const { name, version, attributes } = object(line.scope);
  const resource = attributesOfPlain(object(object(line.resource).attributes));
  const service = resource["service.name"] ?? span.attributes[LOCAL_SERVICE_KEY];
  return {
    attributes: service && service !== UNKNOWN_SERVICE ? { ...resource, "service.name": service } : resource,
    droppedAttributesCount: 0,
    schemaUrl: "",
    scopeSpans: [
      {
        scope: {
          name: text(name),
          version: text(version),
          attributes: attributesOfPlain(object(attributes)),
          droppedAttributesCount: 0,
        },
        schemaUrl: "",
        spans: [span],
      },
    ],
  };
}

function spanOf(span: JsonObject): OtlpSpan {
  const { code, message } = object(span.status);
  const startTimeUnixNano = uint64(span.startTimeUnixNano);
  const endTimeUnixNano = isLeftOut(span.endTimeUnixNano)
    ? startTimeUnixNano + uint64(span.durationNano)
    : uint64(span.endTimeUnixNano);
  return {
    traceId: traceIdOf(text(span.traceId)),
    spanId: spanIdOf(text(span.spanId)),
    parentSpanId: parentSpanIdOf(text(span.parentSpanId)),
    traceState: text(span.traceState),
    flags: uint32(span.flags),
    name: text(span.name),
    kind: KINDS.indexOf(text(span.kind)) as SpanKind,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: attributesOfPlain(object(span.attributes)),
    droppedAttributesCount: uint32(span.droppedAttributesCount),
    events: objects(span.events).map(eventOf),
    droppedEventsCount: uint32(span.droppedEventsCount),
    links: objects(span.links).flatMap((link) => unlessMalformed(() => linkOf(link)) ?? []),
    droppedLinksCount: uint32(span.droppedLinksCount),
    status: { code: Math.max(0, CODES.indexOf(text(code))) as StatusCode, message: text(message) },
  };
}

function eventOf(event: JsonObject): OtlpSpanEvent {
  return {
    timeUnixNano: uint64(event.timeUnixNano),
    name: text(event.name),
    attributes: attributesOfPlain(object(event.attributes)),
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
    attributes: attributesOfPlain(object(link.attributes)),
    droppedAttributesCount: uint32(link.droppedAttributesCount),
  };
}
