/**
 * Ties logs that carry no ids to the innermost span that was open when they were written, below the span of their
 * request. Only spans of the request's own service count, each the child of the one around it; not those that wait for
 * somebody else. CloudWatch's times are whole milliseconds: where a log's millisecond is not all within one span, or
 * touches two, the log stays with the span around them.
 */
import { unixMsAt } from "../formats/event-time.ts";
import { spanIdOf, spanKeyOf } from "../formats/span-key.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type {
  Invocation,
  LogRecord,
  ResourceTelemetry,
  SpanTimes,
  TimedSpan,
  TraceOutline,
  TracePayload,
} from "../telemetry.ts";
import { type Evidence, type Findings, localRoot } from "./findings.ts";
import { strengthOf, WRITTEN } from "./strength.ts";

/** Kinds of spans in which no code of the service runs. */
const WAITING = new Set(["client", "producer"]);
/** Spans within spans; more than any program has, fewer than would take long. */
const MAX_DEPTH = 100;
/** Children that are looked at for one log. Where more may be open at once, it stays with their parent. */
const MAX_LOOKS = 50;

export function tieToOpenSpans({ logs, slice, tracePayloads }: ResourceTelemetry, { requests }: Findings): void {
  if (tracePayloads.length === 0) return;
  let searches: Searches | undefined;
  let last: Invocation | undefined;
  let search: Search | null = null;
  for (const record of logs) {
    if (!isCandidate(record)) continue;
    const invocation = record.invocation as Invocation;
    if (invocation !== last) {
      searches ??= new Searches(requests, tracePayloads);
      search = searches.of(invocation);
      last = invocation;
    }
    if (search) tie(record, search.innermost(unixMsAt(slice, record.message)));
  }
}

function isCandidate({ context, invocation, linkMethod }: LogRecord): boolean {
  if (linkMethod !== "request-id" && linkMethod !== "stream-position") return false;
  return !context?.platform && invocation !== null;
}

function tie(record: LogRecord, tied: Invocation): void {
  if (tied === record.invocation) return;
  record.invocation = tied;
  record.linkMethod = "span-time";
}

/** Those of the requests of a slice: only what the slice itself tells has its spans here. */
class Searches {
  readonly #evidence = new Map<Invocation, Evidence>();
  readonly #traces: ReadonlyMap<string, TraceSpans>;
  readonly #known = new Map<Invocation, Search | null>();

  constructor(requests: readonly Evidence[], tracePayloads: TracePayload[]) {
    for (const evidence of requests) this.#evidence.set(evidence.invocation, evidence);
    this.#traces = spansByTrace(tracePayloads);
  }

  /** Null where the span of the request is not known, or is not here. */
  of(invocation: Invocation): Search | null {
    const known = this.#known.get(invocation);
    if (known !== undefined) return known;
    const evidence = this.#evidence.get(invocation);
    const search = evidence ? this.#searchFor(evidence) : null;
    this.#known.set(invocation, search);
    return search;
  }

  #searchFor(evidence: Evidence): Search | null {
    const { invocation, written } = evidence;
    const spans = this.#traces.get(lowHalf(invocation.traceId));
    // What may be a part of the request's span is the span of the logs in its time.
    const rootId = invocation.spanId || (strengthOf(evidence) === WRITTEN && localRoot(written)?.spanId);
    const times = rootId ? spans?.timesOf(rootId) : undefined;
    return spans && rootId && times ? new Search(invocation, rootId, times, spans) : null;
  }
}

/** By the low half of the trace id: the pieces of a trace come in several lines. */
function spansByTrace(tracePayloads: TracePayload[]): Map<string, TraceSpans> {
  const byTrace = new Map<string, TraceSpans>();
  for (const { traces } of tracePayloads) {
    for (const trace of traces) {
      const low = lowHalf(trace.traceId);
      const spans = byTrace.get(low);
      if (spans) spans.pieces.push(trace);
      else byTrace.set(low, new TraceSpans(trace));
    }
  }
  return byTrace;
}

/** Spans of one service with one parent. */
interface Children {
  spans: TimedSpan[];
  /** For each, in the order of their beginnings: the latest end of it and those before it. Empty until they are asked for. */
  latestEnds: number[];
}

/** The spans of a trace. All are read only where a log was written within its request's span, and not in every trace. */
class TraceSpans {
  readonly pieces: TraceOutline[];
  #isAsked = false;
  #byKey: Map<string, TimedSpan> | undefined;
  /** By the parent's key and the service. */
  readonly #children = new Map<string, Children>();

  constructor(piece: TraceOutline) {
    this.pieces = [piece];
  }

  /** Of several spans with the id the last counts. */
  timesOf(spanId: string): SpanTimes | undefined {
    // A trace of many requests is not searched for each.
    if (this.#isAsked) return this.get(spanKeyOf(spanId));
    this.#isAsked = true;
    for (let at = this.pieces.length - 1; at >= 0; at--) {
      const times = (this.pieces[at] as TraceOutline).timesOf(spanId);
      if (times) return times;
    }
    return undefined;
  }

  get(key: string): TimedSpan | undefined {
    if (!this.#byKey) {
      this.#byKey = new Map();
      for (const piece of this.pieces) for (const span of piece.timedSpans()) this.#add(span, this.#byKey);
    }
    return this.#byKey.get(key);
  }

  #add(span: TimedSpan, byKey: Map<string, TimedSpan>): void {
    byKey.set(span.key, span);
    if (WAITING.has(span.kind)) return;
    const key = span.parentKey + span.service;
    const siblings = this.#children.get(key);
    if (siblings) siblings.spans.push(span);
    else this.#children.set(key, { spans: [span], latestEnds: [] });
  }

  /** The only child of the span's own service that any of the millisecond falls into. */
  onlyOpen({ key, service }: TimedSpan, unixMs: number): TimedSpan | undefined {
    const children = this.#children.get(key + service);
    if (!children) return undefined;
    if (children.latestEnds.length === 0) sort(children);
    let found: TimedSpan | undefined;
    let at = begunBefore(children.spans, unixMs + 1) - 1;
    for (let looks = 0; at >= 0 && (children.latestEnds[at] as number) > unixMs; at--) {
      const child = children.spans[at] as TimedSpan;
      if (++looks > MAX_LOOKS) return undefined;
      if (child.endUnixMs <= unixMs) continue;
      if (found) return undefined;
      found = child;
    }
    return found;
  }
}

function sort({ spans, latestEnds }: Children): void {
  spans.sort((a, b) => a.startUnixMs - b.startUnixMs);
  let latest = Number.NEGATIVE_INFINITY;
  for (const { endUnixMs } of spans) {
    latest = Math.max(latest, endUnixMs);
    latestEnds.push(latest);
  }
}

/** For the spans of one request's logs. */
class Search {
  readonly #invocation: Invocation;
  readonly #rootKey: string;
  readonly #times: SpanTimes;
  readonly #spans: TraceSpans;
  readonly #bySpan = new Map<string, Invocation>();

  /** @param rootId the span of the request @param times its own */
  constructor(invocation: Invocation, rootId: string, times: SpanTimes, spans: TraceSpans) {
    this.#invocation = invocation;
    this.#rootKey = spanKeyOf(rootId);
    this.#times = times;
    this.#spans = spans;
  }

  /** The invocation with the span that was open; itself where none below the request's was. */
  innermost(unixMs: number): Invocation {
    const root = holds(this.#times, unixMs) ? this.#spans.get(this.#rootKey) : undefined;
    if (!root || (!this.#invocation.spanId && WAITING.has(root.kind))) return this.#invocation;
    let span = root;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const child = this.#spans.onlyOpen(span, unixMs);
      if (!child || child === root || !holds(child, unixMs)) break;
      span = child;
    }
    return this.#tiedTo(span);
  }

  #tiedTo({ key }: TimedSpan): Invocation {
    if (key === this.#rootKey && this.#invocation.spanId) return this.#invocation;
    const known = this.#bySpan.get(key) ?? { ...this.#invocation, spanId: spanIdOf(key) };
    this.#bySpan.set(key, known);
    return known;
  }
}

/** Whether all of the millisecond falls into it. */
function holds({ startUnixMs, endUnixMs }: SpanTimes, unixMs: number): boolean {
  return startUnixMs <= unixMs && endUnixMs >= unixMs + 1;
}

/** How many spans at the front began before a time. */
function begunBefore(spans: TimedSpan[], unixMs: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as TimedSpan).startUnixMs < unixMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
