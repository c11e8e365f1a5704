/**
 * Spans of OpenTelemetry's protobuf.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/collector/trace/v1/trace_service.proto
 */
import type {
  OtlpSpan,
  OtlpSpanEvent,
  OtlpSpanLink,
  ResourceSpans,
  ScopeSpans,
  SpanKind,
  StatusCode,
} from "../telemetry.ts";
import { parentSpanIdOf, spanIdOf, traceIdOf } from "./otlp-ids.ts";
import { attributesOf, type Entries, noScope, readEntry, readResource, readScope } from "./otlp-protobuf-values.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { spanIdFromHex, traceIdFromHex } from "./trace-ids.ts";

const MAX_KIND = 5;
const MAX_CODE = 2;

/** @param bytes an `ExportTraceServiceRequest` @throws {MalformedError} */
export function resourceSpansOfProtobuf(bytes: Buffer): ResourceSpans[] {
  const from = new ProtobufReader(bytes);
  const all: ResourceSpans[] = [];
  from.fields((field) => {
    if (field === 1) all.push(readResourceSpans(from));
  });
  return all;
}

function readResourceSpans(from: ProtobufReader): ResourceSpans {
  const read: ResourceSpans = { attributes: {}, droppedAttributesCount: 0, schemaUrl: "", scopeSpans: [] };
  from.message((field) => {
    if (field === 1) Object.assign(read, readResource(from));
    else if (field === 2) read.scopeSpans.push(readScopeSpans(from));
    else if (field === 3) read.schemaUrl = from.string();
  });
  return read;
}

function readScopeSpans(from: ProtobufReader): ScopeSpans {
  const read: ScopeSpans = { scope: noScope(), schemaUrl: "", spans: [] };
  from.message((field) => {
    if (field === 1) read.scope = readScope(from);
    else if (field === 2) read.spans.push(readSpan(from));
    else if (field === 3) read.schemaUrl = from.string();
  });
  return read;
}

function readSpan(from: ProtobufReader): OtlpSpan {
  const entries: Entries = [];
  const span: OtlpSpan = {
    traceId: "",
    spanId: "",
    parentSpanId: "",
    traceState: "",
    flags: 0,
    name: "",
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: {},
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: "" },
  };
  from.message((field) => {
    if (field === 1) span.traceId = from.hex();
    else if (field === 2) span.spanId = from.hex();
    else if (field === 3) span.traceState = from.string();
    else if (field === 4) span.parentSpanId = from.hex();
    else if (field === 5) span.name = from.string();
    else if (field === 6) span.kind = known(from.uint32(), MAX_KIND) as SpanKind;
    else if (field === 7) span.startTimeUnixNano = from.fixed64();
    else if (field === 8) span.endTimeUnixNano = from.fixed64();
    else if (field === 9) readEntry(from, entries);
    else if (field === 10) span.droppedAttributesCount = from.uint32();
    else if (field === 11) span.events.push(readEvent(from));
    else if (field === 12) span.droppedEventsCount = from.uint32();
    else if (field === 13) readLink(from, span.links);
    else if (field === 14) span.droppedLinksCount = from.uint32();
    else if (field === 15) span.status = readStatus(from);
    else if (field === 16) span.flags = from.fixed32();
  });
  return {
    ...span,
    traceId: traceIdOf(span.traceId),
    spanId: spanIdOf(span.spanId),
    parentSpanId: parentSpanIdOf(span.parentSpanId),
    attributes: attributesOf(entries),
  };
}

function readEvent(from: ProtobufReader): OtlpSpanEvent {
  const entries: Entries = [];
  const event: OtlpSpanEvent = { timeUnixNano: 0n, name: "", attributes: {}, droppedAttributesCount: 0 };
  from.message((field) => {
    if (field === 1) event.timeUnixNano = from.fixed64();
    else if (field === 2) event.name = from.string();
    else if (field === 3) readEntry(from, entries);
    else if (field === 4) event.droppedAttributesCount = from.uint32();
  });
  event.attributes = attributesOf(entries);
  return event;
}

/** One that leads nowhere is left out. */
function readLink(from: ProtobufReader, links: OtlpSpanLink[]): void {
  const entries: Entries = [];
  const link = { traceId: "", spanId: "", traceState: "", flags: 0, droppedAttributesCount: 0 };
  from.message((field) => {
    if (field === 1) link.traceId = from.hex();
    else if (field === 2) link.spanId = from.hex();
    else if (field === 3) link.traceState = from.string();
    else if (field === 4) readEntry(from, entries);
    else if (field === 5) link.droppedAttributesCount = from.uint32();
    else if (field === 6) link.flags = from.fixed32();
  });
  const traceId = link.traceId.length === 32 && traceIdFromHex(link.traceId);
  const spanId = link.spanId.length === 16 && spanIdFromHex(link.spanId);
  if (traceId && spanId) links.push({ ...link, traceId, spanId, attributes: attributesOf(entries) });
}

function readStatus(from: ProtobufReader): OtlpSpan["status"] {
  const status: OtlpSpan["status"] = { code: 0, message: "" };
  from.message((field) => {
    if (field === 2) status.message = from.string();
    else if (field === 3) status.code = known(from.uint32(), MAX_CODE) as StatusCode;
  });
  return status;
}

/** 0 for a number that is not known. */
function known(number: number, max: number): number {
  return number <= max ? number : 0;
}
