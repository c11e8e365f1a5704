/**
 * Reads Zipkin's spans. Spans of one service are one resource.
 *
 * @see https://zipkin.io/zipkin-api/#/default/post_spans
 * @see https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/
 */
import type { Attributes, OtlpSpan, OtlpSpanEvent, ResourceSpans, SpanKind, StatusCode } from "../telemetry.ts";
import { parseExactly } from "./exact-json.ts";
import { isLeftOut, type JsonObject, object, objects, text, uint32 } from "./json-fields.ts";
import { isJsonObject } from "./json-object.ts";
import { MalformedError, unlessMalformed } from "./malformed.ts";
import { messageIn } from "./message.ts";
import { parentSpanIdOf, spanIdOf, traceIdOf } from "./otlp-ids.ts";
import { payloadOf } from "./otlp-payload.ts";
import type { TraceReader } from "./trace-format.ts";

const KINDS = ["", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const CODES = ["UNSET", "OK", "ERROR"];
const ERROR = 2;
/** Times of 2001 to 2286: a log's `timestamp` in other units is none of them. */
const [MIN_MICROSECONDS, MAX_MICROSECONDS] = [1e15, 1e16];
const FIRST_BIT = 1n << 63n;

export const reader: TraceReader = {
  read(event, slice) {
    const line = parseExactly(messageIn(event, slice));
    const spans = Array.isArray(line) ? line : [line];
    if (spans.length === 0 || !spans.every(isZipkin)) return undefined;
    return unlessMalformed(() => payloadOf(resourceSpansOf(spans)));
  },
};

function isZipkin(span: unknown): span is JsonObject {
  if (!isJsonObject(span)) return false;
  const { traceId, id, timestamp, localEndpoint } = span;
  const isTime = Number.isInteger(timestamp) && (timestamp as number) >= MIN_MICROSECONDS;
  return typeof traceId === "string" && typeof id === "string" && isTime && isJsonObject(localEndpoint);
}

function resourceSpansOf(spans: JsonObject[]): ResourceSpans[] {
  const resources = new Map<string, ResourceSpans>();
  const shared = new Set(spans.filter((span) => span.shared === true).map((span) => keyOf(span, span.id)));
  for (const span of spans) {
    const service = serviceOf(span.localEndpoint);
    const resource = resources.get(service) ?? aResource(service);
    resources.set(service, resource);
    const read = spanOf(span);
    // What a server did for a span that it shares with its client is below its own half of it.
    if (span.shared === true) Object.assign(read, { parentSpanId: read.spanId, spanId: ownIdOf(read.spanId) });
    else if (shared.has(keyOf(span, span.parentId))) read.parentSpanId = ownIdOf(read.parentSpanId);
    (resource.scopeSpans[0] as ResourceSpans["scopeSpans"][number]).spans.push(read);
  }
  return [...resources.values()];
}

/** A span of a service, whether it is one or the parent of one. */
function keyOf({ localEndpoint, traceId }: JsonObject, spanId: unknown): string {
  return JSON.stringify([serviceOf(localEndpoint), traceId, spanId]);
}

/**
 * Another id for the server's half of a span that both sides write under one id: two spans of a trace cannot have the
 * same. Its first bit is the other one.
 */
function ownIdOf(spanId: string): string {
  const id = BigInt(`0x${spanId}`) ^ FIRST_BIT;
  return (id === 0n ? 1n : id).toString(16).padStart(16, "0");
}

function aResource(service: string): ResourceSpans {
  return {
    attributes: service ? { "service.name": service } : {},
    droppedAttributesCount: 0,
    schemaUrl: "",
    scopeSpans: [
      { scope: { name: "", version: "", attributes: {}, droppedAttributesCount: 0 }, schemaUrl: "", spans: [] },
    ],
  };
}

function serviceOf(endpoint: unknown): string {
  return text(object(endpoint).serviceName);
}

function spanOf(span: JsonObject): OtlpSpan {
  const { error, "otel.status_code": code, "otel.status_description": description, ...tags } = object(span.tags);
  const startTimeUnixNano = nanoOf(span.timestamp);
  const isError = error !== undefined || code === "ERROR";
  const message = text(description) || (error === "true" ? "" : text(error));
  return {
    traceId: traceIdOf(text(span.traceId).padStart(32, "0")),
    spanId: spanIdOf(text(span.id).padStart(16, "0")),
    parentSpanId: parentSpanIdOf(text(span.parentId)),
    traceState: "",
    flags: 0,
    name: text(span.name),
    kind: Math.max(0, KINDS.indexOf(text(span.kind))) as SpanKind,
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + BigInt(durationOf(span.duration)) * 1_000n,
    attributes: {
      ...textsIn(tags),
      ...endpointOf(object(span.localEndpoint), "network.local"),
      ...endpointOf(object(span.remoteEndpoint), "network.peer"),
      ...peerOf(span.remoteEndpoint),
    },
    droppedAttributesCount: 0,
    events: objects(span.annotations).map(eventOf),
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: isError ? ERROR : (Math.max(0, CODES.indexOf(text(code))) as StatusCode), message },
  };
}

function textsIn(tags: JsonObject): Attributes {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, text(value)]));
}

/** @param prefix of the names of address and port */
function endpointOf({ ipv4, ipv6, port }: JsonObject, prefix: string): Attributes {
  const address = text(ipv4) || text(ipv6);
  return {
    ...(address && { [`${prefix}.address`]: address }),
    ...(isLeftOut(port) ? {} : { [`${prefix}.port`]: BigInt(uint32(port)) }),
  };
}

function peerOf(endpoint: unknown): Attributes {
  const service = serviceOf(endpoint);
  return service ? { "peer.service": service } : {};
}

function eventOf({ timestamp, value }: JsonObject): OtlpSpanEvent {
  return { timeUnixNano: nanoOf(timestamp), name: text(value), attributes: {}, droppedAttributesCount: 0 };
}

/** From microseconds. */
function nanoOf(microseconds: unknown): bigint {
  const isTime = Number.isInteger(microseconds) && (microseconds as number) >= 0;
  if (!isTime || (microseconds as number) >= MAX_MICROSECONDS) throw new MalformedError();
  return BigInt(microseconds as number) * 1_000n;
}

function durationOf(microseconds: unknown): number {
  if (isLeftOut(microseconds)) return 0;
  if (Number.isSafeInteger(microseconds) && (microseconds as number) >= 0) return microseconds as number;
  throw new MalformedError();
}
