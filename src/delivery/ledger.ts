/**
 * The books of one invocation: what came in, and where each event ended. One event is one log or one trace payload line.
 */

export interface DestinationBooks {
  /** Items handed to the destination. */
  offered: number;
  delivered: number;
  /** Items that were given up, by reason. */
  failed: Record<string, number>;
  requests: number;
  /** Requests that were sent again, by reason. */
  retried: Record<string, number>;
  /** Bytes of delivered bodies, as sent. */
  bytes: number;
}

export interface Ledger {
  /** Log events in. */
  events: number;
  logs: number;
  traceLines: number;
  spans: number;
  /** Logs that were meant to stay, by setting. */
  skipped: Record<string, number>;
  /** Events that are neither log nor trace, by reason. */
  dropped: Record<string, number>;
  /** Events handed back to Lambda by a throw before they were offered to a destination, by reason. */
  returned: Record<string, number>;
  destinations: Record<string, DestinationBooks>;
  /** Events of which none of the above tells the end; 0, or there is a mistake in the forwarder. */
  unaccounted: number;
}

export function openLedger(): Ledger {
  return {
    events: 0,
    logs: 0,
    traceLines: 0,
    spans: 0,
    skipped: {},
    dropped: {},
    returned: {},
    destinations: {},
    unaccounted: 0,
  };
}

export function booksOf(ledger: Ledger, destination: string): DestinationBooks {
  const books = ledger.destinations[destination];
  if (books) return books;
  const opened = { offered: 0, delivered: 0, failed: {}, requests: 0, retried: {}, bytes: 0 };
  ledger.destinations[destination] = opened;
  return opened;
}

/** Adds up every place an event can end, and says how many are missing or too many. */
export function closeLedger(ledger: Ledger): Ledger {
  const { events, logs, traceLines, skipped, dropped, returned } = ledger;
  const destinations = Object.values(ledger.destinations);
  const offered = destinations.reduce((sum, books) => sum + books.offered, 0);
  const gaps = [
    events - logs - traceLines - total(dropped),
    logs + traceLines - total(skipped) - total(returned) - offered,
    ...destinations.map((books) => books.offered - books.delivered - total(books.failed)),
  ];
  return { ...ledger, unaccounted: gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) };
}

/** Adds to the count of a reason. */
export function count(reasons: Record<string, number>, reason: string, by: number): void {
  if (by > 0) reasons[reason] = (Object.hasOwn(reasons, reason) ? (reasons[reason] as number) : 0) + by;
}

function total(reasons: Record<string, number>): number {
  return Object.values(reasons).reduce((sum, number) => sum + number, 0);
}
