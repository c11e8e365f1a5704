/** What one slice tells of the traces of its requests. */
import type { AtOnce, Invocation, SpanOutline, TraceOutline } from "../telemetry.ts";

/** What the lines of one request tell of its trace. */
export interface Evidence {
  invocation: Invocation;
  /** Spans that name the request, each with its trace. */
  named: { trace: TraceOutline; span: SpanOutline }[];
  /** Traces written in the request that name none. */
  written: TraceOutline[];
  /** Ids that its logs carry. */
  carried: string[];
  xray: string[];
}

export interface Findings {
  /** One entry for each attempt at a request. */
  requests: readonly Evidence[];
  /** Whose trace id has no high half that the slice tells. */
  halves: readonly { traceId: string }[];
  /** Whether anything is told of any trace. */
  tells: boolean;
  /** How many requests the environment works on at a time, as far as the slice and those before tell. */
  atOnce: AtOnce;
}

/** The spans of the request's handler. */
export function handlersAmong(named: Evidence["named"]): Evidence["named"] {
  return named.filter(({ span }) => span.type === "serverless" || span.name === "aws.lambda");
}

/** The only span whose parent was not written here. */
export function localRoot(traces: TraceOutline[]): SpanOutline | undefined {
  const roots = traces.flatMap((trace) => trace.localRoots());
  if (traces.length === 1) return roots.length === 1 ? roots[0] : undefined;
  const written = traces.map((trace) => trace.spanIds());
  const known = roots.filter(({ parentSpanId }) => !written.some((ids) => ids.has(parentSpanId)));
  return known.length === 1 ? known[0] : undefined;
}
