/**
 * Which destinations have settled an event that failed: Lambda hands it in again, and they are not to get it twice. Loaded
 * by the first failure.
 */
import { createHash } from "node:crypto";
import { type Ledger, total } from "../delivery/ledger.ts";

/** Events that are remembered, the last that failed. */
const MAX_EVENTS = 100;

/** It lives as long as the process: another process sends such an event to all again. */
export class Attempts {
  /** Names of destinations by the hash of the event. */
  readonly #settled = new Map<string, ReadonlySet<string>>();

  /** The destinations that have the event already; undefined: none is known to. */
  settledBy(event: unknown): ReadonlySet<string> | undefined {
    return this.#settled.size > 0 ? this.#settled.get(hashOf(event)) : undefined;
  }

  /** The event was read to its end, and each destination settled or failed. @param ledger of the invocation */
  ended(event: unknown, { destinations }: Ledger): void {
    const settled = Object.keys(destinations).filter((name) => total(destinations[name]?.failed ?? {}) === 0);
    const isWhole = settled.length === Object.keys(destinations).length;
    if (isWhole && this.#settled.size === 0) return;
    const hash = hashOf(event);
    this.#settled.delete(hash);
    if (isWhole || settled.length === 0) return;
    if (this.#settled.size >= MAX_EVENTS) this.#settled.delete(this.#settled.keys().next().value as string);
    this.#settled.set(hash, new Set(settled));
  }
}

function hashOf(event: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(event) ?? "")
    .digest("base64");
}
