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
  /** @returns false when there are too many clients already; nothing is written then */
  add(response: ServerResponse, query: Query): boolean;
  clients(): number;
  close(): void;
}

type Item = { span: ReceivedSpan } | { log: ReceivedLog; sequence: number };

export function startLive(store: Store, settings: Partial<LiveSettings> = {}): Live {
  const { maxClients, maxQueued, maxItems, pauseMs, heartbeatMs, maxUnsentBytes } = { ...LIVE, ...settings };
  const clients = new Set<ServerResponse>();
  let sequence = 0;
  return {
    add,
    clients: () => clients.size,
    close() {
      for (const response of clients) response.destroy();
    },
  };

  function add(response: ServerResponse, query: Query): boolean {
    if (clients.size >= maxClients) return false;
    clients.add(response);
    let queue: Item[] = [];
    let dropped = { spans: 0, logs: 0 };
    let timer: NodeJS.Timeout | undefined;
    const unsubscribe = store.subscribe((spans, logs) => {
      for (const span of spans) if (matches(query, searchableSpan(span))) queue.push({ span });
      for (const log of logs) if (matches(query, searchableLog(log))) queue.push({ log, sequence: ++sequence });
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
    return true;

    function send() {
      timer = undefined;
      if (!isReady()) {
        timer = setTimeout(send, pauseMs);
        return;
      }
      // The newest are what somebody who looks on wants to see.
      if (queue.length > maxItems) forget(queue.splice(0, queue.length - maxItems));
      response.write(`event: items\ndata: ${JSON.stringify(eventOf(queue, dropped))}\n\n`);
      queue = [];
      dropped = { spans: 0, logs: 0 };
    }

    function isReady(): boolean {
      return response.writableLength <= maxUnsentBytes;
    }

    function forget(items: Item[]) {
      for (const item of items) dropped["span" in item ? "spans" : "logs"]++;
    }
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
