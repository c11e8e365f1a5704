/** What a live view holds: the newest of what arrived, no more than it can show. */
import type { ApiLive, ApiLog, ApiSpan } from "../api-types.ts";

export const MAX_LIVE_ITEMS = 2_000;

export type LiveItem =
  | { kind: "span"; key: string; timeMs: number; span: ApiSpan }
  | { kind: "log"; key: string; timeMs: number; log: ApiLog };

export interface LiveBuffer {
  /** Newest first. */
  items: readonly LiveItem[];
  /** Since it was opened or cleared, what is no longer held included. */
  spans: number;
  logs: number;
  /** Matched, and were too many to be sent. */
  dropped: number;
}

export const EMPTY_BUFFER: LiveBuffer = { items: [], spans: 0, logs: 0, dropped: 0 };

/** The buffer with what arrived on top: by time within one event, and by arrival between them. */
export function added(buffer: LiveBuffer, { spans, logs, dropped }: ApiLive, max = MAX_LIVE_ITEMS): LiveBuffer {
  const arrived: LiveItem[] = [
    ...spans.map((span): LiveItem => ({ kind: "span", key: keyOf(span), timeMs: span.startMs, span })),
    ...logs.map((log): LiveItem => ({ kind: "log", key: `l${log.sequence}`, timeMs: log.timeMs, log })),
  ].sort((a, b) => b.timeMs - a.timeMs);
  return {
    items: [...arrived, ...buffer.items].slice(0, max),
    spans: buffer.spans + spans.length,
    logs: buffer.logs + logs.length,
    dropped: buffer.dropped + dropped.spans + dropped.logs,
  };
}

/** The buffer with another on top. What both have, after a connection was lost, is there once. */
export function joined(buffer: LiveBuffer, newer: LiveBuffer, max = MAX_LIVE_ITEMS): LiveBuffer {
  const known = new Set(newer.items.map(({ key }) => key));
  const older = buffer.items.filter(({ key }) => !known.has(key));
  return {
    items: [...newer.items, ...older].slice(0, max),
    spans: buffer.spans + newer.spans,
    logs: buffer.logs + newer.logs,
    dropped: buffer.dropped + newer.dropped,
  };
}

function keyOf({ traceId, spanId, startTimeUnixNano, name }: ApiSpan): string {
  return `s${traceId}/${spanId}/${startTimeUnixNano}/${name}`;
}
