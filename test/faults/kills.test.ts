/** A process killed at each step of a delivery and of a redrive, in turn. */
import type { Moment } from "./faulty-server.ts";
import type { Kill } from "./function-process.ts";
import { type Outcome, runSequence } from "./sequence.ts";
import type { Step } from "./steps.ts";
import { verdictOf } from "./verdict.ts";

const isLong = process.env.FAULTS !== undefined;
/** In the short form, only when a call is done and the function does not know it: where most can go wrong. */
const MOMENTS: Moment[] = isLong ? ["arrived", "processed", "answered"] : ["processed"];
const LANES = 6;
const MAX_TRIES = 5;

const load = { logs: 6, traceLines: 3, malformed: 2, padding: 0 };
const notTaken = { fault: "HTTP 403", after: 0, calls: 0 } as const;

/** Nothing is taken, so that everything is stored. */
function deliverKilled(kill: Kill | null): Step[] {
  const faults = [
    { at: "logs", ...notTaken },
    { at: "traces", ...notTaken },
  ] as const;
  return [{ do: "deliver", load, faults, kill, again: "at once" }];
}

/** Two batches are in the store, with an item in each that no intake takes. */
function redriveKilled(kill: Kill): Step[] {
  return [...deliverKilled(null), { do: "switch all faults off" }, { do: "redrive", faults: [], kill }];
}

/** The same, and the intake takes a part of the logs before it takes no more. */
function redriveInPartKilled(kill: Kill): Step[] {
  const faults = [{ at: "logs", ...notTaken, after: 3 }] as const;
  return [...deliverKilled(null), { do: "switch all faults off" }, { do: "redrive", faults, kill }];
}

interface Killed {
  kill: Kill;
  outcome: Outcome;
}

/** Runs the steps with a kill at each moment of each call, until there is no such call. */
async function killedEverywhere(stepsFor: (kill: Kill) => Step[], hasOtlp: boolean): Promise<Killed[]> {
  const killed: Killed[] = [];
  let next = 0;
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const number = next++;
      const kill: Kill = {
        call: 1 + Math.floor(number / MOMENTS.length),
        when: MOMENTS[number % MOMENTS.length] as Moment,
      };
      const outcome = await killedAt(kill, stepsFor, hasOtlp);
      if (wasKilled(outcome)) killed.push({ kill, outcome });
      else isOver = true;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const kill = "at the end";
  return [...killed, { kill, outcome: await runSequence({ hasStore: true, hasOtlp, steps: stepsFor(kill) }) }];
}

/** Tried again where the machine was too busy for the process to come to the call. */
async function killedAt(kill: Kill, stepsFor: (kill: Kill) => Step[], hasOtlp: boolean): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await runSequence({ hasStore: true, hasOtlp, steps: stepsFor(kill) });
    const isBusy = outcome.history.invocations.some(({ isStarved }) => isStarved);
    if (wasKilled(outcome) || !isBusy || tries === MAX_TRIES) return outcome;
  }
}

function wasKilled({ history }: Outcome): boolean {
  return history.invocations.some(({ end }) => end?.how === "killed");
}

describe("the function", () => {
  it.each([
    { what: "delivery", stepsFor: deliverKilled, hasOtlp: false, leastSteps: 4 * MOMENTS.length },
    {
      what: "redrive that delivers a part",
      stepsFor: redriveInPartKilled,
      hasOtlp: false,
      leastSteps: 8 * MOMENTS.length,
    },
    ...(isLong
      ? [
          { what: "delivery to two backends", stepsFor: deliverKilled, hasOtlp: true, leastSteps: 7 * MOMENTS.length },
          { what: "redrive", stepsFor: redriveKilled, hasOtlp: false, leastSteps: 8 * MOMENTS.length },
          { what: "redrive for two backends", stepsFor: redriveKilled, hasOtlp: true, leastSteps: 12 * MOMENTS.length },
        ]
      : []),
  ])(
    "loses nothing and delivers nothing twice without need, whichever step of a $what it is killed at",
    async ({ stepsFor, hasOtlp, leastSteps }) => {
      const killed = await killedEverywhere(stepsFor, hasOtlp);
      expect(killed.length).toBeGreaterThan(leastSteps);
      expect(killed.filter(({ outcome }) => !wasKilled(outcome))).toEqual([]);
      const wrong = killed.flatMap(({ kill, outcome }) => {
        const { problems } = verdictOf(outcome);
        return problems.length > 0 ? [{ kill, problems, trace: outcome.history.trace }] : [];
      });
      expect(wrong).toEqual([]);
    },
    isLong ? 600_000 : 60_000,
  );
});
