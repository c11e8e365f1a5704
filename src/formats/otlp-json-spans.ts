/** Spans of OpenTelemetry's JSON. */
import type { ResourceSpans, SpanKind, StatusCode } from "../telemetry.ts";
import { object, objects, text, uint32 } from "./json-fields.ts";
import { type JsonSpelling, spanOfJson } from "./otlp-json-span.ts";
import { attributesOf, enumOf, scopeOf } from "./otlp-json-values.ts";

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const CODES = ["UNSET", "OK", "ERROR"].map((code) => `STATUS_CODE_${code}`);
const SPELLING: JsonSpelling = {
  attributesOf,
  kindOf: (value) => enumOf(value, KINDS) as SpanKind,
  codeOf: (value) => enumOf(value, CODES) as StatusCode,
};

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
        spans: objects(spans).map((span) => spanOfJson(span, SPELLING)),
      })),
    };
  });
}
