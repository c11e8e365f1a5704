/** The forwarder's ledgers, which it prints as a line of its log: their sums, and the last of them. */
import { isJsonObject } from "../formats/json-object.ts";

const MAX_KEPT = 200;
const MAX_LINE_LENGTH = 100_000;
const MAX_DEPTH = 6;
/** Names of reasons and destinations are few. */
const MAX_NAMES = 500;

export interface LedgerNote {
  receivedAtMs: number;
  ledger: Record<string, unknown>;
}

export class LedgerList {
  #last: LedgerNote[] = [];
  count = 0;
  totals: Record<string, unknown> = {};

  add(ledger: Record<string, unknown>, receivedAtMs: number): void {
    this.count++;
    this.totals = sumOfLedgers(this.totals, ledger);
    this.#last.push({ receivedAtMs, ledger });
    if (this.#last.length > MAX_KEPT) this.#last.shift();
  }

  /** Newest first. */
  last(limit: number): LedgerNote[] {
    return this.#last.slice(-limit).reverse();
  }

  clear(): void {
    this.#last = [];
    this.count = 0;
    this.totals = {};
  }
}

/** The ledger in a line of the forwarder's own log, or `undefined` when the line is something else. */
export function ledgerIn(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{") || line.length > MAX_LINE_LENGTH || !line.includes('"ledger":{')) return undefined;
  try {
    const { ledger } = JSON.parse(line) as { ledger?: unknown };
    return isJsonObject(ledger) && typeof ledger.events === "number" ? ledger : undefined;
  } catch {
    return undefined;
  }
}

/** Numbers of the same name added up, at any depth; what is no number is left out. */
export function sumOfLedgers(
  a: Record<string, unknown>,
  b: Record<string, unknown>,
  depth = MAX_DEPTH,
): Record<string, unknown> {
  const sums = new Map(Object.entries(a));
  for (const [name, value] of Object.entries(b)) {
    const known = sums.get(name);
    if (known === undefined && sums.size >= MAX_NAMES) continue;
    if (typeof value === "number") sums.set(name, (typeof known === "number" ? known : 0) + value);
    else if (isJsonObject(value) && depth > 0)
      sums.set(name, sumOfLedgers(isJsonObject(known) ? known : {}, value, depth - 1));
  }
  return Object.fromEntries(sums);
}
