/**
 * OpenTelemetry's spans and log records with other texts in what they say of the work. What is left says nothing that the
 * form for Datadog, which is scrubbed by itself, does not say: there lists and maps are text, and of a log record all is.
 */
import { bodyOf } from "../formats/otlp-log.ts";
import { textOf } from "../formats/otlp-values.ts";
import { isId } from "../formats/request-id.ts";
import { isException } from "../formats/span-errors.ts";
import type {
  AnyValue,
  Attributes,
  InstrumentationScope,
  OtlpLogRecord,
  OtlpSpan,
  ResourceSpans,
} from "../telemetry.ts";
import { isStructure } from "./scrub-traces.ts";

type Apply = (text: string) => string;

/** What is nested deeper is not looked at, and not shown. */
const MAX_DEPTH = 64;
const TOO_DEEP = "...";
/** What a log record says of its request, by which it is found, where it is an id indeed. */
const REQUEST_ID_KEYS = new Set(["faas.invocation_id", "faas.execution"]);
/** Somebody's text in a log record, where a span's are left alone. */
const SERVICE_KEYS = new Set([
  "service.name",
  "service.version",
  "deployment.environment",
  "deployment.environment.name",
]);

/** @returns other spans; the given ones are left as they are */
export function scrubResourceSpans(given: ResourceSpans[], apply: Apply): ResourceSpans[] {
  return given.map((of) => ({
    ...of,
    schemaUrl: apply(of.schemaUrl),
    attributes: ofSpan(of.attributes),
    scopeSpans: of.scopeSpans.map(({ scope, schemaUrl, spans }) => ({
      schemaUrl: apply(schemaUrl),
      scope: scrubScope(scope, apply),
      spans: spans.map(scrubSpan),
    })),
  }));

  function scrubSpan(span: OtlpSpan): OtlpSpan {
    return {
      ...span,
      name: apply(span.name),
      traceState: apply(span.traceState),
      attributes: ofSpan(span.attributes),
      events: span.events.map((event) => ({
        ...event,
        name: isException(event) ? event.name : apply(event.name),
        attributes: ofSpan(event.attributes),
      })),
      links: span.links.map((link) => ({
        ...link,
        traceState: apply(link.traceState),
        attributes: ofSpan(link.attributes),
      })),
      status: { ...span.status, message: apply(span.status.message) },
    };
  }

  function ofSpan(attributes: Attributes): Attributes {
    return changed(attributes, (key, value) => (isStructure(key) ? value : scrubValue(value, apply)));
  }
}

/**
 * The record and its text for backends that know no such records. Its texts are seen one by one, and then the whole, as
 * JSON: where a rule finds something there, which lies across texts, the text is all that is left of the record.
 */
export function scrubOtlpLog(given: OtlpLogRecord, apply: Apply): { otlp: OtlpLogRecord; body: string } {
  const attributes = changed(given.attributes, (key, value) =>
    isRequestId(key, value) ? value : scrubDeep(value, apply),
  );
  const scope = scrubScope(given.scope, apply);
  const otlp: OtlpLogRecord = {
    ...given,
    severityText: apply(given.severityText),
    eventName: apply(given.eventName),
    resource: changedKeys(
      changed(given.resource, (key, value) =>
        isStructure(key) && !SERVICE_KEYS.has(key) ? value : scrubDeep(value, apply),
      ),
      apply,
    ),
    scope: { ...scope, attributes: changedKeys(scope.attributes, apply) },
    body: scrubDeep(given.body, apply),
    attributes: changedKeys(attributes, apply),
  };
  const text = bodyOf(otlp);
  const body = apply(text);
  if (body === text) return { otlp, body };
  const requestIds = Object.entries(attributes).filter(([key, value]) => isRequestId(key, value));
  return { otlp: { ...otlp, severityText: "", eventName: "", body, attributes: Object.fromEntries(requestIds) }, body };
}

function scrubScope(scope: InstrumentationScope, apply: Apply): InstrumentationScope {
  return {
    ...scope,
    name: apply(scope.name),
    version: apply(scope.version),
    attributes: changed(scope.attributes, (_, value) => scrubValue(value, apply)),
  };
}

/** A value as Datadog's spans have it: texts, and as one text each list and map; most numbers stay numbers. */
function scrubValue(value: AnyValue, apply: Apply): AnyValue {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return value;
  const scrubbed = scrubDeep(value, apply);
  if (typeof scrubbed !== "object" || scrubbed === null) return scrubbed;
  const text = textOf(scrubbed);
  const whole = apply(text);
  return whole === text ? scrubbed : whole;
}

/** With keys, numbers and bytes: where they stand in a text, rules see them. */
function scrubDeep(value: AnyValue, apply: Apply, depth = MAX_DEPTH): AnyValue {
  if (value === null) return null;
  if (typeof value !== "object" || value instanceof Uint8Array) {
    const text = textOf(value);
    const scrubbed = apply(text);
    return scrubbed === text ? value : scrubbed;
  }
  if (depth === 0) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((item) => scrubDeep(item, apply, depth - 1));
  return changedKeys(
    changed(value, (_, item) => scrubDeep(item, apply, depth - 1)),
    apply,
  );
}

function changed(attributes: Attributes, change: (key: string, value: AnyValue) => AnyValue): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, change(key, value)]));
}

/** A log's keys are text in Datadog; those that tie things together stay. */
function changedKeys(attributes: Attributes, apply: Apply): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [isStructure(key) ? key : apply(key), value]),
  );
}

function isRequestId(key: string, value: AnyValue): boolean {
  return REQUEST_ID_KEYS.has(key) && typeof value === "string" && isId(value);
}
