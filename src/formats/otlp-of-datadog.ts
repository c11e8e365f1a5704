/**
 * Datadog's spans as OpenTelemetry's. docs/mapping.md says field by field what becomes of what, and why.
 *
 * Of spans that `datadog-of-otlp.ts` (or Datadog's agent) made of OpenTelemetry's, what they were is restored.
 */
import type {
  AnyValue,
  Attributes,
  OtlpSpan,
  OtlpSpanEvent,
  OtlpSpanLink,
  ResourceSpans,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  StatusCode,
  Trace,
} from "../telemetry.ts";
import { datadogNamesOf } from "./datadog-names-of-otlp.ts";
import { eventsIn, HIGH_HALF_KEY, linksIn } from "./datadog-spans.ts";
import { anyValueOf, attributesIn, numberValue, setAttribute } from "./otlp-values.ts";
import { type SemanticName, semanticNameOf, WHOLE_NUMBER } from "./semantic-names.ts";
import {
  ERROR_MESSAGE,
  ERROR_MSG,
  ERROR_STACK,
  ERROR_TYPE,
  errorIn,
  exceptionOf,
  isException,
  type SpanError,
} from "./span-errors.ts";
import { KIND_NAMES, kindOf } from "./span-kinds.ts";
import * as key from "./span-mapping-keys.ts";

const MAX_UINT64 = 2n ** 64n - 1n;
/** Bit 31 of a link's flags only says that there are any. */
const LINK_FLAGS = 0x7fff_ffff;
const SAMPLED = 1;
const ERROR: StatusCode = 2;
const IS_OTEL_ID = /^[0-9a-f]{32}$/;
const FUNCTION_ARN = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)/;
/** `telemetry.sdk.language` where Datadog's tracers say another word. */
const LANGUAGES = new Map([
  ["javascript", "nodejs"],
  ["node", "nodejs"],
  ["jvm", "java"],
  [".net", "dotnet"],
  ["golang", "go"],
]);

/** What is said of all spans that were written together, by whichever of them says it. */
interface Process {
  language: string;
  tracerVersion: string;
}

/** Spans of one resource and scope. */
interface Group {
  resourceSpans: ResourceSpans;
  spans: OtlpSpan[];
}

/**
 * Grouped by service, env, version, function and instrumentation, in the order in which they are first met.
 *
 * @param traces of one process: of one payload line
 * @param ofStream what is known of the log stream that they were written to
 */
export function resourceSpansOf(traces: Trace[], ofStream: Attributes): ResourceSpans[] {
  const groups = new Map<string, Group>();
  const process: Process = {
    language: firstOf(traces, "language").toLowerCase(),
    tracerVersion: firstOf(traces, "dd_trace"),
  };
  for (const trace of traces) {
    const flags = isSampled(trace) ? SAMPLED : 0;
    const functionArn = firstOf([trace], "function_arn");
    for (const span of trace.spans) {
      const group = groupOf(span, functionArn);
      group.spans.push(otlpSpanOf(span, trace.traceId, flags, group.resourceSpans.attributes));
    }
  }
  return [...groups.values()].map(({ resourceSpans }) => resourceSpans);

  function groupOf(span: Span, functionArn: string): Group {
    const { service } = span;
    const [env, version] = [textOf(span, key.ENV), textOf(span, key.VERSION)];
    const isOtel = isOtelSpan(span);
    const scopeName = isOtel ? firstText(span, key.OTEL_SCOPE_NAMES) : key.DATADOG_SDK;
    const scopeVersion = isOtel ? firstText(span, key.OTEL_SCOPE_VERSIONS) : process.tracerVersion;
    const name = [service, env, version, functionArn, isOtel, scopeName, scopeVersion].join("\0");
    const known = groups.get(name);
    if (known) return known;
    const attributes: Attributes = { ...functionAttributes(functionArn), ...ofStream };
    if (service) attributes[key.SERVICE_NAME] = service;
    if (version) attributes[key.SERVICE_VERSION] = version;
    if (env) attributes[key.ENVIRONMENT] = env;
    if (!isOtel) Object.assign(attributes, sdkAttributes(process));
    const spans: OtlpSpan[] = [];
    const scope = { name: scopeName, version: scopeVersion, attributes: {}, droppedAttributesCount: 0 };
    const scopeSpans: ScopeSpans[] = [{ scope, schemaUrl: "", spans }];
    const group: Group = {
      resourceSpans: { attributes, droppedAttributesCount: 0, schemaUrl: "", scopeSpans },
      spans,
    };
    groups.set(name, group);
    return group;
  }
}

/** Whether a span was OpenTelemetry's before it was Datadog's. */
function isOtelSpan(span: Span): boolean {
  return IS_OTEL_ID.test(textOf(span, key.OTEL_TRACE_ID));
}

/** An attribute; "" where there is none. */
function textOf({ attributes }: Span, name: string): string {
  return Object.hasOwn(attributes, name) ? (attributes[name] as string) : "";
}

function firstText(span: Span, names: readonly string[]): string {
  return names.map((name) => textOf(span, name)).find((text) => text !== "") ?? "";
}

function firstOf(traces: Trace[], name: string): string {
  for (const { spans } of traces) {
    for (const span of spans) {
      const text = textOf(span, name);
      if (text !== "") return text;
    }
  }
  return "";
}

function sdkAttributes({ language, tracerVersion }: Process): Attributes {
  return {
    [key.SDK_NAME]: key.DATADOG_SDK,
    ...(language && { "telemetry.sdk.language": LANGUAGES.get(language) ?? language }),
    ...(tracerVersion && { "telemetry.sdk.version": tracerVersion }),
  };
}

function functionAttributes(functionArn: string): Attributes {
  const name = FUNCTION_ARN.exec(functionArn)?.[1];
  return name === undefined ? {} : { "cloud.resource_id": functionArn, "faas.name": name };
}

/** Spans on stdout were all kept by their tracer, unless one says otherwise. */
function isSampled({ spans }: Trace): boolean {
  const decided = spans.find(({ numericAttributes }) => Object.hasOwn(numericAttributes, key.PRIORITY));
  return (decided?.numericAttributes[key.PRIORITY] ?? 1) > 0;
}

function otlpSpanOf(span: Span, traceId: string, flags: number, resource: Attributes): OtlpSpan {
  const isOtel = isOtelSpan(span);
  const texts = new Map(Object.entries(span.attributes));
  const startTimeUnixNano = time(span.startTimeUnixNano);
  const endTimeUnixNano = time(span.startTimeUnixNano + span.durationNano);
  const links = [...span.links, ...listOf(texts, key.LINKS, linksIn)].map(otlpLinkOf);
  const events = [...span.events, ...listOf(texts, key.EVENTS, eventsIn)].map(otlpEventOf);
  const kind = kindOf(texts.get(key.KIND) ?? "", span.type);
  if (texts.get(key.KIND) === KIND_NAMES[kind]) texts.delete(key.KIND);
  const traceState = texts.get(key.TRACE_STATE) ?? "";
  for (const taken of [key.ENV, key.VERSION, key.TRACE_STATE]) if (texts.get(taken)) texts.delete(taken);
  texts.delete(HIGH_HALF_KEY);
  const name = (isOtel && texts.get(key.OTEL_SPAN_NAME)) || span.resource || span.name;
  const status = isOtel ? otelStatus(span, texts, events) : datadogStatus(span, texts, events, endTimeUnixNano);
  const otlp: OtlpSpan = {
    traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState,
    flags,
    name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: {},
    droppedAttributesCount: 0,
    events,
    droppedEventsCount: 0,
    links,
    droppedLinksCount: 0,
    status,
  };
  if (isOtel) dropOtelNotes(texts);
  const values = valuesOf(span, texts);
  if (!isOtel) {
    if (span.name) values[key.OPERATION_NAME] = span.name;
    if (span.resource) values[key.RESOURCE_NAME] = span.resource;
    if (span.type) values[key.SPAN_TYPE] = span.type;
  }
  otlp.attributes = values;
  return isOtel ? withGivenNames(span, otlp, resource) : otlp;
}

/** Names that do not follow from the span were said by attributes. */
function withGivenNames(span: Span, otlp: OtlpSpan, resource: Attributes): OtlpSpan {
  const derived = datadogNamesOf(otlp, resource);
  return {
    ...otlp,
    attributes: {
      ...otlp.attributes,
      ...(span.name !== derived.name && { [key.OPERATION_NAME]: span.name }),
      ...(span.resource !== derived.resource && { [key.RESOURCE_NAME]: span.resource }),
      ...(span.type !== derived.type && { [key.SPAN_TYPE]: span.type }),
    },
  };
}

/** @param texts the attributes that are texts, under Datadog's names */
function valuesOf(span: Span, texts: Map<string, string>): Attributes {
  const values: Attributes = {};
  const isTaken = (name: string): boolean => texts.has(name) || Object.hasOwn(span.numericAttributes, name);
  for (const [name, number] of Object.entries(span.numericAttributes)) {
    const taken = name === key.PRIORITY && !isTaken(key.SAMPLING_PRIORITY) ? key.SAMPLING_PRIORITY : name;
    setAttribute(values, taken, numberValue(number));
  }
  for (const [name, json] of Object.entries(span.structuredAttributes ?? {}))
    setAttribute(values, name, anyValueOf(json));
  for (const [name, text] of texts) {
    const semantic = semanticNameOf(name);
    const value = semantic && !isTaken(semantic.otel) ? semanticValue(text, semantic.value) : undefined;
    if (semantic && value !== undefined) setAttribute(values, semantic.otel, value);
    else setAttribute(values, name, text);
  }
  return values;
}

/** Undefined for a text that says no such value. */
function semanticValue(text: string, value: SemanticName["value"]): AnyValue | undefined {
  if (text === "") return undefined;
  if (value === "integer") return WHOLE_NUMBER.test(text) ? BigInt(text) : undefined;
  if (value === "boolean") return text === "true" || text === "false" ? text === "true" : undefined;
  return value === "list" ? [text] : text;
}

/** Takes an attribute that is a list in JSON out of the texts; the empty list when it cannot be read. */
function listOf<Item>(
  texts: Map<string, string>,
  name: string,
  read: (json: string) => Item[] | undefined,
): readonly Item[] {
  const text = texts.get(name);
  const items = text ? read(text) : undefined;
  if (!items || items.length === 0) return [];
  texts.delete(name);
  return items;
}

/** Moves message and stack to an event, unless there is one that says the same. */
function datadogStatus(
  span: Span,
  texts: Map<string, string>,
  events: OtlpSpanEvent[],
  endTimeUnixNano: bigint,
): OtlpSpan["status"] {
  if (span.error === 0) return { code: 0, message: "" };
  const [first, second] = [texts.get(ERROR_MESSAGE) ?? "", texts.get(ERROR_MSG) ?? ""];
  const error: SpanError = {
    type: texts.get(ERROR_TYPE) ?? "",
    message: first || second,
    stack: texts.get(ERROR_STACK) ?? "",
  };
  const isSaid = error.type !== "" || error.message !== "" || error.stack !== "";
  if (isSaid && !events.some((event) => isException(event) && isSame(errorIn(event), error))) {
    events.push(exceptionOf(error, endTimeUnixNano));
    if (error.stack !== "") texts.delete(ERROR_STACK);
    // With both there would be no telling which one the event's is.
    if (first !== "" && !texts.has(ERROR_MSG)) texts.delete(ERROR_MESSAGE);
  }
  return { code: ERROR, message: error.message };
}

function isSame(a: SpanError, b: SpanError): boolean {
  return a.type === b.type && a.message === b.message;
}

/** What an event or the status says already is not said again. */
function otelStatus(span: Span, texts: Map<string, string>, events: OtlpSpanEvent[]): OtlpSpan["status"] {
  const code: StatusCode = span.error !== 0 ? ERROR : texts.get(key.OTEL_STATUS_CODE) === "Ok" ? 1 : 0;
  const message = texts.get(key.OTEL_STATUS_DESCRIPTION) ?? "";
  const errors = events.filter(isException).map(errorIn);
  const msg = texts.get(ERROR_MSG);
  if (msg === message || errors.some((error) => error.message === msg)) texts.delete(ERROR_MSG);
  const stack = texts.get(ERROR_STACK);
  if (errors.some((error) => error.stack === stack)) texts.delete(ERROR_STACK);
  return { code, message };
}

/** What was noted of an OpenTelemetry span when it became one of Datadog's. */
function dropOtelNotes(texts: Map<string, string>): void {
  const notes = [key.OTEL_TRACE_ID, key.OTEL_STATUS_CODE, key.OTEL_STATUS_DESCRIPTION, key.OTEL_SPAN_NAME];
  for (const note of [...notes, ...key.OTEL_SCOPE_NAMES, ...key.OTEL_SCOPE_VERSIONS, key.HAS_EXCEPTION]) {
    texts.delete(note);
  }
  for (const [name, text] of texts) {
    const semantic = semanticNameOf(name);
    if (semantic?.back === "copied" && texts.get(semantic.otel) === text) texts.delete(name);
  }
}

function otlpLinkOf({ traceId, spanId, traceState, flags, attributes }: SpanLink): OtlpSpanLink {
  return {
    traceId,
    spanId,
    traceState,
    flags: flags & LINK_FLAGS,
    attributes: attributesIn(Object.entries(attributes)),
    droppedAttributesCount: 0,
  };
}

function otlpEventOf({ timeUnixNano, name, attributes }: SpanEvent): OtlpSpanEvent {
  const entries = Object.entries(attributes).map(([name, value]): [string, AnyValue] => [name, anyValueOf(value)]);
  return { timeUnixNano: time(timeUnixNano), name, attributes: attributesIn(entries), droppedAttributesCount: 0 };
}

/** OpenTelemetry's times are not negative. */
function time(unixNano: bigint): bigint {
  return unixNano < 0n ? 0n : unixNano > MAX_UINT64 ? MAX_UINT64 : unixNano;
}
