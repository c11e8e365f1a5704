import type { OtlpSpan, ResourceSpans, SpanKind, StatusCode } from "../telemetry.ts";
import { parseExactly } from "./exact-json.ts";
import { isLeftOut, type JsonObject, object, text, uint64 } from "./json-fields.ts";
import { isJsonObject } from "./json-object.ts";
import { unlessMalformed } from "./malformed.ts";
import { messageIn } from "./message.ts";
import { type JsonSpelling, spanOfJson } from "./otlp-json-span.ts";
import { payloadOf } from "./otlp-payload.ts";
import { attributesOfPlain } from "./plain-values.ts";
import type { TraceReader } from "./trace-format.ts";

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const CODES = ["UNSET", "OK", "ERROR"];
const SPELLING: JsonSpelling = {
  attributesOf: (value) => attributesOfPlain(object(value)),
  kindOf: (value) => KINDS.indexOf(text(value)) as SpanKind,
  codeOf: (value) => Math.max(0, CODES.indexOf(text(value))) as StatusCode,
};

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
  const read = spanOfJson(span, SPELLING);
  if (!isLeftOut(span.endTimeUnixNano)) return read;
  return { ...read, endTimeUnixNano: read.startTimeUnixNano + uint64(span.durationNano) };
}
