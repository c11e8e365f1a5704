/** Spans with other texts in what they say of the work: resource, attributes, and those of links and events. */
import { isException } from "../formats/span-errors.ts";
import type { AttributeValue, Span, Trace } from "../telemetry.ts";

/** What ties spans to each other, to their service and to their logs. Datadog's names, and behind them OpenTelemetry's. */
const STRUCTURE = new Set([
  "_dd.base_service",
  "_dd.compute_stats",
  "_dd.origin",
  "component",
  "dd_trace",
  "env",
  "language",
  "request_id",
  "runtime-id",
  "service",
  "span.kind",
  "version",
  "cloud.account.id",
  "cloud.platform",
  "cloud.provider",
  "cloud.region",
  "cloud.resource_id",
  "deployment.environment",
  "deployment.environment.name",
  "faas.invocation_id",
  "faas.name",
  "faas.version",
  "operation.name",
  "otel.trace_id",
  "service.instance.id",
  "service.name",
  "service.namespace",
  "service.version",
  "span.type",
  "telemetry.sdk.language",
  "telemetry.sdk.name",
  "telemetry.sdk.version",
]);
/** What a trace carries from service to service, the high half of its id among it. */
const PROPAGATED = "_dd.p.";

/** Whether an attribute ties things together, and is left alone. */
export function isStructure(key: string): boolean {
  return STRUCTURE.has(key) || key.startsWith(PROPAGATED);
}

/** @returns undefined when nothing is changed; the given traces are left as they are */
export function scrubTraces(traces: Trace[], apply: (text: string) => string): Trace[] | undefined {
  let isChanged = false;
  const scrubbed = traces.map(({ traceId, spans }): Trace => ({ traceId, spans: spans.map(scrubSpan) }));
  return isChanged ? scrubbed : undefined;

  function scrub(text: string): string {
    const result = apply(text);
    isChanged ||= result !== text;
    return result;
  }

  function scrubSpan(span: Span): Span {
    const { structuredAttributes } = span;
    return {
      ...span,
      resource: scrub(span.resource),
      attributes: scrubAttributes(span.attributes),
      links: span.links.map((link) => ({
        ...link,
        traceState: scrub(link.traceState),
        attributes: scrubAttributes(link.attributes),
      })),
      events: span.events.map((event) => ({
        ...event,
        name: isException(event) ? event.name : scrub(event.name),
        attributes: scrubValues(event.attributes),
      })),
      ...(structuredAttributes && {
        structuredAttributes: scrubJson(structuredAttributes) as typeof structuredAttributes,
      }),
    };
  }

  function scrubAttributes(attributes: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(attributes).map(([key, text]) => [key, isStructure(key) ? text : scrub(text)]),
    );
  }

  function scrubValues(attributes: Record<string, AttributeValue>): Record<string, AttributeValue> {
    return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, scrubValue(value)]));
  }

  /** As deep as the reader lets it be. */
  function scrubJson(value: unknown): unknown {
    if (typeof value === "string") return scrub(value);
    if (Array.isArray(value)) return value.map(scrubJson);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scrubJson(item)]));
  }

  function scrubValue(value: AttributeValue): AttributeValue {
    if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? scrub(item) : item));
    return typeof value === "string" ? scrub(value) : value;
  }
}
