import type { Ledger } from "../delivery/ledger.ts";
import { ledgerIn, sumOfLedgers } from "../viewer/ledger-list.ts";

/** The ledger in a line of the forwarder's own log, or `undefined` when the line is something else. */
export function ledgerOf(line: string): Ledger | undefined {
  return ledgerIn(line) as Ledger | undefined;
}

/** Several ledgers as one line for people: what came in, what became of it, and what nobody can account for. */
export function ledgerText(ledgers: Ledger[]): string {
  const {
    events = 0,
    unpacked = 0,
    logs = 0,
    traceLines = 0,
    spans = 0,
    metricLines = 0,
    skipped,
    dropped,
    unaccounted = 0,
    destinations,
  } = sum(ledgers);
  const parts = [
    `${events} events${unpacked > 0 ? ` + ${unpacked} unpacked` : ""} = ${logs} logs + ${traceLines} trace lines (${spans} spans)${metricLines > 0 ? ` + ${metricLines} metric lines` : ""}${reasons(" + dropped", dropped)}`,
    ...Object.entries((destinations ?? {}) as Ledger["destinations"]).map(
      ([name, { delivered, offered, stored, failed }]) =>
        `${name} ${delivered} of ${offered} delivered${reasons(", stored", stored)}${reasons(", failed", failed)}`,
    ),
    reasons("skipped", skipped),
    `unaccounted ${unaccounted}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function reasons(title: string, counts: Record<string, number> | undefined): string {
  const named = Object.entries(counts ?? {}).map(([reason, number]) => `${number} ${reason}`);
  return named.length > 0 ? `${title} ${named.join(", ")}` : "";
}

function sum(ledgers: Ledger[]): Partial<Ledger> {
  return ledgers.reduce<Record<string, unknown>>((total, ledger) => sumOfLedgers(total, { ...ledger }), {});
}
