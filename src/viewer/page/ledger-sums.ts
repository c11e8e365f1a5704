/** What the page shows of a ledger, whose shape is that of the forwarder that wrote it: of this version, or of another. */

export interface LedgerSums {
  events: number;
  logs: number;
  traceLines: number;
  spans: number;
  metricLines: number;
  derivedMetrics: number;
  unaccounted: number;
  /** What told the trace of a log, how often; empty where the forwarder does not say. */
  links: [string, number][];
  unlinked: number | undefined;
  dropped: [string, number][];
  skipped: [string, number][];
  returned: [string, number][];
  destinations: DestinationSums[];
}

export interface DestinationSums {
  name: string;
  offered: number;
  delivered: number;
  stored: [string, number][];
  failed: [string, number][];
  retried: [string, number][];
  requests: number;
  bytes: number;
}

export function ledgerSums(ledger: Readonly<Record<string, unknown>>): LedgerSums {
  const { events, logs, traceLines, spans, metricLines, derivedMetrics, unaccounted, unlinked } = ledger;
  return {
    events: numberOf(events),
    logs: numberOf(logs),
    traceLines: numberOf(traceLines),
    spans: numberOf(spans),
    metricLines: numberOf(metricLines),
    derivedMetrics: numberOf(derivedMetrics),
    unaccounted: numberOf(unaccounted),
    links: countsOf(ledger.links),
    unlinked: typeof unlinked === "number" ? unlinked : undefined,
    dropped: countsOf(ledger.dropped),
    skipped: countsOf(ledger.skipped),
    returned: countsOf(ledger.returned),
    destinations: Object.entries(objectOf(ledger.destinations)).map(([name, given]) => {
      const books = objectOf(given);
      return {
        name,
        offered: numberOf(books.offered),
        delivered: numberOf(books.delivered),
        stored: countsOf(books.stored),
        failed: countsOf(books.failed),
        retried: countsOf(books.retried),
        requests: numberOf(books.requests),
        bytes: numberOf(books.bytes),
      };
    }),
  };
}

/** The most frequent first. */
function countsOf(value: unknown): [string, number][] {
  return Object.entries(objectOf(value))
    .filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0)
    .sort(([, a], [, b]) => b - a);
}

export function sumOf(counts: readonly [string, number][]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
