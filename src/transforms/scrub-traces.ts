/** Spans with other texts in what they say of the work: resource, attributes, and those of links and events. */
import type { AttributeValue, Span, Trace } from "../telemetry.ts";

/** What ties spans to each other, to their service and to their logs. */
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
]);
/** What a trace carries from service to service, the high half of its id among it. */
const PROPAGATED = "_dd.p.";

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
    return {
      ...span,
      resource: scrub(span.resource),
      attributes: scrubAttributes(span.attributes),
      links: span.links.map((link) => ({ ...link, attributes: scrubAttributes(link.attributes) })),
      events: span.events.map((event) => ({ ...event, attributes: scrubValues(event.attributes) })),
    };
  }

  function scrubAttributes(attributes: Record<string, string>): Record<string, string> {
    const isStructure = (key: string): boolean => STRUCTURE.has(key) || key.startsWith(PROPAGATED);
    return Object.fromEntries(
      Object.entries(attributes).map(([key, text]) => [key, isStructure(key) ? text : scrub(text)]),
    );
  }

  function scrubValues(attributes: Record<string, AttributeValue>): Record<string, AttributeValue> {
    return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, scrubValue(value)]));
  }

  function scrubValue(value: AttributeValue): AttributeValue {
    if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? scrub(item) : item));
    return typeof value === "string" ? scrub(value) : value;
  }
}
