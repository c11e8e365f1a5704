/** OpenTelemetry's spans with other texts in what they say of the work: name, status, attributes, and those around them. */
import type { AnyValue, Attributes, OtlpSpan, ResourceSpans } from "../telemetry.ts";
import { isStructure } from "./scrub-traces.ts";

/** What is nested deeper is not looked at, and not shown. */
const MAX_DEPTH = 64;
const TOO_DEEP = "...";

/** @returns other spans; the given ones are left as they are */
export function scrubResourceSpans(given: ResourceSpans[], apply: (text: string) => string): ResourceSpans[] {
  return given.map((of) => ({
    ...of,
    attributes: scrubAttributes(of.attributes),
    scopeSpans: of.scopeSpans.map(({ scope, spans, ...rest }) => ({
      ...rest,
      scope: { ...scope, attributes: scrubAttributes(scope.attributes) },
      spans: spans.map(scrubSpan),
    })),
  }));

  function scrubSpan(span: OtlpSpan): OtlpSpan {
    return {
      ...span,
      name: apply(span.name),
      attributes: scrubAttributes(span.attributes),
      events: span.events.map((event) => ({ ...event, attributes: scrubAttributes(event.attributes) })),
      links: span.links.map((link) => ({ ...link, attributes: scrubAttributes(link.attributes) })),
      status: { ...span.status, message: apply(span.status.message) },
    };
  }

  function scrubAttributes(attributes: Attributes): Attributes {
    return Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, isStructure(key) ? value : scrubValue(value)]),
    );
  }

  function scrubValue(value: AnyValue, depth = MAX_DEPTH): AnyValue {
    if (typeof value === "string") return apply(value);
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    if (depth === 0) return TOO_DEEP;
    if (Array.isArray(value)) return value.map((item) => scrubValue(item, depth - 1));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scrubValue(item, depth - 1)]));
  }
}
