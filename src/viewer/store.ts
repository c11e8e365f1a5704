import { lowHalf } from "../formats/trace-ids.ts";
import { ArrivalList, type Listed } from "./arrival-list.ts";
import { FunctionFigures } from "./function-figures.ts";
import { bytesOfLog, bytesOfSpan, TRACE_BYTES } from "./held-size.ts";
import { LedgerList, ledgerIn } from "./ledger-list.ts";
import { MetricList } from "./metric-list.ts";
import type { ReceivedLog, ReceivedMetric, ReceivedSpan, ReceivedTrace } from "./received.ts";
import { ServiceFigures } from "./service-figures.ts";
import { shapeOf, type TraceShape } from "./trace-shape.ts";

export interface StoreLimits {
  maxAgeMs: number;
  /** Of memory, estimated. */
  maxBytes: number;
}

export const LIMITS: StoreLimits = { maxAgeMs: 15 * 60_000, maxBytes: 128_000_000 };

/** A trace with its logs: it comes and goes as one. */
export interface HeldTrace extends Listed<HeldTrace> {
  /** Of arrival, of its first span or log. */
  sequence: number;
  receivedAtMs: number;
  traceId: string;
  spans: ReceivedSpan[];
  logs: HeldLog[];
  bytes: number;
  /** Of its first span; 0 where it has none. */
  startTimeUnixNano: bigint;
  /** What the figures of services count of it; undefined: nothing yet, or it changed since. */
  shape: TraceShape | undefined;
  /** Ids of its spans, once they are many. */
  spanIds: Set<string> | undefined;
}

export interface HeldLog extends Listed<HeldLog> {
  sequence: number;
  receivedAtMs: number;
  log: ReceivedLog;
  bytes: number;
  trace: HeldTrace | undefined;
  /** Whether the figures of functions count it. */
  isCounted: boolean;
}

export interface Counts {
  traces: number;
  spans: number;
  logs: number;
}

export interface Snapshot {
  /** Names of the services that sent spans or logs, sorted. */
  services: string[];
  /** In the order of their arrival; a trace that only logs name is among them, without spans. */
  traces: ReceivedTrace[];
  uncorrelatedLogs: ReceivedLog[];
  /** Evicted to bound the memory, since the start. */
  dropped: { spans: number; logs: number };
}

/** @param sequences of the logs, in their order */
export type Listener = (spans: ReceivedSpan[], logs: ReceivedLog[], sequences: number[]) => void;

/** Traces that changed are counted again when somebody asks, or when there are so many of them. */
const MAX_UNSETTLED = 2_000;
/** Below, looking at each span is cheaper than a set. */
const MANY_SPANS = 16;

/**
 * Spans and logs in memory. What is older than `maxAgeMs`, or more than `maxBytes`, goes: the trace, or the log without
 * one, whose first part came first.
 *
 * Traces are joined by the low 64 bits of their id, because logs often carry no more of it. A span that comes twice is
 * kept once.
 */
export class Store {
  readonly limits: StoreLimits;
  readonly metrics = new MetricList();
  readonly ledgers = new LedgerList();
  readonly evicted: Counts = { traces: 0, spans: 0, logs: 0 };
  readonly received: Counts & { duplicateSpans: number } = { traces: 0, spans: 0, logs: 0, duplicateSpans: 0 };
  bytes = 0;
  readonly #now: () => number;
  readonly #traces = new ArrivalList<HeldTrace>();
  readonly #logs = new ArrivalList<HeldLog>();
  readonly #byId = new Map<string, HeldTrace>();
  readonly #unsettled = new Set<HeldTrace>();
  readonly #figures = new ServiceFigures();
  readonly #functions = new FunctionFigures();
  readonly #listeners = new Set<Listener>();
  #spanCount = 0;
  #sequence = 0;

  /** @param now milliseconds since 1970 */
  constructor(limits: Partial<StoreLimits> = {}, now: () => number = Date.now) {
    this.limits = { ...LIMITS, ...limits };
    this.#now = now;
  }

  addSpans(spans: ReceivedSpan[]): void {
    const nowMs = this.#now();
    const added = spans.filter((span) => this.#addSpan(span, nowMs));
    this.#tell(added, [], []);
  }

  addLogs(logs: ReceivedLog[]): void {
    const nowMs = this.#now();
    const sequences = logs.map((log) => this.#addLog(log, nowMs));
    this.#tell([], logs, sequences);
  }

  addMetrics(metrics: ReceivedMetric[]): void {
    for (const metric of metrics) this.metrics.add(metric, this.#now());
  }

  addLedger(ledger: Record<string, unknown>): void {
    this.ledgers.add(ledger, this.#now());
  }

  /** Lets go of what is too old, or too much. */
  evict(): void {
    const oldestMs = this.#now() - this.limits.maxAgeMs;
    for (;;) {
      const trace = this.#traces.oldest;
      const log = this.#logs.oldest;
      // A log of a trace never came before its trace was there, so the older of both is a trace or has none.
      const isTrace = trace !== undefined && (!log || trace.sequence <= log.sequence);
      const oldest = isTrace ? trace : log;
      if (!oldest || (this.bytes <= this.limits.maxBytes && oldest.receivedAtMs >= oldestMs)) return;
      if (isTrace) this.#evictTrace(trace);
      else if (log) this.#evictLog(log);
    }
  }

  /** @param traceId of which the low half counts */
  trace(traceId: string): HeldTrace | undefined {
    return this.#byId.get(lowHalf(traceId));
  }

  tracesNewestFirst(): Iterable<HeldTrace> {
    return this.#traces.newestFirst();
  }

  logsNewestFirst(): Iterable<HeldLog> {
    return this.#logs.newestFirst();
  }

  /** Up to date with all that is held. */
  figures(): ServiceFigures {
    this.#settle();
    return this.#figures;
  }

  functions(): FunctionFigures {
    return this.#functions;
  }

  held(): Counts {
    return { traces: this.#traces.size, spans: this.#spanCount, logs: this.#logs.size };
  }

  /** When the oldest of what is held came; undefined where nothing is. */
  oldestReceivedAtMs(): number | undefined {
    const times = [this.#traces.oldest?.receivedAtMs, this.#logs.oldest?.receivedAtMs].filter((ms) => ms !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Calls back with what arrives. @returns ends it */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A number that all that comes from now on is above; see `snapshot`. */
  mark(): number {
    return this.#sequence;
  }

  /** @param mark only what came after it: traces by their first part */
  snapshot(mark = 0): Snapshot {
    const traces = [...takeWhile(this.#traces.newestFirst(), ({ sequence }) => sequence > mark)].reverse();
    const logs = [...takeWhile(this.#logs.newestFirst(), ({ sequence }) => sequence > mark)].reverse();
    const items = [...traces.flatMap(({ spans }) => spans), ...logs.map(({ log }) => log)];
    return {
      services: [...new Set(items.map(({ service }) => service).filter(Boolean))].sort(),
      traces: traces.map(receivedTrace),
      uncorrelatedLogs: logs.filter(({ trace }) => !trace).map(({ log }) => log),
      dropped: { spans: this.evicted.spans, logs: this.evicted.logs },
    };
  }

  #addSpan(span: ReceivedSpan, nowMs: number): boolean {
    this.received.spans++;
    const trace = this.#traceOf(span.traceId, nowMs);
    if (isKnown(trace, span)) {
      this.received.duplicateSpans++;
      return false;
    }
    this.#unsettle(trace);
    if (trace.spans.length === 0 || span.startTimeUnixNano < trace.startTimeUnixNano) {
      trace.startTimeUnixNano = span.startTimeUnixNano;
    }
    trace.spans.push(span);
    trace.spanIds?.add(span.spanId);
    this.#spanCount++;
    this.#grow(trace, bytesOfSpan(span));
    this.#afterAdding();
    return true;
  }

  #addLog(log: ReceivedLog, nowMs: number): number {
    this.received.logs++;
    const trace = log.traceId === null ? undefined : this.#traceOf(log.traceId, nowMs);
    const sequence = ++this.#sequence;
    const isCounted = this.#functions.add(log, sequence);
    const bytes = bytesOfLog(log) + (isCounted ? 400 : 0);
    const held: HeldLog = {
      sequence,
      receivedAtMs: nowMs,
      log,
      bytes,
      trace,
      isCounted,
      older: undefined,
      newer: undefined,
    };
    this.#logs.add(held);
    trace?.logs.push(held);
    if (trace) this.#grow(trace, bytes);
    else this.bytes += bytes;
    const ledger = ledgerIn(log.body);
    if (ledger) this.ledgers.add(ledger, nowMs);
    this.#afterAdding();
    return sequence;
  }

  #traceOf(traceId: string, nowMs: number): HeldTrace {
    const low = lowHalf(traceId);
    const known = this.#byId.get(low);
    if (known) {
      // The high half may be unknown: zeros, which no other sorts before.
      if (traceId > known.traceId) known.traceId = traceId;
      return known;
    }
    this.received.traces++;
    const trace: HeldTrace = {
      sequence: ++this.#sequence,
      receivedAtMs: nowMs,
      traceId,
      spans: [],
      logs: [],
      bytes: 0,
      startTimeUnixNano: 0n,
      shape: undefined,
      spanIds: undefined,
      older: undefined,
      newer: undefined,
    };
    this.#traces.add(trace);
    this.#byId.set(low, trace);
    this.#grow(trace, TRACE_BYTES);
    return trace;
  }

  #grow(trace: HeldTrace, bytes: number): void {
    trace.bytes += bytes;
    this.bytes += bytes;
  }

  #afterAdding(): void {
    if (this.bytes > this.limits.maxBytes) this.evict();
    if (this.#unsettled.size > MAX_UNSETTLED) this.#settle();
  }

  #unsettle(trace: HeldTrace): void {
    if (trace.shape) this.#figures.remove(trace.shape);
    trace.shape = undefined;
    this.#unsettled.add(trace);
  }

  #settle(): void {
    for (const trace of this.#unsettled) {
      trace.shape = shapeOf(trace.spans);
      this.#figures.add(trace.shape);
    }
    this.#unsettled.clear();
  }

  #evictTrace(trace: HeldTrace): void {
    if (trace.shape) this.#figures.remove(trace.shape);
    this.#unsettled.delete(trace);
    this.#traces.remove(trace);
    this.#byId.delete(lowHalf(trace.traceId));
    for (const held of trace.logs) this.#removeLog(held);
    this.bytes -= trace.bytes;
    this.#spanCount -= trace.spans.length;
    this.evicted.traces++;
    this.evicted.spans += trace.spans.length;
    this.evicted.logs += trace.logs.length;
  }

  #evictLog(held: HeldLog): void {
    this.#removeLog(held);
    this.bytes -= held.bytes;
    this.evicted.logs++;
  }

  #removeLog(held: HeldLog): void {
    this.#logs.remove(held);
    if (held.isCounted) this.#functions.remove(held.log, held.sequence);
  }

  #tell(spans: ReceivedSpan[], logs: ReceivedLog[], sequences: number[]): void {
    if (spans.length + logs.length === 0) return;
    for (const listener of this.#listeners) listener(spans, logs, sequences);
  }
}

/** In the order of their start, and of their time; ids are those of the trace, which knows more of them. */
export function receivedTrace({ traceId, spans, logs }: HeldTrace): ReceivedTrace {
  return {
    traceId,
    spans: [...spans].sort(byStart).map((span) => ({ ...span, traceId })),
    logs: [...logs].sort(byTime).map(({ log }) => ({ ...log, traceId })),
  };
}

/** Of the same id, begun at the same time under the same name. */
function isKnown(trace: HeldTrace, span: ReceivedSpan): boolean {
  const { spans } = trace;
  if (spans.length >= MANY_SPANS) {
    trace.spanIds ??= new Set(spans.map(({ spanId }) => spanId));
    if (!trace.spanIds.has(span.spanId)) return false;
  }
  return spans.some(
    ({ spanId, startTimeUnixNano, name }) =>
      spanId === span.spanId && startTimeUnixNano === span.startTimeUnixNano && name === span.name,
  );
}

/** Spans that begin at the same time stand in the order of their ids, whatever order they came in. */
function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return compare(a.startTimeUnixNano, b.startTimeUnixNano) || compare(a.spanId, b.spanId);
}

function byTime(a: HeldLog, b: HeldLog): number {
  return compare(a.log.timeUnixNano, b.log.timeUnixNano) || a.sequence - b.sequence;
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function* takeWhile<Item>(items: Iterable<Item>, isTaken: (item: Item) => boolean): Generator<Item> {
  for (const item of items) {
    if (!isTaken(item)) return;
    yield item;
  }
}
