import { lowHalf } from "../formats/trace-ids.ts";
import { isTraceLike } from "../viewer/api.ts";
import { matches, type Query } from "../viewer/query.ts";
import type { ReceivedLog, ReceivedSpan } from "../viewer/received.ts";
import { searchableLog } from "../viewer/searchable.ts";
import { type HeldTrace, receivedTrace, type Store } from "../viewer/store.ts";
import { logText } from "./log-text.ts";
import { oneLine } from "./one-line.ts";
import type { Paint } from "./paint.ts";
import { traceTree } from "./trace-tree.ts";

export interface TraceWatchSettings {
  /** How long nothing more of a trace came, before it is shown; longer where its root is missing. */
  quietMs: number;
  rootlessMs: number;
  /** That wait. */
  maxTraces: number;
  /** Of the text in a line. */
  columns: number;
  /** Of the waterfall in front of it; 0 = none. */
  barColumns: number;
  paint: Paint;
}

interface Waiting {
  changedMs: number;
  hasSpans: boolean;
}

/** Shows traces with their logs as they become complete, and logs without a trace as they come. */
export class TraceWatch {
  readonly #store: Store;
  readonly #query: Query;
  readonly #print: (text: string) => void;
  readonly #settings: TraceWatchSettings;
  readonly #waiting = new Map<string, Waiting>();
  /** Those that were shown, the newest last. */
  readonly #shown = new Set<string>();
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(store: Store, query: Query, print: (text: string) => void, settings: TraceWatchSettings) {
    this.#store = store;
    this.#query = query;
    this.#print = print;
    this.#settings = settings;
    this.#unsubscribe = store.subscribe((spans, logs) => this.#take(spans, logs));
    this.#timer = setInterval(() => this.#showComplete(), Math.max(10, settings.quietMs / 4));
  }

  /** Shows what waits, and ends. */
  close(): void {
    this.#unsubscribe();
    clearInterval(this.#timer);
    for (const id of [...this.#waiting.keys()]) this.#show(id);
  }

  #take(spans: ReceivedSpan[], logs: ReceivedLog[]): void {
    for (const { traceId } of spans) this.#note(idOf(traceId), true);
    for (const log of logs) {
      if (log.traceId !== null) this.#note(idOf(log.traceId), false);
      else if (matches(this.#query, searchableLog(log))) this.#showLog(log);
    }
  }

  #note(id: string, isSpan: boolean): void {
    const before = this.#waiting.get(id);
    // Logs that come after their trace was shown are not worth the whole of it again.
    if (!before && !isSpan && this.#shown.has(id)) return;
    this.#waiting.delete(id);
    this.#waiting.set(id, { changedMs: Date.now(), hasSpans: isSpan || before?.hasSpans === true });
    if (this.#waiting.size <= this.#settings.maxTraces) return;
    const [longest] = this.#waiting.keys();
    if (longest !== undefined) this.#show(longest);
  }

  #showComplete(): void {
    const { quietMs, rootlessMs } = this.#settings;
    const nowMs = Date.now();
    for (const [id, { changedMs, hasSpans }] of [...this.#waiting]) {
      if (changedMs > nowMs - quietMs) return;
      const isWhole = hasSpans && hasRoot(this.#store.trace(id));
      if (isWhole || changedMs <= nowMs - rootlessMs) this.#show(id);
    }
  }

  #show(id: string): void {
    this.#waiting.delete(id);
    const trace = this.#store.trace(id);
    if (!trace || !isTraceLike(this.#query, trace)) return;
    const { columns, barColumns, paint } = this.#settings;
    const lines = traceTree(receivedTrace(trace), columns, paint, barColumns);
    if (this.#shown.has(id)) lines.unshift(paint("dim", "more arrived of"));
    this.#shown.add(id);
    if (this.#shown.size > this.#settings.maxTraces) {
      const [oldest] = this.#shown;
      if (oldest !== undefined) this.#shown.delete(oldest);
    }
    this.#print(`\n${lines.join("\n")}\n`);
  }

  #showLog({ service, body }: ReceivedLog): void {
    const { columns, paint } = this.#settings;
    const name = oneLine(service, 40);
    this.#print(
      `${paint("dim", "·")} ${paint("bold", name)}  ${oneLine(logText(body), Math.max(20, columns - name.length - 4))}\n`,
    );
  }
}

/** Logs often carry no more than the low half. */
function idOf(traceId: string): string {
  return lowHalf(traceId).padStart(32, "0");
}

function hasRoot(trace: HeldTrace | undefined): boolean {
  return trace?.spans.some(({ parentId }) => parentId === null) ?? false;
}
