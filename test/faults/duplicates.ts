/** Copies that a backend took more than once: what made it so, and whether the ledgers say that it may be. */
import type { Acceptance, History, Invocation } from "./history.ts";
import { hasSettled, possiblyDuplicatedIn } from "./ledgers.ts";

export interface Duplicates {
  /** Acceptances of a copy after its first, by what made them so. */
  byCause: Record<string, number>;
  /** What must not be, a sentence each. */
  problems: string[];
}

/**
 * Whose ledger must count a duplicate. `nobody`: the ledger of an invocation that is killed is never printed. `a redrive`:
 * what one redrive leaves in doubt, it counts itself or the next one does.
 */
type CountedBy = Invocation | "a redrive" | "nobody";

/** A reason for which a copy may be delivered once more. */
interface Reason {
  cause: string;
  countedBy: CountedBy;
}

export function duplicatesIn({ deliveries, invocations, acceptances }: History): Duplicates {
  const acceptancesOf = groupBy(acceptances, ({ id }) => id);
  const attemptsAt = groupBy(invocations, ({ delivery }) => delivery);
  const byCause: Record<string, number> = {};
  const problems: string[] = [];
  /** What ledgers must have at least, together and each. */
  let all = 0;
  const certain = new Map<CountedBy, number>();

  for (const delivery of deliveries) {
    const attempts = attemptsAt.get(delivery) ?? [];
    for (const id of delivery.ids) {
      const taken = acceptancesOf.get(id) ?? [];
      const reasons = reasonsFor(taken, attempts);
      const used = reasons.slice(0, Math.max(0, taken.length - 1));
      for (const { cause } of used) byCause[cause] = (byCause[cause] ?? 0) + 1;
      all += used.filter(({ countedBy }) => countedBy !== "nobody").length;
      const needless = taken.length - 1 - reasons.length;
      if (needless > 0) {
        byCause.nothing = (byCause.nothing ?? 0) + needless;
        problems.push(`event ${id} was delivered ${taken.length} times, and nothing made that necessary`);
      }
      // With fewer duplicates than reasons, nobody can tell which reasons they are for.
      if (used.length < reasons.length) continue;
      for (const { countedBy } of reasons) certain.set(countedBy, (certain.get(countedBy) ?? 0) + 1);
    }
  }

  const total = countedIn(invocations);
  if (total < all) problems.push(`${all} duplicates, and the ledgers have ${total} possiblyDuplicated`);
  for (const [countedBy, duplicates] of certain) {
    if (countedBy === "nobody") continue;
    const isRedrive = countedBy === "a redrive";
    const counted = countedIn(isRedrive ? invocations.filter(({ delivery }) => !delivery) : [countedBy]);
    const who = isRedrive ? "the redrives" : `invocation ${countedBy.number}`;
    if (counted < duplicates) problems.push(`${duplicates} duplicates by ${who}, whose ledgers have ${counted}`);
  }
  return { byCause, problems };
}

/**
 * Each is good for one more delivery of a copy: an answer that the function did not get; an invocation that failed, of
 * which a part is delivered or stored and which Lambda repeats as a whole, unless the process that repeats it knows that
 * this destination has settled all; a redrive that could not take out of the store what it had delivered. Those that no
 * ledger can tell of come first.
 *
 * @param attempts at the delivery, in order
 */
function reasonsFor(taken: Acceptance[], attempts: Invocation[]): Reason[] {
  const destination = taken[0]?.destination ?? "";
  const isRemembered = (attempt: Invocation, next: Invocation): boolean =>
    attempt.process === next.process && hasSettled(attempt, destination);
  const reasons: Reason[] = [];
  /** Who had it delivered, and counted that it may come again; those after it knew. */
  let first = attempts[0];
  for (const [index, next] of attempts.slice(1).entries()) {
    const attempt = attempts[index] as Invocation;
    if (!hasFailed(attempt) || isRemembered(attempt, next)) continue;
    if (attempt.end?.how !== "threw") reasons.push({ cause: "a delivery was killed", countedBy: "nobody" });
    else reasons.push({ cause: "a throw", countedBy: first as Invocation });
    first = next;
  }
  if (taken.some(({ invocation, answer }) => invocation.isStarved && answer === "whole")) {
    reasons.push({ cause: "a busy machine", countedBy: "nobody" });
  }
  const redrives = new Set<Invocation>();
  for (const { answer, invocation } of taken) {
    const { delivery, end, faults } = invocation;
    const wasKilled = end?.how === "killed" || end?.how === "timed out";
    if (answer !== "whole" && answer !== "killed") {
      reasons.push({ cause: answer, countedBy: delivery ? (wasKilled ? "nobody" : invocation) : "a redrive" });
    } else if (!delivery && !redrives.has(invocation) && (wasKilled || faults.s3 > 0)) {
      redrives.add(invocation);
      reasons.push({ cause: wasKilled ? "a redrive was killed" : "S3 failed a redrive", countedBy: "a redrive" });
    }
  }
  return reasons.toSorted((a, b) => Number(a.countedBy !== "nobody") - Number(b.countedBy !== "nobody"));
}

function countedIn(invocations: Invocation[]): number {
  return invocations.flatMap(({ ledgers }) => ledgers).reduce((sum, ledger) => sum + possiblyDuplicatedIn(ledger), 0);
}

function hasFailed({ delivery, end }: Invocation): boolean {
  return delivery !== undefined && end?.how !== "returned";
}

function groupBy<Value, Key>(values: Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}
