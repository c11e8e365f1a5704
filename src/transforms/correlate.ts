/**
 * Ties each log to the request it was written in, and each request to its trace.
 *
 * A log's request is the one whose id it carries, else the one it stands in. A request's trace is that of the spans
 * that name the request, else of the only spans written in it, else the one that all ids written in it agree on, else
 * X-Ray's. Wherever two answers are possible there is none: a missing link is better than a wrong one.
 */
import { highHalf, is128Bit, isSameTrace, lowHalf, withHighHalf } from "../formats/trace-ids.ts";
import type {
  AtOnce,
  Invocation,
  LogContext,
  LogRecord,
  ResourceTelemetry,
  SpanOutline,
  TracePayload,
} from "../telemetry.ts";
import { type Evidence, type Findings, handlersAmong, localRoot } from "./findings.ts";
import { RequestPlace } from "./request-place.ts";

/** Of a log that says nothing itself. */
const NOTHING: Partial<LogContext> = {};

export function correlate(telemetry: ResourceTelemetry): ResourceTelemetry {
  findLinks(telemetry);
  return telemetry;
}

/**
 * Ties the logs, and tells what of it may be of use to others.
 *
 * @param known what earlier slices told of the environment
 */
export function findLinks(telemetry: ResourceTelemetry, known: AtOnce = 0): Findings {
  const { resource, logs, tracePayloads } = telemetry;
  const halves = completeIds(telemetry);
  const requests: Evidence[] = [];
  /** By request id, the latest attempt. */
  const evidence = new Map<string, Evidence>();
  /** Of the last line that was in a request: its neighbours are in the same. */
  let last: Evidence | undefined;
  let certain: Set<string> | undefined;
  const isCertain = (id: string): boolean => {
    certain ??= knownRequests(telemetry);
    return certain.has(id);
  };
  const place = new RequestPlace(isCertain, resource.attributes["faas.instance"], logs, known);
  let payload = 0;
  let tells = halves.length > 0;
  for (const record of logs) {
    for (; payload < tracePayloads.length && (tracePayloads[payload] as TracePayload).index < record.index; payload++) {
      placeTraces(tracePayloads[payload] as TracePayload);
    }
    const requestId = place.ofLog(record.context);
    // Lambda runs a failed request again under the same id.
    if (record.context?.platform === "start") {
      evidence.delete(requestId);
      last = undefined;
    }
    if (requestId) add(record, of(requestId));
    // It tells what is not the next request's.
    else tells ||= place.atOnce < 2 && Boolean(record.context?.traceId);
  }
  for (const rest of tracePayloads.slice(payload)) placeTraces(rest);
  for (const entry of requests) {
    conclude(entry);
    tells ||= Boolean(entry.named[0] ?? entry.written[0] ?? entry.carried[0] ?? entry.xray[0]);
  }
  setLinks(telemetry);
  return { requests, halves, tells, atOnce: place.atOnce };

  function of(requestId: string): Evidence {
    if (last?.invocation.requestId === requestId) return last;
    last = evidence.get(requestId);
    if (!last) {
      last = { invocation: anInvocation(requestId), named: [], written: [], carried: [], xray: [] };
      evidence.set(requestId, last);
      requests.push(last);
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
  // Others may be of a message that the request was sent with.
  if (context?.isRequestIdCertain && context.xrayTraceId) addId(xray, context.xrayTraceId);
}

/** An id that follows itself tells nothing new. */
function addId(ids: string[], id: string): void {
  if (ids[ids.length - 1] !== id) ids.push(id);
}

function anInvocation(requestId: string): Invocation {
  return { requestId, traceId: "", spanId: "", service: "", env: "", version: "", told: undefined };
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
 *
 * @returns whose high half stays unknown
 */
function completeIds({ logs, tracePayloads }: ResourceTelemetry): { traceId: string }[] {
  const halves: { traceId: string }[] = [];
  const wholes: string[] = [];
  const sort = (item: { traceId: string }): void => {
    if (is128Bit(item.traceId)) addId(wholes, item.traceId);
    else halves.push(item);
  };
  for (const { traces } of tracePayloads) traces.forEach(sort);
  let last: LogContext | null = null;
  for (const { context } of logs) {
    if (context === last || !context?.traceId) continue;
    sort(context);
    last = context;
  }
  if (halves.length === 0 || wholes.length === 0) return halves;
  const highHalves = new Map<string, string>();
  for (const traceId of wholes) {
    const [low, high] = [lowHalf(traceId), highHalf(traceId)];
    const known = highHalves.get(low) ?? high;
    highHalves.set(low, known === high ? high : "");
  }
  const unknown: { traceId: string }[] = [];
  // The last one's: the logs of a trace follow each other.
  let half = "";
  let high: string | undefined;
  let whole = "";
  for (const item of halves) {
    if (item.traceId !== half) {
      half = item.traceId;
      high = highHalves.get(lowHalf(half));
      whole = high ? withHighHalf(half, high) : half;
    }
    if (high) item.traceId = whole;
    // Where two were claimed nobody else is asked.
    else if (high === undefined) unknown.push(item);
  }
  return unknown;
}

/** Writes into the invocation what its evidence leaves no doubt about. */
function conclude({ invocation, named, written, carried, xray }: Evidence): void {
  const handlers = handlersAmong(named);
  const candidates = handlers.length > 0 ? handlers : named;
  const first = candidates[0];
  if (first) {
    if (candidates.every(({ trace }) => isSameTrace(trace.traceId, first.trace.traceId))) {
      setSpan(invocation, first.trace.traceId, first.span);
    }
    return;
  }
  if (written.length > 0) {
    const traceId = onlyTrace(written.map((trace) => trace.traceId));
    const root = localRoot(written);
    if (traceId) setSpan(invocation, traceId, root);
    // Where its parent is elsewhere, it may be a part of the request's span.
    if (root?.parentSpanId) invocation.spanId = "";
    return;
  }
  const isCarried = carried.length > 0;
  invocation.traceId = onlyTrace(isCarried ? carried : xray) ?? "";
  invocation.told = isCarried ? "trace-id" : "xray";
}

function setSpan(invocation: Invocation, traceId: string, span: SpanOutline | undefined): void {
  const { spanId = "", service = "", env = "", version = "" } = span ?? {};
  Object.assign(invocation, { traceId, spanId, service, env, version });
}

/** The id that all of them are, with its high half where one knows it. */
function onlyTrace(traceIds: string[]): string | undefined {
  const id = traceIds.find(is128Bit) ?? traceIds[0];
  return id !== undefined && traceIds.every((other) => isSameTrace(other, id)) ? id : undefined;
}

/**
 * A log that carries the id of another trace than its request's belongs to that trace's invocation, if that is here.
 * Its ids stay as they are; the invocation tells service, env and version. A log of no known request that carries
 * X-Ray's id belongs to X-Ray's trace.
 */
function setLinks({ logs, tracePayloads }: ResourceTelemetry): void {
  let byTrace: Map<string, Invocation> | undefined;
  for (const record of logs) {
    const { traceId, xrayTraceId, requestId } = record.context ?? NOTHING;
    if (traceId) {
      record.linkMethod = "own-ids";
      if (record.invocation && isSameTrace(record.invocation.traceId, traceId)) continue;
      byTrace ??= invocationsByTrace(tracePayloads);
      record.invocation = byTrace.get(lowHalf(traceId)) ?? null;
      continue;
    }
    if (xrayTraceId) record.invocation ??= { ...anInvocation(""), traceId: xrayTraceId, told: "xray" };
    const { invocation } = record;
    if (!invocation?.traceId) continue;
    record.linkMethod = invocation.told ?? (requestId === invocation.requestId ? "request-id" : "stream-position");
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
