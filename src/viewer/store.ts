import { is128Bit, lowHalf } from "../formats/trace-ids.ts";
import { boundedList } from "./bounded-list.ts";
import type { ReceivedLog, ReceivedSpan, ReceivedTrace } from "./received.ts";

export interface Store {
  /** @param bytes what the items took on the wire, together */
  addSpans(spans: ReceivedSpan[], bytes: number): void;
  addLogs(logs: ReceivedLog[], bytes: number): void;
  clear(): void;
  snapshot(): Snapshot;
}

export interface Snapshot {
  /** Names of the services that sent spans or logs, sorted. */
  services: string[];
  /** In the order of their first span; a trace that only logs name is among them, without spans. */
  traces: ReceivedTrace[];
  uncorrelatedLogs: ReceivedLog[];
  /** Dropped to bound the memory, since the start. */
  dropped: { spans: number; logs: number };
}

/** Spans and logs in memory, the oldest dropped when there are too many. */
export function memoryStore({ maxItems = 20_000, maxBytes = 64_000_000 } = {}): Store {
  const spans = boundedList<ReceivedSpan>(maxItems, maxBytes);
  const logs = boundedList<ReceivedLog>(maxItems, maxBytes);
  return {
    addSpans(added, bytes) {
      for (const span of added) spans.add(span, bytes / added.length);
    },
    addLogs(added, bytes) {
      for (const log of added) logs.add(log, bytes / added.length);
    },
    clear() {
      spans.clear();
      logs.clear();
    },
    snapshot: () => ({
      ...group(spans.items(), logs.items()),
      dropped: { spans: spans.dropped(), logs: logs.dropped() },
    }),
  };
}

/** Joined by the low 64 bits of the trace id, because logs often carry no more of it. */
function group(spans: ReceivedSpan[], logs: ReceivedLog[]): Omit<Snapshot, "dropped"> {
  const traces = new Map<string, ReceivedTrace>();
  for (const span of [...spans].sort(byStart)) traceOf(span.traceId).spans.push(span);
  for (const log of logs) if (log.traceId) traceOf(log.traceId).logs.push(log);
  const services = new Set([...spans, ...logs].map(({ service }) => service).filter(Boolean));
  return {
    services: [...services].sort(),
    traces: [...traces.values()].map(withOneId),
    uncorrelatedLogs: logs.filter(({ traceId }) => !traceId),
  };

  function traceOf(traceId: string): ReceivedTrace {
    const known = traces.get(lowHalf(traceId)) ?? { traceId, spans: [], logs: [] };
    if (!is128Bit(known.traceId)) known.traceId = traceId;
    traces.set(lowHalf(traceId), known);
    return known;
  }
}

function withOneId({ traceId, spans, logs }: ReceivedTrace): ReceivedTrace {
  return {
    traceId,
    spans: spans.map((span) => ({ ...span, traceId })),
    logs: logs.map((log) => ({ ...log, traceId })),
  };
}

function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : a.startTimeUnixNano > b.startTimeUnixNano ? 1 : 0;
}
