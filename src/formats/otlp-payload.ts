/** Spans in OpenTelemetry's terms as a trace payload. */
import type {
  AnyValue,
  Attributes,
  NamingSpan,
  OtlpSpan,
  ResourceSpans,
  SpanOutline,
  SpanTimes,
  TimedSpan,
  TraceOutline,
  TracePayload,
} from "../telemetry.ts";
import { tracesOf } from "./datadog-of-otlp.ts";
import { spanKeyOf } from "./span-key.ts";
import { KIND_NAMES } from "./span-kinds.ts";
import { unixMs } from "./trace-outline.ts";

const SERVER = 2;
/** The request a span belongs to; the second is the name that the conventions had before. */
const REQUEST_ID_KEYS = ["faas.invocation_id", "faas.execution"];
/** On the span of a function its own request, on a client's the request that AWS answered. */
const AWS_REQUEST_ID_KEY = "aws.request_id";

/** What the line is; undefined where there are no spans. */
export function payloadOf(resourceSpans: ResourceSpans[]): Omit<TracePayload, "index"> | undefined {
  const traces = outlinesOf(resourceSpans);
  if (traces.length === 0) return undefined;
  return { traces, table: null, firstSpan: 0, resourceSpans, decode: () => tracesOf(resourceSpans) };
}

/** One for each trace, in the order of their first spans. */
export function outlinesOf(resourceSpans: ResourceSpans[]): TraceOutline[] {
  const traces = new Map<string, OtlpOutline>();
  for (const { attributes, scopeSpans } of resourceSpans) {
    for (const { spans } of scopeSpans) {
      for (const span of spans) {
        const outline = traces.get(span.traceId) ?? new OtlpOutline();
        traces.set(span.traceId, outline);
        outline.add(span, attributes);
      }
    }
  }
  return [...traces.values()];
}

class OtlpOutline implements TraceOutline {
  readonly naming: NamingSpan[] = [];
  readonly #spans: { span: OtlpSpan; resource: Attributes }[] = [];

  add(span: OtlpSpan, resource: Attributes): void {
    this.#spans.push({ span, resource });
    const requestId = requestIdOf(span).toLowerCase();
    if (requestId) this.naming.push({ ...outlineOf(span, resource), requestId });
  }

  get traceId(): string {
    return this.#spans[0]?.span.traceId ?? "";
  }

  /** The id of all its spans. */
  set traceId(traceId: string) {
    for (const { span } of this.#spans) span.traceId = traceId;
  }

  get spanCount(): number {
    return this.#spans.length;
  }

  serverless(): SpanOutline | undefined {
    const found = this.#spans.find(({ span }) => isServerless(span));
    return found && outlineOf(found.span, found.resource);
  }

  localRoots(): SpanOutline[] {
    const ids = this.spanIds();
    return this.#spans
      .filter(({ span }) => !ids.has(span.parentSpanId))
      .map(({ span, resource }) => outlineOf(span, resource));
  }

  spanIds(): Set<string> {
    return new Set(this.#spans.map(({ span }) => span.spanId));
  }

  timesOf(spanId: string): SpanTimes | undefined {
    const found = this.#spans.findLast(({ span }) => span.spanId === spanId);
    return found && timesOf(found.span);
  }

  timedSpans(): TimedSpan[] {
    return this.#spans.map(({ span, resource }) => ({
      key: spanKeyOf(span.spanId),
      parentKey: spanKeyOf(span.parentSpanId),
      service: namesIn(resource).service,
      kind: KIND_NAMES[span.kind],
      ...timesOf(span),
    }));
  }
}

function timesOf({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan): SpanTimes {
  return { startUnixMs: unixMs(Number(startTimeUnixNano)), endUnixMs: unixMs(Number(endTimeUnixNano)) };
}

function outlineOf(span: OtlpSpan, resource: Attributes): SpanOutline {
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    ...namesIn(resource),
    name: span.name,
    type: isServerless(span) ? "serverless" : "",
  };
}

/** What a resource is called; "" = not said. */
export function namesIn(resource: Attributes): Pick<SpanOutline, "service" | "env" | "version"> {
  return {
    service: string(resource["service.name"]),
    env: string(resource["deployment.environment.name"] ?? resource["deployment.environment"]),
    version: string(resource["service.version"]),
  };
}

/** Whether it is the invocation of a function. */
function isServerless({ kind, attributes }: OtlpSpan): boolean {
  if (kind !== SERVER) return false;
  for (const key in attributes) if (key.startsWith("faas.")) return true;
  return false;
}

function requestIdOf({ kind, attributes }: OtlpSpan): string {
  const keys = kind === SERVER ? [...REQUEST_ID_KEYS, AWS_REQUEST_ID_KEY] : REQUEST_ID_KEYS;
  for (const key of keys) {
    const requestId = string(attributes[key]);
    if (requestId) return requestId;
  }
  return "";
}

function string(value: AnyValue | undefined): string {
  return typeof value === "string" ? value : "";
}
