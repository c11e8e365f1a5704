/**
 * OpenTelemetry's spans as Datadog's, as Datadog's agent makes them. docs/mapping.md says field by field what becomes of
 * what, and why. Spans that a tracer of Datadog made (`telemetry.sdk.name` says so) become again what they were.
 */
import type {
  AnyValue,
  Attributes,
  AttributeValue,
  InstrumentationScope,
  OtlpSpan,
  OtlpSpanEvent,
  OtlpSpanLink,
  ResourceSpans,
  Span,
  SpanEvent,
  SpanLink,
  Trace,
} from "../telemetry.ts";
import { datadogNamesOf } from "./datadog-names-of-otlp.ts";
import { HIGH_HALF_KEY } from "./datadog-spans.ts";
import { attributeIn, attributesIn, isExact, jsonOf, textIn, textOf } from "./otlp-values.ts";
import { type SemanticName, semanticNameIn, WHOLE_NUMBER } from "./semantic-names.ts";
import {
  ERROR_MESSAGE,
  ERROR_MSG,
  ERROR_STACK,
  ERROR_TYPE,
  errorIn,
  isException,
  isOnlyAnError,
} from "./span-errors.ts";
import { KIND_NAMES } from "./span-kinds.ts";
import * as key from "./span-mapping-keys.ts";
import { highHalf, is128Bit } from "./trace-ids.ts";

const MAX_INT64 = 2n ** 63n - 1n;
const ERROR = 2;
const ARE_FIELDS = new Set([key.SERVICE_NAME, key.OPERATION_NAME, key.RESOURCE_NAME, key.SPAN_TYPE]);
/** What the resource of a Datadog span says besides what its tracer said. */
const OF_LOG_STREAM = /^(?:service\.|deployment\.environment|telemetry\.sdk\.|cloud\.|faas\.|aws\.log\.)/;
/** @see https://www.iana.org/assignments/http-status-codes */
const STATUS_TEXTS = new Map([
  ["400", "Bad Request"],
  ["401", "Unauthorized"],
  ["403", "Forbidden"],
  ["404", "Not Found"],
  ["405", "Method Not Allowed"],
  ["408", "Request Timeout"],
  ["409", "Conflict"],
  ["410", "Gone"],
  ["413", "Request Entity Too Large"],
  ["415", "Unsupported Media Type"],
  ["422", "Unprocessable Entity"],
  ["429", "Too Many Requests"],
  ["500", "Internal Server Error"],
  ["501", "Not Implemented"],
  ["502", "Bad Gateway"],
  ["503", "Service Unavailable"],
  ["504", "Gateway Timeout"],
]);

/** The spans by their traces, in the order in which they are first met. */
export function tracesOf(resourceSpans: ResourceSpans[]): Trace[] {
  const traces = new Map<string, Trace>();
  for (const { attributes: resource, scopeSpans } of resourceSpans) {
    const isDatadog = attributeIn(resource, key.SDK_NAME) === key.DATADOG_SDK;
    const ofTracer = attributesIn(Object.entries(resource).filter(([name]) => !OF_LOG_STREAM.test(name)));
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) {
        const trace = traces.get(span.traceId) ?? { traceId: span.traceId, spans: [] };
        traces.set(span.traceId, trace);
        // As tracers write it: one span of those that are written together tells the high half of the id.
        const isFirst = trace.spans.length === 0;
        trace.spans.push(
          isDatadog ? restored(span, resource, ofTracer, isFirst) : converted(span, resource, scope, isFirst),
        );
      }
    }
  }
  return [...traces.values()];
}

/** Attributes as Datadog sorts them. */
class Attribution {
  readonly texts = new Map<string, string>();
  readonly numbers = new Map<string, number>();
  readonly structured = new Map<string, unknown>();

  has(name: string): boolean {
    return this.texts.has(name) || this.numbers.has(name) || this.structured.has(name);
  }

  /** Unless there is one of the name, or the text is empty. */
  note(name: string, text: string): void {
    if (text !== "" && !this.has(name)) this.texts.set(name, text);
  }

  /** Unless the text is empty. */
  say(name: string, text: string): void {
    if (text !== "") this.texts.set(name, text);
  }

  /** Under its own name, unless there is one. Ints that a double does not hold are texts. */
  put(name: string, value: AnyValue, isDatadog: boolean): void {
    if (this.has(name)) return;
    if (typeof value === "number" && Number.isFinite(value)) this.numbers.set(name, value);
    else if (typeof value === "bigint" && isExact(value)) this.numbers.set(name, Number(value));
    else if (isDatadog && isStructure(value)) this.structured.set(name, jsonOf(value));
    else this.texts.set(name, textOf(value));
  }
}

function isStructure(value: AnyValue): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/** A span that a tracer of Datadog made. @param ofTracer what the tracer said of its resource */
function restored(span: OtlpSpan, resource: Attributes, ofTracer: Attributes, isFirst: boolean): Span {
  const attribution = new Attribution();
  const events = [...span.events];
  const last = events.at(-1);
  const isError = span.status.code === ERROR;
  if (isError && last && isOnlyAnError(last, span.endTimeUnixNano)) {
    events.pop();
    const { type, message, stack } = errorIn(last);
    attribution.note(ERROR_TYPE, type);
    const isSaid = [ERROR_MESSAGE, ERROR_MSG].some((name) => textIn(span.attributes, name) !== "");
    if (!isSaid) attribution.note(ERROR_MESSAGE, message);
    attribution.note(ERROR_STACK, stack);
  }
  addAll(attribution, span.attributes, true);
  attribution.note(key.KIND, KIND_NAMES[span.kind] ?? KIND_NAMES[0]);
  noteFields(attribution, span, [resource], isFirst);
  addAll(attribution, ofTracer, true);
  return {
    ...fieldsOf(span, resource, attribution, events),
    name: textIn(span.attributes, key.OPERATION_NAME),
    resource: textIn(span.attributes, key.RESOURCE_NAME),
    type: textIn(span.attributes, key.SPAN_TYPE),
    error: isError ? 1 : 0,
  };
}

function converted(span: OtlpSpan, resource: Attributes, scope: InstrumentationScope, isFirst: boolean): Span {
  const attribution = new Attribution();
  const names = datadogNamesOf(span, resource);
  addAll(attribution, span.attributes, false);
  const isError = noteError(attribution, span);
  attribution.say(key.KIND, KIND_NAMES[span.kind] ?? KIND_NAMES[0]);
  noteFields(attribution, span, [span.attributes, resource], isFirst);
  attribution.say(key.OTEL_TRACE_ID, span.traceId);
  if (span.name !== names.resource) attribution.say(key.OTEL_SPAN_NAME, span.name);
  for (const name of key.OTEL_SCOPE_NAMES) attribution.say(name, scope.name);
  for (const name of key.OTEL_SCOPE_VERSIONS) attribution.say(name, scope.version);
  attribution.say(key.OTEL_STATUS_CODE, key.STATUS_NAMES[span.status.code]);
  attribution.say(key.OTEL_STATUS_DESCRIPTION, span.status.message);
  if (span.events.some(isException)) attribution.say(key.HAS_EXCEPTION, "true");
  addAll(attribution, resource, false);
  addAll(attribution, scope.attributes, false);
  return { ...fieldsOf(span, resource, attribution, span.events), ...names, error: isError ? 1 : 0 };
}

/** What both kinds of spans have. */
function fieldsOf(
  span: OtlpSpan,
  resource: Attributes,
  { texts, numbers, structured }: Attribution,
  events: OtlpSpanEvent[],
): Omit<Span, "name" | "resource" | "type" | "error"> {
  const startTimeUnixNano = int64(span.startTimeUnixNano);
  const durationNano = int64(span.endTimeUnixNano) - startTimeUnixNano;
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    service: textIn(span.attributes, key.SERVICE_NAME) || textIn(resource, key.SERVICE_NAME),
    startTimeUnixNano,
    durationNano: durationNano < 0n ? 0n : durationNano,
    attributes: attributesIn(texts),
    numericAttributes: attributesIn(numbers),
    links: span.links.map(linkOf),
    events: events.map(eventOf),
    ...(structured.size > 0 && { structuredAttributes: attributesIn(structured) }),
  };
}

/** @param sources of environment and version, the first that says one */
function noteFields(attribution: Attribution, span: OtlpSpan, sources: Attributes[], isFirst: boolean): void {
  attribution.say(key.TRACE_STATE, span.traceState);
  attribution.note(key.ENV, firstText(sources, key.ENVIRONMENT) || firstText(sources, key.OLD_ENVIRONMENT));
  attribution.note(key.VERSION, firstText(sources, key.SERVICE_VERSION));
  if (isFirst && is128Bit(span.traceId)) attribution.say(HIGH_HALF_KEY, highHalf(span.traceId));
}

function firstText(sources: Attributes[], name: string): string {
  for (const attributes of sources) {
    const text = textIn(attributes, name);
    if (text !== "") return text;
  }
  return "";
}

function addAll(attribution: Attribution, attributes: Attributes, isDatadog: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!ARE_FIELDS.has(name)) add(attribution, attributes, name, value, isDatadog);
  }
}

function add(
  attribution: Attribution,
  attributes: Attributes,
  name: string,
  value: AnyValue,
  isDatadog: boolean,
): void {
  const semantic = semanticNameIn(name);
  const text = semantic && !Object.hasOwn(attributes, semantic.datadog) ? datadogText(value, semantic) : "";
  if (semantic && text !== "") {
    const isRenamed = isDatadog || semantic.back === "renamed";
    if (isRenamed || semantic.back === "copied") attribution.note(semantic.datadog, text);
    if (isRenamed) return;
  }
  if (name === key.SAMPLING_PRIORITY && !Object.hasOwn(attributes, key.PRIORITY)) addPriority(attribution, value);
  else if (name === key.ANALYTICS_EVENT && !isDatadog) addAnalytics(attribution, value);
  else attribution.put(name, value, isDatadog);
}

/** "" for a value that is not of the kind. */
function datadogText(value: AnyValue, { value: kind }: SemanticName): string {
  const text = kind === "list" && Array.isArray(value) ? value.map(textOf).join(",") : textOf(value);
  if (kind === "integer") return WHOLE_NUMBER.test(text) ? text : "";
  return kind === "boolean" && typeof value !== "boolean" ? "" : text;
}

/** Some write the number as text. */
function addPriority(attribution: Attribution, value: AnyValue): void {
  const text = textOf(value);
  const number = typeof value === "number" ? value : text === "" ? Number.NaN : Number(text);
  if (Number.isFinite(number)) attribution.numbers.set(key.PRIORITY, number);
  else attribution.put(key.SAMPLING_PRIORITY, value, false);
}

function addAnalytics(attribution: Attribution, value: AnyValue): void {
  const text = textOf(value).toLowerCase();
  if (text === "true" || text === "false") attribution.numbers.set(key.ANALYTICS, text === "true" ? 1 : 0);
  else attribution.put(key.ANALYTICS_EVENT, value, false);
}

/** Of several exceptions the last is what the span ended with. */
function noteError(attribution: Attribution, span: OtlpSpan): boolean {
  if (span.status.code !== ERROR) return false;
  const exception = span.events.findLast(isException);
  const { type, message, stack } = exception ? errorIn(exception) : { type: "", message: "", stack: "" };
  attribution.note(ERROR_TYPE, type);
  attribution.note(ERROR_STACK, stack);
  attribution.note(ERROR_MSG, message || span.status.message || httpStatus(attribution));
  return true;
}

function httpStatus({ texts, numbers }: Attribution): string {
  const code = texts.get("http.status_code") ?? String(numbers.get("http.status_code") ?? "");
  const text = STATUS_TEXTS.get(code);
  return text === undefined ? code : `${code} ${text}`;
}

function linkOf({ traceId, spanId, traceState, flags, attributes }: OtlpSpanLink): SpanLink {
  const texts = Object.entries(attributes).map(([name, value]): [string, string] => [name, textOf(value)]);
  return { traceId, spanId, attributes: attributesIn(texts), traceState, flags };
}

function eventOf({ timeUnixNano, name, attributes }: OtlpSpanEvent): SpanEvent {
  const values = Object.entries(attributes).map(([key, value]): [string, AttributeValue] => [key, eventValue(value)]);
  return { timeUnixNano, name, attributes: attributesIn(values) };
}

/** Datadog's events have lists of plain values; what is nested deeper is JSON. */
function eventValue(value: AnyValue): AttributeValue {
  return Array.isArray(value) ? value.map(plainValue) : plainValue(value);
}

function plainValue(value: AnyValue): string | number | boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return typeof value === "bigint" && isExact(value) ? Number(value) : textOf(value);
}

function int64(value: bigint): bigint {
  return value > MAX_INT64 ? MAX_INT64 : value;
}
