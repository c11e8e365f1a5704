import type { Ledger } from "../delivery/ledger.ts";

/** The ledger in a line of the forwarder's own log, or `undefined` when the line is something else. */
export function ledgerOf(line: string): Ledger | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { ledger } = JSON.parse(line);
    return typeof ledger === "object" && ledger !== null ? ledger : undefined;
  } catch {
    return undefined;
  }
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

/** Numbers of the same name added up, at any depth. */
function sum(ledgers: Ledger[]): Partial<Ledger> {
  const total: Record<string, unknown> = {};
  for (const ledger of ledgers) add(total, ledger as unknown as Record<string, unknown>);
  return total as Partial<Ledger>;

  function add(into: Record<string, unknown>, from: Record<string, unknown>) {
    for (const [name, value] of Object.entries(from)) {
      if (typeof value === "number") into[name] = ((into[name] as number | undefined) ?? 0) + value;
      else if (typeof value === "object" && value !== null) {
        const nested = (into[name] as Record<string, unknown> | undefined) ?? {};
        into[name] = nested;
        add(nested, value as Record<string, unknown>);
      }
    }
  }
}
