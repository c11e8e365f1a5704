/** What all sequences of a run came to. */
import type { Outcome } from "./sequence.ts";
import type { Verdict } from "./verdict.ts";

export class Totals {
  sequences = 0;
  faults = 0;
  kills = 0;
  readonly #byKind: Record<string, number> = {};
  readonly #duplicates: Record<string, number> = {};
  readonly #sums = {
    deliveries: 0,
    invocations: 0,
    onABusyMachine: 0,
    twoBackends: 0,
    events: 0,
    copies: 0,
    delivered: 0,
    stored: 0,
    quarantined: 0,
    onFailureQueue: 0,
    lost: 0,
    possiblyDuplicated: 0,
  };

  add({ history, hasOtlp }: Outcome, verdict: Verdict): void {
    this.sequences++;
    for (const [name, calls] of Object.entries(history.faultsMet)) {
      this.faults += calls;
      this.#byKind[name] = (this.#byKind[name] ?? 0) + calls;
    }
    this.kills += history.invocations.filter(({ end }) => end?.how === "killed").length;
    for (const [cause, number] of Object.entries(verdict.duplicates)) {
      this.#duplicates[cause] = (this.#duplicates[cause] ?? 0) + number;
    }
    const sums = this.#sums;
    sums.deliveries += history.deliveries.length;
    sums.invocations += history.invocations.length;
    sums.onABusyMachine += history.invocations.filter(({ isStarved }) => isStarved).length;
    sums.stored += history.invocations
      .flatMap(({ itemsStored }) => Object.values(itemsStored))
      .reduce((sum, items) => sum + items, 0);
    sums.twoBackends += hasOtlp ? 1 : 0;
    sums.events += verdict.events;
    sums.copies += verdict.copies;
    sums.delivered += verdict.delivered;
    sums.quarantined += verdict.quarantined;
    sums.onFailureQueue += verdict.onFailureQueue;
    sums.lost += verdict.lost;
    sums.possiblyDuplicated += verdict.possiblyDuplicated;
  }

  /** One line. */
  progress(): string {
    return `${this.sequences} sequences, ${this.faults} faults, ${this.kills} kills, ${this.#sums.lost} lost`;
  }

  toString(): string {
    const sums = Object.entries(this.#sums).map(([name, number]) => `${name} ${number}`);
    return [
      `sequences ${this.sequences}, faults ${this.faults}, kills ${this.kills}, ${sums.join(", ")}`,
      `duplicates: ${listed(this.#duplicates) || "none"}`,
      `faults: ${listed(this.#byKind) || "none"}`,
    ].join("\n");
  }
}

function listed(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, number]) => `${name} ${number}`)
    .join(", ");
}
