/**
 * What a line of the archive says, by its column in Athena. Every line begins with `{"event_time":"`, by which it finds its
 * partition; a member that says nothing is left out. docs/archive.md has the tables.
 */
import { resourceSpansOf } from "../formats/otlp-of-datadog.ts";
import { type GivenAttributes, resourceAttributesOf, withService } from "../formats/otlp-resource.ts";
import { KIND_NAMES } from "../formats/span-kinds.ts";
import type {
  AnyValue,
  Attributes,
  LogRecord,
  OtlpSpan,
  Resource,
  ResourceTelemetry,
  TracePayload,
} from "../telemetry.ts";
import { CONTINUATION } from "./archive-items.ts";
import { listJson, numberJson, objectOf, stringJson, textJson } from "./otlp-json.ts";
import { recordOf } from "./otlp-log-record.ts";
import { serviceOf } from "./otlp-logs.ts";

const NANOS_PER_MS = 1_000_000n;
/** The end of the year 9999, behind which dates have another form. */
const MAX_UNIX_MS = 253_402_300_799_999n;
const STATUS_NAMES = ["unset", "ok", "error"] as const;
/** A resource's log records are of few services. */
const MAX_RESOURCES = 100;

/** A resource as the lines of it have it. */
interface WrittenResource {
  service: string;
  json: string;
}

/**
 * Writes log records. The time of a record without one is `nowUnixNano`; when it was observed is not said, so that the
 * same event gives the same line again.
 *
 * @param given what settings say of everything
 */
export function logLines(
  given: GivenAttributes,
): (record: LogRecord, telemetry: ResourceTelemetry, nowUnixNano: bigint) => string {
  // The slices of a log stream come one after the other with one resource.
  let last: Resource | undefined;
  const known = new Map<string, WrittenResource>();
  return (record, { resource, slice }, nowUnixNano) => {
    const { timeUnixNano, attributes, ...written } = recordOf(record, slice, nowUnixNano, false);
    const { "log.record.uid": uid = null, "faas.invocation_id": requestId = null, ...others } = attributes;
    const { service, json } = resourceFor(record, resource);
    const time = timeUnixNano || nowUnixNano;
    return objectOf({
      event_time: dateJson(time),
      time_unix_nano: String(time),
      severity_text: textJson(written.severityText),
      severity_number: numberJson(written.severityNumber),
      trace_id: textJson(written.traceId),
      span_id: textJson(written.spanId),
      service_name: textJson(service),
      ...placeOf(resource),
      request_id: textJson(textOf(requestId)),
      uid: textJson(textOf(uid)),
      event_name: textJson(written.eventName),
      body: stringJson(textOf(written.body)),
      attributes: mapJson(others),
      resource: json,
    });
  };

  function resourceFor(record: LogRecord, resource: Resource): WrittenResource {
    if (record.otlp) return writtenResource(record.otlp.resource);
    if (last !== resource || known.size >= MAX_RESOURCES) known.clear();
    last = resource;
    const said = serviceOf(record);
    const key = `${said.service}\n${said.env}\n${said.version}`;
    const found = known.get(key) ?? writtenResource(withService(resourceAttributesOf(resource, given), said));
    known.set(key, found);
    return found;
  }
}

/**
 * The spans of one payload, a line each; the lines behind the first say by a space that they continue its item.
 *
 * @param given what settings say of everything
 */
export function spanLines(
  { resourceSpans, decode }: TracePayload,
  { resource }: ResourceTelemetry,
  given: GivenAttributes,
): string {
  const lines: string[] = [];
  const spans = resourceSpans ?? resourceSpansOf(decode(), resourceAttributesOf(resource, given));
  for (const { attributes, scopeSpans } of spans) {
    const of = writtenResource(attributes);
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) lines.push(spanLine(span, scope.name, of, resource));
    }
  }
  // There are as many items as payloads, also where one has no span.
  if (lines.length === 0) lines.push(objectOf({ event_time: dateJson(0n), ...placeOf(resource) }));
  return lines.join(`\n${CONTINUATION}`);
}

function spanLine(span: OtlpSpan, scope: string, { service, json }: WrittenResource, resource: Resource): string {
  const { startTimeUnixNano: start, endTimeUnixNano: end, attributes } = span;
  return objectOf({
    event_time: dateJson(start),
    start_time_unix_nano: String(start),
    end_time_unix_nano: String(end),
    duration_ms: String(Number(end - start) / 1e6),
    trace_id: textJson(span.traceId),
    span_id: textJson(span.spanId),
    parent_span_id: textJson(span.parentSpanId),
    trace_state: textJson(span.traceState),
    name: stringJson(span.name),
    kind: stringJson(KIND_NAMES[span.kind] ?? ""),
    status: stringJson(STATUS_NAMES[span.status.code] ?? ""),
    status_message: textJson(span.status.message),
    service_name: textJson(service),
    ...placeOf(resource),
    request_id: textJson(textOf(attributes["faas.invocation_id"] ?? null)),
    scope_name: textJson(scope),
    attributes: mapJson(attributes),
    resource: json,
    events: listJson(span.events, ({ timeUnixNano, name, attributes }) =>
      objectOf({ time_unix_nano: String(timeUnixNano), name: stringJson(name), attributes: mapJson(attributes) }),
    ),
    links: listJson(span.links, ({ traceId, spanId, attributes }) =>
      objectOf({ trace_id: stringJson(traceId), span_id: stringJson(spanId), attributes: mapJson(attributes) }),
    ),
  });
}

function placeOf({ attributes }: Resource): Record<string, string> {
  return {
    log_group: textJson(attributes["aws.log.group.names"] ?? ""),
    log_stream: textJson(attributes["aws.log.stream.names"] ?? ""),
  };
}

function writtenResource(attributes: Attributes): WrittenResource {
  return { service: textOf(attributes["service.name"] ?? null), json: mapJson(attributes) };
}

/** UTC, to the millisecond, with a year of four digits. */
function dateJson(unixNano: bigint): string {
  const unixMs = unixNano / NANOS_PER_MS;
  const bounded = unixMs < 0n ? 0n : unixMs > MAX_UNIX_MS ? MAX_UNIX_MS : unixMs;
  return `"${new Date(Number(bounded)).toISOString()}"`;
}

/** `map<string,string>`: what is no text is written as JSON; "" where there is nothing. */
function mapJson(attributes: Attributes): string {
  const members = Object.entries(attributes).map(([key, value]) => `${stringJson(key)}:${stringJson(textOf(value))}`);
  return members.length === 0 ? "" : `{${members.join(",")}}`;
}

function textOf(value: AnyValue): string {
  if (value === null) return "";
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return typeof value === "string" ? value : jsonOf(value);
}

function jsonOf(value: AnyValue): string {
  if (typeof value === "string") return stringJson(value);
  if (value === null || typeof value === "number" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return stringJson(textOf(value));
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(",")}]`;
  return `{${Object.entries(value)
    .map(([key, member]) => `${stringJson(key)}:${jsonOf(member)}`)
    .join(",")}}`;
}
