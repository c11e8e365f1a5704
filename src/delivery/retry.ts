const BASE_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;

/** What decides about another send. */
export interface Moment {
  /** How many sends were made, from 1. */
  attempt: number;
  /** The server's `Retry-After`: seconds or a date. */
  retryAfter?: string | undefined;
  /** Until everything must be settled. */
  msLeft: number;
  nowUnixMs: number;
  /** In [0, 1). */
  random: number;
}

/**
 * How long to wait before sending again, or undefined to stop.
 *
 * The server's `Retry-After` wins, unless it says not to wait at all; otherwise exponential backoff with full jitter. A
 * wait that would pass `msLeft` is not begun.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function nextDelay({ attempt, retryAfter, msLeft, nowUnixMs, random }: Moment): number | undefined {
  const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(attempt - 1, 10));
  const delay = retryAfterMs(retryAfter, nowUnixMs) || Math.ceil(random * ceiling);
  return delay < msLeft ? delay : undefined;
}

/** What a `Retry-After` header asks for, seconds or a date; undefined when it says nothing. */
export function retryAfterMs(header: string | undefined, nowUnixMs: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowUnixMs);
}
