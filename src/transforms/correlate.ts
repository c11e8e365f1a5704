/**
 * Ties each log to the request it was written in, and each request to its trace.
 *
 * A log's request is the one whose id it carries, else the one it stands in. A request's trace is that of the spans
 * that name the request, else of the only spans written in it, else the one that all ids written in it agree on, else
 * X-Ray's. Wherever two answers are possible there is none: a missing link is better than a wrong one.
 */
import { highHalf, is128Bit, isSameTrace, lowHalf, withHighHalf } from "../formats/trace-ids.ts";
import type {
  Invocation,
  LogContext,
  LogRecord,
  ResourceTelemetry,
  SpanOutline,
  TraceOutline,
  TracePayload,
} from "../telemetry.ts";
import { RequestPlace } from "./request-place.ts";

/** What the lines of one request tell of its trace. */
interface Evidence {
  invocation: Invocation;
  /** Spans that name the request, each with its trace. */
  named: { trace: TraceOutline; span: SpanOutline }[];
  /** Traces written in the request that name none. */
  written: TraceOutline[];
  /** Ids that its logs carry. */
  carried: string[];
  xray: string[];
}

export function correlate(telemetry: ResourceTelemetry): ResourceTelemetry {
  const { logs, tracePayloads } = telemetry;
  completeIds(telemetry);
  const evidence = new Map<string, Evidence>();
  let last: Evidence | undefined;
  const place = new RequestPlace(
    knownRequests(telemetry),
    logs.map(({ context }) => context),
  );
  let payload = 0;
  for (const record of logs) {
    for (; payload < tracePayloads.length && (tracePayloads[payload] as TracePayload).index < record.index; payload++) {
      placeTraces(tracePayloads[payload] as TracePayload);
    }
    const requestId = place.ofLog(record.context);
    if (requestId) add(record, of(requestId));
  }
  for (const rest of tracePayloads.slice(payload)) placeTraces(rest);
  for (const entry of evidence.values()) conclude(entry);
  linkStrays(telemetry);
  return telemetry;

  function of(requestId: string): Evidence {
    // Lines of a request follow each other.
    if (requestId === last?.invocation.requestId) return last;
    last = evidence.get(requestId);
    if (!last) {
      last = { invocation: anInvocation(requestId), named: [], written: [], carried: [], xray: [] };
      evidence.set(requestId, last);
    }
    return last;
  }

  function placeTraces({ traces }: TracePayload): void {
    for (const trace of traces) {
      for (const span of trace.naming) of(span.requestId).named.push({ trace, span });
      const requestId = trace.naming.length === 0 ? place.ofLine() : "";
      if (requestId) of(requestId).written.push(trace);
    }
  }
}

function add(record: LogRecord, { invocation, carried, xray }: Evidence): void {
  record.invocation = invocation;
  const { context } = record;
  if (context?.traceId) addId(carried, context.traceId);
  if (context?.xrayTraceId) addId(xray, context.xrayTraceId);
}

/** An id that follows itself tells nothing new. */
function addId(ids: string[], id: string): void {
  if (ids[ids.length - 1] !== id) ids.push(id);
}

function anInvocation(requestId: string): Invocation {
  return { requestId, traceId: "", spanId: "", service: "", env: "", version: "" };
}

/** Ids that are surely those of requests: of the runtime's lines, and of spans. */
function knownRequests({ logs, tracePayloads }: ResourceTelemetry): Set<string> {
  const known = new Set<string>();
  let last = "";
  for (const { context } of logs) {
    if (!context?.isRequestIdCertain || context.requestId === last) continue;
    last = context.requestId;
    known.add(last);
  }
  for (const { traces } of tracePayloads) {
    for (const { naming } of traces) for (const { requestId } of naming) known.add(requestId);
  }
  return known;
}

/**
 * Only one span of each piece of a Datadog trace tells the high half of its id, and logs may tell it too; everything
 * with the same low half gets it, unless two high halves claim one low half.
 */
function completeIds({ logs, tracePayloads }: ResourceTelemetry): void {
  const halves: { traceId: string }[] = [];
  const wholes = new Set<string>();
  const sort = (item: { traceId: string }): void => {
    if (is128Bit(item.traceId)) wholes.add(item.traceId);
    else halves.push(item);
  };
  for (const { traces } of tracePayloads) for (const trace of traces) sort(trace);
  let last: LogContext | null = null;
  for (const { context } of logs) {
    if (context?.traceId && context.traceId !== last?.traceId) sort(context);
    else if (context?.traceId && context !== last && !is128Bit(context.traceId)) halves.push(context);
    last = context ?? last;
  }
  if (halves.length === 0 || wholes.size === 0) return;
  const highHalves = new Map<string, string>();
  for (const traceId of wholes) {
    highHalves.set(lowHalf(traceId), highHalves.has(lowHalf(traceId)) ? "" : highHalf(traceId));
  }
  for (const item of halves) {
    const high = highHalves.get(lowHalf(item.traceId));
    if (high) item.traceId = withHighHalf(item.traceId, high);
  }
}

/** Writes into the invocation what its evidence leaves no doubt about. */
function conclude({ invocation, named, written, carried, xray }: Evidence): void {
  const handlers = named.filter(({ span }) => span.type === "serverless" || span.name === "aws.lambda");
  const candidates = handlers.length > 0 ? handlers : named;
  const first = candidates[0];
  if (first) {
    if (candidates.every(({ trace }) => isSameTrace(trace.traceId, first.trace.traceId))) {
      setSpan(invocation, first.trace.traceId, first.span);
    }
    return;
  }
  const traceId = onlyTrace(written.map((trace) => trace.traceId));
  if (traceId) {
    setSpan(invocation, traceId, localRoot(written));
    return;
  }
  if (written.length === 0)
    invocation.traceId = onlyTrace(carried) ?? (carried.length === 0 ? onlyTrace(xray) : undefined) ?? "";
}

function setSpan(invocation: Invocation, traceId: string, span: SpanOutline | undefined): void {
  invocation.traceId = traceId;
  invocation.spanId = span?.spanId ?? "";
  invocation.service = span?.service ?? "";
  invocation.env = span?.env ?? "";
  invocation.version = span?.version ?? "";
}

/** The id that all of them are, with its high half where one knows it. */
function onlyTrace(traceIds: string[]): string | undefined {
  const id = traceIds.find(is128Bit) ?? traceIds[0];
  return id !== undefined && traceIds.every((other) => isSameTrace(other, id)) ? id : undefined;
}

/** The only span whose parent was not written here. */
function localRoot(traces: TraceOutline[]): SpanOutline | undefined {
  const roots = traces.flatMap((trace) => trace.localRoots());
  if (traces.length === 1) return roots.length === 1 ? roots[0] : undefined;
  const written = traces.map((trace) => trace.spanIds());
  const known = roots.filter(({ parentSpanId }) => !written.some((ids) => ids.has(parentSpanId)));
  return known.length === 1 ? known[0] : undefined;
}

/**
 * A log that carries the id of another trace than its request's belongs to that trace's invocation, if that is here.
 * Its ids stay as they are; the invocation tells service, env and version. A log of no known request that carries
 * X-Ray's id belongs to X-Ray's trace.
 */
function linkStrays({ logs, tracePayloads }: ResourceTelemetry): void {
  let byTrace: Map<string, Invocation> | undefined;
  for (const record of logs) {
    const { traceId = "", xrayTraceId = "" } = record.context ?? {};
    if (traceId && !(record.invocation && isSameTrace(record.invocation.traceId, traceId))) {
      byTrace ??= invocationsByTrace(tracePayloads);
      record.invocation = byTrace.get(lowHalf(traceId)) ?? null;
    } else if (xrayTraceId && !record.invocation) {
      record.invocation = { ...anInvocation(""), traceId: xrayTraceId };
    }
  }
}

function invocationsByTrace(tracePayloads: TracePayload[]): Map<string, Invocation> {
  const invocations = new Map<string, Invocation>();
  for (const trace of tracePayloads.flatMap((payload) => payload.traces)) {
    if (invocations.has(lowHalf(trace.traceId))) continue;
    const handler = trace.serverless() ?? localRoot([trace]);
    if (!handler) continue;
    const invocation = anInvocation("");
    setSpan(invocation, trace.traceId, handler);
    invocations.set(lowHalf(trace.traceId), invocation);
  }
  return invocations;
}
