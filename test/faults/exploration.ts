/** Tries sequences at random, several side by side, until there were enough or one is wrong; then finds the shortest. */
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { runSequence } from "./sequence.ts";
import { aSequence, type Sequence, told } from "./steps.ts";
import type { Totals } from "./totals.ts";
import { verdictOf } from "./verdict.ts";

/** Whoever looks at a failure waits no longer for shorter steps. */
const MAX_SHRINKING_MS = 180_000;
const RUNS_AT_ONCE = 10;
const MAX_PROBLEMS = 10;

export interface Exploration {
  /** Sequences side by side: they wait more than they compute. */
  lanes: number;
  /** Asked before each sequence. */
  isEnough(): boolean;
  totals: Totals;
  /** Of an earlier failure. */
  reproduced?: { seed: number; path?: string };
}

/** @throws {Error} at a sequence with a problem: the shortest steps, what happened, and how to run it again */
export async function explore({ lanes, isEnough, totals, reproduced }: Exploration): Promise<void> {
  let failure: { lane: number; sinceMs: number } | undefined;
  const isNeeded = (lane: number): boolean => {
    if (!failure) return reproduced !== undefined || !isEnough();
    // The others stop, so that the one that failed has the machine to itself.
    return failure.lane === lane && performance.now() - failure.sinceMs < MAX_SHRINKING_MS;
  };
  const ends = await Promise.allSettled(
    Array.from({ length: reproduced ? 1 : lanes }, async (_, lane) => {
      const property = fc.asyncProperty(aSequence, async (sequence) => {
        if (!isNeeded(lane)) return;
        const problem = await problemOf(sequence, totals);
        if (!problem || (failure && failure.lane !== lane)) return;
        failure ??= { lane, sinceMs: performance.now() };
        throw new Error(problem);
      });
      // Otherwise each lane would try the same sequences over and over.
      do await fc.assert(property, { seed: nextSeed(), numRuns: RUNS_AT_ONCE, reporter: report, ...reproduced });
      while (!reproduced && isNeeded(lane));
    }),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

let lastSeed = Number(process.env.PROPERTY_SEED ?? 1);

/** The next of a row that is the same each time, or any at all where PROPERTY_SEED is "random". */
function nextSeed(): number {
  return Number.isNaN(lastSeed) ? randomInt(2 ** 31) : lastSeed++;
}

/** What is wrong with a sequence, and all that happened in it; undefined: nothing is. */
export async function problemOf(sequence: Sequence, totals: Totals): Promise<string | undefined> {
  const outcome = await runSequence(sequence);
  const verdict = verdictOf(outcome);
  totals.add(outcome, verdict);
  const { problems } = verdict;
  if (problems.length === 0) return undefined;
  const more = problems.length > MAX_PROBLEMS ? [`… and ${problems.length - MAX_PROBLEMS} more`] : [];
  return [...problems.slice(0, MAX_PROBLEMS), ...more, "", ...outcome.history.trace].join("\n");
}

function report({ failed, seed, counterexamplePath, counterexample, errorInstance }: fc.RunDetails<[Sequence]>): void {
  if (!failed || !counterexample) return;
  const [sequence] = counterexample;
  throw new Error(
    [
      `The shortest steps found, ${sequence.hasStore ? "with" : "without"} a failure store${sequence.hasOtlp ? ", to two backends" : ""}:`,
      ...sequence.steps.map((step) => `  ${told(step)}`),
      "",
      (errorInstance as Error | null)?.message,
      "",
      `Again from the seed: FAULT_SEED=${seed} FAULT_PATH=${counterexamplePath} npx jest test/faults/model`,
      "Again these steps: FAULT_SEQUENCE=sequence.json npx jest test/faults/model, with sequence.json:",
      JSON.stringify(sequence),
    ].join("\n"),
  );
}
