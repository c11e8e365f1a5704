/** What Datadog is sent of decoded trace payload lines: the plain path, which says what every other must give. */
import { lowHalf } from "../formats/trace-ids.ts";
import type { Span, Trace } from "../telemetry.ts";
import { type SpanAdditions, TOP_LEVEL } from "./datadog-span-additions.ts";
import { LAMBDA, renamingOf } from "./datadog-trace-tags.ts";

/** One trace payload line. "" = not said. */
export interface TracerPayload {
  language: string;
  tracerVersion: string;
  runtimeId: string;
  env: string;
  version: string;
  chunks: TraceChunk[];
}

/** The spans of one trace in one line, at least one. */
export interface TraceChunk {
  traceId: string;
  /** Greater than zero: keep. */
  priority: number;
  origin: string;
  spans: SentSpan[];
}

export interface SentSpan extends Span {
  /** Attributes besides the tracer's. */
  added: readonly [string, string][];
}

const PARENT_SOURCE = "_dd.parent_source";
/** Attributes that the first span of a trace has for all of it. */
const OF_TRACE = "_dd.p.";

/**
 * The lines of a slice, each as it is sent. Spans are looked at together, because tracers print large traces in several
 * lines, in any order.
 */
export function tracerPayloadsOf(lines: Trace[][], additions: SpanAdditions): TracerPayload[] {
  const all = lines.flat();
  const kept = withoutPlaceholders(all);
  const sent = kept.flat();
  const services = new Map(sent.map(({ spanId, service }) => [spanId, service]));
  const own = sent.filter(({ name, service }) => name === LAMBDA || service === LAMBDA);
  const rename = renamingOf(new Set(own.map(({ service }) => service)), additions.tags.service);
  let next = 0;
  return lines.map((traces): TracerPayload => {
    const spans = traces.flatMap((trace) => trace.spans);
    // Which attributes of which span tell the tracer differs by tracer; the first span that has one speaks for all.
    const first = (key: string): string => spans.find((span) => span.attributes[key])?.attributes[key] ?? "";
    const { env, version } = additions.tags;
    return {
      language: first("language"),
      tracerVersion: first("dd_trace"),
      runtimeId: first("runtime-id"),
      env: env || spans.findLast(({ attributes }) => attributes.env)?.attributes.env || "none",
      version: first("version") || version,
      chunks: traces
        .map((trace) => ({ ...chunkOf(trace), spans: (kept[next++] as Span[]).map(sentSpan) }))
        .filter((chunk) => chunk.spans.length > 0),
    };
  });

  function sentSpan(span: Span): SentSpan {
    const added = additions.missingIn(span.attributes);
    const isTopLevel = services.get(span.parentSpanId) !== span.service;
    const numericAttributes =
      isTopLevel && !Object.hasOwn(span.numericAttributes, TOP_LEVEL)
        ? { ...span.numericAttributes, [TOP_LEVEL]: 1 }
        : span.numericAttributes;
    if (!rename) return { ...span, numericAttributes, added };
    const { service } = span.attributes;
    const attributes = service ? { ...span.attributes, service: rename(service) } : span.attributes;
    return { ...span, service: rename(span.service), attributes, numericAttributes, added };
  }
}

/** What is said of a trace as a whole. */
function chunkOf({ traceId, spans }: Trace): Omit<TraceChunk, "spans"> {
  const decided = spans.find((span) => "_sampling_priority_v1" in span.numericAttributes);
  return {
    traceId,
    // Spans on stdout were all kept by their tracer; 1 is "keep".
    priority: Math.trunc(decided?.numericAttributes._sampling_priority_v1 ?? 1),
    origin: spans.find((span) => span.attributes["_dd.origin"])?.attributes["_dd.origin"] ?? "lambda",
  };
}

/**
 * The spans of each trace without those that only stand for a span of X-Ray, which Datadog has from X-Ray: their children
 * become children of that span.
 */
function withoutPlaceholders(traces: Trace[]): Span[][] {
  const parents = new Map<string, string>();
  const ofTraces = new Map<string, Record<string, string>>();
  for (const { traceId, spans } of traces) {
    for (const { spanId, parentSpanId, attributes } of spans.filter(isPlaceholder)) {
      parents.set(spanId, parentSpanId);
      const entries = Object.entries(attributes).filter(([key]) => key.startsWith(OF_TRACE));
      ofTraces.set(lowHalf(traceId), { ...ofTraces.get(lowHalf(traceId)), ...Object.fromEntries(entries) });
    }
  }
  if (parents.size === 0) return traces.map(({ spans }) => spans);
  return traces.map(({ traceId, spans }) =>
    spans
      .filter((span) => !isPlaceholder(span))
      .map((span) => {
        const attributes = { ...ofTraces.get(lowHalf(traceId)), ...span.attributes };
        ofTraces.delete(lowHalf(traceId));
        return { ...span, parentSpanId: keptParent(span.parentSpanId, parents), attributes };
      }),
  );
}

function isPlaceholder({ attributes }: Span): boolean {
  return attributes[PARENT_SOURCE] === "xray";
}

/** The nearest ancestor that is sent; "" where placeholders are their own ancestors. @param parents of placeholders */
function keptParent(spanId: string, parents: Map<string, string>): string {
  const passed: string[] = [];
  let at = spanId;
  for (let parent = parents.get(at); parent !== undefined; parent = parents.get(at)) {
    passed.push(at);
    parents.set(at, "");
    at = parent;
  }
  for (const placeholder of passed) parents.set(placeholder, at);
  return at;
}
