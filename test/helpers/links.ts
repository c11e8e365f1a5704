import { lowHalf } from "../../src/formats/trace-ids.ts";
import type { LogRecord, ResourceTelemetry } from "../../src/telemetry.ts";

export interface Link {
  traceId: string;
  spanId: string;
}

/** The trace and span a log ends up with: its own, else its request's; "" = none. */
export function linkOf({ context, invocation }: LogRecord): Link {
  if (context?.traceId) return { traceId: context.traceId, spanId: context.spanId };
  return { traceId: invocation?.traceId ?? "", spanId: invocation?.spanId ?? "" };
}

export function linksOf({ logs }: ResourceTelemetry): Link[] {
  return logs.map(linkOf);
}

/** All spans by what a log would name them: the low half of the trace id, and the span id. */
export function spansIn({ tracePayloads }: ResourceTelemetry): Set<string> {
  const traces = tracePayloads.flatMap((payload) => payload.traces);
  return new Set(traces.flatMap((trace) => [...trace.spanIds()].map((id) => `${lowHalf(trace.traceId)}-${id}`)));
}
