/** What arrives, as server-sent events, for as long as somebody listens. */
import type { ServerResponse } from "node:http";
import type { ApiLive } from "./api-types.ts";
import { viewOfLog, viewOfSpan } from "./api-views.ts";
import { matches, type Query } from "./query.ts";
import type { ReceivedLog, ReceivedSpan } from "./received.ts";
import { searchableLog, searchableSpan } from "./searchable.ts";
import type { Store } from "./store.ts";

export interface LiveSettings {
  maxClients: number;
  /** What waits for one client; the oldest give way. */
  maxQueued: number;
  /** In one event. */
  maxItems: number;
  /** Between events. */
  pauseMs: number;
  heartbeatMs: number;
  /** Not yet taken by a client, above which nothing more is written to it. */
  maxUnsentBytes: number;
}

export const LIVE: LiveSettings = {
  maxClients: 20,
  maxQueued: 2_000,
  maxItems: 500,
  pauseMs: 100,
  heartbeatMs: 15_000,
  maxUnsentBytes: 2_000_000,
};

export interface Live {
  /**
   * @param recent how many of the spans and of the logs that are held already are sent at once, the newest that match
   * @returns false when there are too many clients already; nothing is written then
   */
  add(response: ServerResponse, query: Query, recent?: number): boolean;
  clients(): number;
  close(): void;
}

type Item = { span: ReceivedSpan } | { log: ReceivedLog; sequence: number };

export function startLive(store: Store, settings: Partial<LiveSettings> = {}): Live {
  const { maxClients, maxQueued, maxItems, pauseMs, heartbeatMs, maxUnsentBytes } = { ...LIVE, ...settings };
  const clients = new Set<ServerResponse>();
  return {
    add,
    clients: () => clients.size,
    close() {
      for (const response of clients) response.destroy();
    },
  };

  /** The newest of what is held, the oldest of them first. */
  function heldLike(query: Query, limit: number): Item[] {
    const spans = first(spansNewestFirst(query), limit);
    const logs = first(logsNewestFirst(query), limit);
    return [...[...spans].reverse(), ...[...logs].reverse()];
  }

  function* spansNewestFirst(query: Query): Generator<Item> {
    for (const { spans } of store.tracesNewestFirst())
      for (let at = spans.length - 1; at >= 0; at--) {
        const span = spans[at] as ReceivedSpan;
        if (matches(query, searchableSpan(span))) yield { span };
      }
  }

  function* logsNewestFirst(query: Query): Generator<Item> {
    for (const { log, sequence } of store.logsNewestFirst())
      if (matches(query, searchableLog(log))) yield { log, sequence };
  }

  function add(response: ServerResponse, query: Query, recent = 0): boolean {
    if (clients.size >= maxClients) return false;
    clients.add(response);
    let queue: Item[] = [];
    let dropped = { spans: 0, logs: 0 };
    let timer: NodeJS.Timeout | undefined;
    const unsubscribe = store.subscribe((spans, logs, sequences) => {
      for (const span of spans) if (matches(query, searchableSpan(span))) queue.push({ span });
      for (const [at, log] of logs.entries()) {
        if (matches(query, searchableLog(log))) queue.push({ log, sequence: sequences[at] as number });
      }
      if (queue.length > maxQueued) forget(queue.splice(0, queue.length - maxQueued));
      if (queue.length > 0) timer ??= setTimeout(send, pauseMs);
    });
    const heartbeat = setInterval(() => isReady() && response.write(": still here\n\n"), heartbeatMs);
    response.once("close", () => {
      clients.delete(response);
      unsubscribe();
      clearInterval(heartbeat);
      clearTimeout(timer);
      queue = [];
    });
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.write("retry: 2000\n\n");
    const held = heldLike(query, recent);
    if (held.length > 0) write(held);
    return true;

    function send() {
      timer = undefined;
      if (!isReady()) {
        timer = setTimeout(send, pauseMs);
        return;
      }
      // The newest are what somebody who looks on wants to see.
      if (queue.length > maxItems) forget(queue.splice(0, queue.length - maxItems));
      write(queue);
      queue = [];
      dropped = { spans: 0, logs: 0 };
    }

    function write(items: Item[]) {
      response.write(`event: items\ndata: ${JSON.stringify(eventOf(items, dropped))}\n\n`);
    }

    function isReady(): boolean {
      return response.writableLength <= maxUnsentBytes;
    }

    function forget(items: Item[]) {
      for (const item of items) dropped["span" in item ? "spans" : "logs"]++;
    }
  }
}

function* first<Value>(values: Iterable<Value>, limit: number): Generator<Value> {
  if (limit <= 0) return;
  let left = limit;
  for (const value of values) {
    yield value;
    if (--left === 0) return;
  }
}

function eventOf(queue: Item[], dropped: ApiLive["dropped"]): ApiLive {
  const event: ApiLive = { spans: [], logs: [], dropped };
  for (const item of queue) {
    if ("span" in item) event.spans.push(viewOfSpan(item.span));
    else event.logs.push(viewOfLog(item.log, item.sequence));
  }
  return event;
}
