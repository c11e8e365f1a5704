import type { Invocation, ResourceTelemetry, TraceOutline } from "../telemetry.ts";
import type { Findings } from "./findings.ts";

/** How much of a request stands in a slice. */
export interface RequestExtent {
  /** Whether the platform's lines of its beginning and of its end are here. */
  begins: boolean;
  ends: boolean;
  /** The messages of its first and last line here. */
  first: number;
  last: number;
  /** The message of the line that ends it, where one does; -1: none. */
  end: number;
}

/** By the invocation of their evidence. */
export type Extents = ReadonlyMap<Invocation, RequestExtent>;

export function extentsIn({ logs, tracePayloads }: ResourceTelemetry, { requests }: Findings): Extents {
  const extents = new Map<Invocation, RequestExtent>();
  let last: { invocation: Invocation; extent: RequestExtent } | undefined;
  for (const { context, invocation, message } of logs) {
    if (!invocation?.requestId) continue;
    // Lines of a request follow each other, in their order.
    if (last?.invocation === invocation) last.extent.last = message;
    else last = { invocation, extent: extend(invocation, message) };
    const { extent } = last;
    if (context?.platform === "start") extent.begins = true;
    else if (context?.platform === "report") extent.ends = true;
    if (context?.platform && context.platform !== "start" && extent.end === -1) extent.end = message;
  }
  if (tracePayloads.length === 0) return extents;
  const places = new Map<TraceOutline, number>();
  for (const { traces, message } of tracePayloads)
    if (message !== undefined) for (const trace of traces) places.set(trace, message);
  for (const { invocation, named, written } of requests) {
    for (const trace of [...named.map((it) => it.trace), ...written]) {
      const place = places.get(trace);
      if (place !== undefined) extend(invocation, place);
    }
  }
  return extents;

  function extend(invocation: Invocation, message: number): RequestExtent {
    let extent = extents.get(invocation);
    if (!extent) {
      extent = { begins: false, ends: false, first: message, last: message, end: -1 };
      extents.set(invocation, extent);
    }
    extent.first = Math.min(extent.first, message);
    extent.last = Math.max(extent.last, message);
    return extent;
  }
}
