/** What became of every event of a sequence, and what must not have. */
import { duplicatesIn } from "./duplicates.ts";
import type { Invocation } from "./history.ts";
import { eventOf } from "./item-ids.ts";
import { possiblyDuplicatedIn, problemsOfLedgers } from "./ledgers.ts";
import type { Outcome } from "./sequence.ts";

export interface Verdict {
  /** What must not be, a sentence each. */
  problems: string[];
  /** Log events. What follows counts a copy of each for each backend. */
  events: number;
  copies: number;
  /** What a backend took. */
  delivered: number;
  quarantined: number;
  onFailureQueue: number;
  lost: number;
  /** Acceptances of a copy after its first, by what made them so. */
  duplicates: Record<string, number>;
  /** Of the ledgers. */
  possiblyDuplicated: number;
}

export function verdictOf({ hasStore, history, stored, leftOver }: Outcome): Verdict {
  const { deliveries, invocations, acceptances, refused, oddities } = history;
  const delivered = new Set(acceptances.map(({ id }) => id));
  const isSafe = (id: string): boolean => delivered.has(id) || stored.quarantined.has(id) || stored.toRedrive.has(id);
  const lost = deliveries
    .filter(({ state }) => state !== "on-failure queue")
    .flatMap(({ ids }) => ids.filter((id) => !isSafe(id)));
  const duplicates = duplicatesIn(history);
  const unrefused = [...stored.quarantined].filter((id) => !refused.has(id));
  const { nonsenseMissing } = stored;
  return {
    problems: [
      ...oddities,
      ...lost.map((id) => `event ${id} is lost`),
      ...duplicates.problems,
      ...unrefused.map((id) => `event ${id} is in quarantine, and no intake ever refused it`),
      ...(nonsenseMissing > 0 ? [`${nonsenseMissing} objects that nobody can read are gone`] : []),
      ...leftOver.map((key) => `${key} is in the store, though everything has recovered`),
      ...invocations.flatMap((invocation) => problemsOfEnd(invocation, hasStore)),
      ...invocations.flatMap((invocation) => problemsOfLedgers(invocation, acceptances)),
    ],
    events: sum(deliveries.map(({ ids }) => new Set(ids.map(eventOf)).size)),
    copies: sum(deliveries.map(({ ids }) => ids.length)),
    delivered: delivered.size,
    quarantined: stored.quarantined.size,
    onFailureQueue: sum(deliveries.map(({ ids, state }) => (state === "on-failure queue" ? ids.length : 0))),
    lost: lost.length,
    duplicates: duplicates.byCause,
    possiblyDuplicated: sum(invocations.flatMap(({ ledgers }) => ledgers.map(possiblyDuplicatedIn))),
  };
}

function problemsOfEnd(invocation: Invocation, hasStore: boolean): string[] {
  const { number, end, faults, callsLeftOpen, delivery, isStarved } = invocation;
  const problems: string[] = [];
  const isOver = end?.how === "returned" || end?.how === "threw";
  const mayThrow = faults.s3 > 0 || isStarved || (delivery && !hasStore);
  if (end?.how === "threw" && !mayThrow) problems.push(`threw though the store worked: ${end.message}`);
  if (end?.how === "crashed") problems.push(`the process ended itself: ${end.message}`);
  if (end?.how === "timed out" && !isStarved) problems.push("did not end in its time");
  if (isOver && end.msLeft < 0 && !isStarved) problems.push(`ended ${-end.msLeft} ms after its deadline`);
  if (isOver && callsLeftOpen > 0 && !isStarved) problems.push(`ended with ${callsLeftOpen} calls under way`);
  return problems.map((problem) => `invocation ${number}: ${problem}`);
}

function sum(numbers: number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
