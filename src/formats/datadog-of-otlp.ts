/** Spans in OpenTelemetry's terms as Datadog's. */
import type { AnyValue, Attributes, ResourceSpans, Span, Trace } from "../telemetry.ts";

export function tracesOf(resourceSpans: ResourceSpans[]): Trace[] {
  const traces = new Map<string, Trace>();
  for (const { attributes: resource, scopeSpans } of resourceSpans) {
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      const trace = traces.get(span.traceId) ?? { traceId: span.traceId, spans: [] };
      traces.set(span.traceId, trace);
      const { spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano } = span;
      const duration = endTimeUnixNano - startTimeUnixNano;
      trace.spans.push({
        spanId,
        parentSpanId,
        service: text(resource["service.name"] ?? ""),
        name,
        resource: name,
        type: "",
        startTimeUnixNano,
        durationNano: duration > 0n ? duration : 0n,
        error: span.status.code === 2 ? 1 : 0,
        ...attributesOf({ ...resource, ...span.attributes }),
        links: [],
        events: [],
      });
    }
  }
  return [...traces.values()];
}

function attributesOf(attributes: Attributes): Pick<Span, "attributes" | "numericAttributes"> {
  const entries = Object.entries(attributes);
  const isNumber = (value: AnyValue): boolean => typeof value === "number" || typeof value === "bigint";
  return {
    attributes: Object.fromEntries(
      entries.filter(([, value]) => !isNumber(value)).map(([key, value]) => [key, text(value)]),
    ),
    numericAttributes: Object.fromEntries(
      entries.filter(([, value]) => isNumber(value)).map(([key, value]) => [key, Number(value)]),
    ),
  };
}

function text(value: AnyValue): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item));
}
