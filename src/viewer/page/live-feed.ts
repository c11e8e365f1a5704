/** The stream of what arrives. It lives as long as the page, so that leaving a view and coming back loses nothing. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError, ApiLive } from "../api-types.ts";
import { added, EMPTY_BUFFER, joined, type LiveBuffer } from "./live-buffer.ts";
import { askedOf } from "./route.ts";

const RECENT = 200;
/** Between two drawings; more often than this nobody reads. */
const DRAW_PAUSE_MS = 200;

export interface Feed {
  query: string;
  buffer: LiveBuffer;
  isPaused: boolean;
  /** Arrived since the pause began. */
  waiting: number;
  state: "connecting" | "open" | "lost";
  problem: string | undefined;
}

let feed: Feed = {
  query: "",
  buffer: EMPTY_BUFFER,
  isPaused: false,
  waiting: 0,
  state: "connecting",
  problem: undefined,
};
/** What came since the last drawing, or since the pause began. */
let arrived: LiveBuffer = EMPTY_BUFFER;
let source: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const viewers = new Set<() => void>();

/** The feed for a query, up to date for as long as the view is there. */
export function useFeed(query: string): Feed {
  const [, draw] = useState(0);
  useEffect(() => {
    const viewer = () => draw((count) => count + 1);
    viewers.add(viewer);
    return () => {
      viewers.delete(viewer);
      if (viewers.size === 0 && !feed.isPaused) close();
    };
  }, []);
  useEffect(() => {
    if (feed.query !== query || !source) listen(query);
  }, [query]);
  return feed;
}

export function pause(): void {
  change({ isPaused: true });
}

export function resume(): void {
  change({ isPaused: false });
  flush();
}

export function clear(): void {
  arrived = EMPTY_BUFFER;
  change({ buffer: EMPTY_BUFFER, waiting: 0 });
}

function change(changed: Partial<Feed>): void {
  feed = { ...feed, ...changed };
  for (const viewer of viewers) viewer();
}

function close(): void {
  source?.close();
  source = undefined;
}

function listen(query: string): void {
  close();
  arrived = EMPTY_BUFFER;
  // A pause keeps what is looked at; another question asks for other things.
  const isPaused = feed.isPaused && feed.query === query;
  change({ query, problem: undefined, state: "connecting", isPaused, ...(!isPaused && { waiting: 0 }) });
  const path = askedOf("/api/live", { query, recent: RECENT });
  const opened = new EventSource(path);
  source = opened;
  let isFirst = true;
  opened.addEventListener("open", () => {
    isFirst = true;
    arrived = EMPTY_BUFFER;
    change({ state: "open", problem: undefined, ...(!feed.isPaused && { buffer: EMPTY_BUFFER }) });
  });
  opened.addEventListener("items", (event) => {
    arrived = added(arrived, JSON.parse((event as MessageEvent<string>).data) as ApiLive);
    if (isFirst) flush();
    else timer ??= setTimeout(flush, DRAW_PAUSE_MS);
    isFirst = false;
  });
  opened.addEventListener("error", () => {
    if (source !== opened) return;
    if (opened.readyState === EventSource.CLOSED) void explain(path);
    else change({ state: "lost" });
  });
}

function flush(): void {
  clearTimeout(timer);
  timer = undefined;
  if (feed.isPaused) {
    change({ waiting: arrived.spans + arrived.logs });
    return;
  }
  const buffer = joined(feed.buffer, arrived);
  arrived = EMPTY_BUFFER;
  change({ buffer, waiting: 0 });
}

/** An event source does not say why it was refused. */
async function explain(path: string): Promise<void> {
  const stopping = new AbortController();
  try {
    const response = await fetch(path, { signal: stopping.signal });
    if (response.ok) {
      stopping.abort();
      change({ state: "lost", problem: "the stream ended; search again to go on" });
      return;
    }
    const { errors } = (await response.json()) as ApiError;
    change({ state: "lost", problem: errors.join("; ") });
  } catch {
    change({ state: "lost", problem: "no answer from the server: is it still running?" });
  }
}
