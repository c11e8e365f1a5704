/**
 * The books of one invocation: what came in, and where each event ended. One event is one log, one trace payload line or
 * one metric line. Metrics and spans that are made of logs come on top of the events, and so do log records beyond the first
 * of a line that holds several.
 *
 * events + unpacked = logs + trace lines + metric lines + dropped; logs + trace lines + metric lines + derived metrics +
 * derived spans = skipped + returned + offered, where for the destinations of one kind offered + skipped is the same; and for
 * each destination, and for a redrive, offered = delivered + stored + failed.
 */
export interface DestinationBooks {
  /** Items handed to the destination. */
  offered: number;
  delivered: number;
  /** Items that were put into the failure store, by reason. */
  stored: Record<string, number>;
  /** Items that are neither delivered nor stored, by reason. The invocation fails, so that Lambda keeps the event. */
  failed: Record<string, number>;
  /** Why the store did not take them; the first reason. */
  storeError?: string;
  /** Items that were sent again or stored although the intake may have them: it took the request and did not answer. */
  possiblyDuplicated: number;
  requests: number;
  /** Requests that were sent again, by reason. */
  retried: Record<string, number>;
  /** Bytes of delivered bodies, as sent. */
  bytes: number;
  /**
   * Spans, log records or data points that the backend says it left out of requests that it took. Nobody can tell which,
   * so that their items count as delivered. Absent: none.
   */
  rejected?: number;
  /** Items that were not offered to it, by reason: what its own filter left out, what an earlier try settled. Absent: none. */
  skipped?: Record<string, number>;
}

/** A redrive's: `stored` are items that stay in the store. */
export interface RedriveBooks extends DestinationBooks {
  /** Stored batches that were taken up. */
  batches: number;
  /** Stored batches that cannot be understood, and were moved to where they hold up nothing. */
  quarantined: number;
  /** Stored batches that were left as they are, by reason. */
  left: Record<string, number>;
  /** Logs that were too old for the intake, and were sent with the time of the redrive and their own in an attribute. */
  late: number;
  /** Of the oldest batch that stays for the next redrive; 0 = none does. */
  oldestStoredAgeSeconds: number;
}

/** Of functions that get the event as it came. */
export interface TargetBooks {
  invoked: number;
  /** Functions that an earlier try of the same invocation had invoked, and that were not invoked again. */
  repeated: number;
  /** Functions that were not invoked, by reason. */
  failed: Record<string, number>;
}

export interface Ledger {
  /** Log events in. */
  events: number;
  logs: number;
  /** Log records beyond one a line, of lines that hold several, which are counted as logs besides. */
  unpacked: number;
  /** Lines that had to be repaired, by what was wrong: `gluedLine`, `wrappedLine`, `cutLine`. Absent: none. */
  repaired?: Record<string, number>;
  /** Logs that are tied to a trace, by what told it (`LinkMethod`), and those that are not. */
  links: Record<string, number>;
  unlinked: number;
  traceLines: number;
  spans: number;
  metricLines: number;
  /** Metrics that were made of logs, which are counted as logs besides. */
  derivedMetrics: number;
  /** Requests whose spans were made of logs, which are counted as logs besides: the spans of one are one item. */
  derivedSpans: number;
  /** Logs that were meant to stay, by setting. */
  skipped: Record<string, number>;
  /** Events that are neither log nor trace nor metric, and logs that a filter or sampling left out, by reason. */
  dropped: Record<string, number>;
  /** Events, and metrics and spans made of them, handed back to Lambda by a throw before they were offered to a destination, by reason. */
  returned: Record<string, number>;
  destinations: Record<string, DestinationBooks>;
  /** Where tags of AWS resources were looked up, by outcome. */
  tagRefreshes?: Record<string, number>;
  /** Requests that the table of traces was asked for or told of, by outcome. */
  correlationTable?: Record<string, number>;
  /** What became of batches that were stored before. */
  redrive?: RedriveBooks;
  additionalTargets?: TargetBooks;
  /** Events of which none of the above tells the end; 0, or there is a mistake in the forwarder. */
  unaccounted: number;
}

export function openLedger(): Ledger {
  return {
    events: 0,
    logs: 0,
    unpacked: 0,
    links: {},
    unlinked: 0,
    traceLines: 0,
    spans: 0,
    metricLines: 0,
    derivedMetrics: 0,
    derivedSpans: 0,
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
  const opened = newBooks();
  ledger.destinations[destination] = opened;
  return opened;
}

export function newBooks(): DestinationBooks {
  return {
    offered: 0,
    delivered: 0,
    stored: {},
    failed: {},
    possiblyDuplicated: 0,
    requests: 0,
    retried: {},
    bytes: 0,
  };
}

const KINDS = ["-logs", "-traces", "-metrics"];

/** Adds up every place an event can end, and says in the ledger how many are missing or too many. */
export function closeLedger(ledger: Ledger): Ledger {
  const { destinations, redrive } = ledger;
  const lines = ledger.logs + ledger.traceLines + ledger.metricLines;
  const items = lines + ledger.derivedMetrics + ledger.derivedSpans;
  let gaps = Math.abs(ledger.events + ledger.unpacked - lines - total(ledger.dropped));
  let taken = total(ledger.skipped) + total(ledger.returned);
  for (const kind of KINDS) {
    let [most, all, number] = [0, 0, 0];
    for (const name in destinations) {
      if (!name.endsWith(kind)) continue;
      const { offered, skipped } = destinations[name] as DestinationBooks;
      const own = offered + (skipped ? total(skipped) : 0);
      most = Math.max(most, own);
      all += own;
      number++;
    }
    taken += most;
    gaps += number * most - all;
  }
  gaps += Math.abs(items - taken);
  for (const name in destinations) gaps += gapIn(destinations[name] as DestinationBooks);
  if (redrive) gaps += gapIn(redrive);
  ledger.unaccounted = gaps;
  return ledger;
}

/** Items that were offered, and neither delivered nor stored nor failed, or too many that were. */
function gapIn({ offered, delivered, stored, failed }: DestinationBooks): number {
  return Math.abs(offered - delivered - total(stored) - total(failed));
}

/** Adds to the count of a reason. */
export function count(reasons: Record<string, number>, reason: string, by: number): void {
  if (by > 0) reasons[reason] = (Object.hasOwn(reasons, reason) ? (reasons[reason] as number) : 0) + by;
}

/** Counts how logs were tied to their traces. */
export function countLinks(ledger: Ledger, logs: readonly { linkMethod: string }[]): void {
  for (const { linkMethod } of logs) {
    if (linkMethod) ledger.links[linkMethod] = (ledger.links[linkMethod] ?? 0) + 1;
    else ledger.unlinked++;
  }
}

/** The sum over all reasons. */
export function total(reasons: Record<string, number>): number {
  let sum = 0;
  for (const reason in reasons) sum += reasons[reason] as number;
  return sum;
}
