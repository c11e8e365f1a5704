import type { Invocation, ResourceTelemetry, TraceOutline, TracePayload } from "../telemetry.ts";
import type { Evidence, Findings } from "./findings.ts";

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
  let last: Invocation | null = null;
  let extent: RequestExtent | undefined;
  for (const { context, invocation, message } of logs) {
    if (!invocation?.requestId) continue;
    // Lines of a request follow each other, in their order.
    if (extent && last === invocation) extent.last = message;
    else extent = extended(extents, invocation, message);
    last = invocation;
    if (context?.platform) takeBound(extent, context.platform === "start", context.platform === "report", message);
  }
  if (tracePayloads.length > 0) addTraces(extents, tracePayloads, requests);
  return extents;
}

/** @param message of a line in which the platform tells that the request begins or ends */
function takeBound(extent: RequestExtent, isStart: boolean, isReport: boolean, message: number): void {
  extent.begins ||= isStart;
  extent.ends ||= isReport;
  if (!isStart && extent.end === -1) extent.end = message;
}

/** The lines of traces have places too. */
function addTraces(
  extents: Map<Invocation, RequestExtent>,
  payloads: TracePayload[],
  requests: readonly Evidence[],
): void {
  const places = new Map<TraceOutline, number>();
  for (const { traces, message } of payloads) {
    if (message !== undefined) for (const trace of traces) places.set(trace, message);
  }
  for (const { invocation, named, written } of requests) {
    for (const { trace } of named) addTrace(extents, invocation, places.get(trace));
    for (const trace of written) addTrace(extents, invocation, places.get(trace));
  }
}

function addTrace(extents: Map<Invocation, RequestExtent>, invocation: Invocation, place: number | undefined): void {
  if (place !== undefined) extended(extents, invocation, place);
}

function extended(extents: Map<Invocation, RequestExtent>, invocation: Invocation, message: number): RequestExtent {
  const known = extents.get(invocation);
  if (known) {
    known.first = Math.min(known.first, message);
    known.last = Math.max(known.last, message);
    return known;
  }
  const extent = { begins: false, ends: false, first: message, last: message, end: -1 };
  extents.set(invocation, extent);
  return extent;
}
