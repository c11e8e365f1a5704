/** Sequences that chance rarely makes, and that a plausible forwarder gets wrong. */
import { runSequence } from "./sequence.ts";
import type { Step } from "./steps.ts";
import { verdictOf } from "./verdict.ts";

jest.setTimeout(30_000);

const load = { logs: 3, traceLines: 1, malformed: 0, padding: 0 };
const deliver = { do: "deliver", load, faults: [], kill: null, again: "at once" } as const;
const redrive = { do: "redrive", faults: [], kill: null } as const;

/** Bodies of logs in a row that nothing was heard of: an intake that is down. */
const anOutage: Step[] = [
  { ...deliver, faults: [{ at: "logs", fault: "HTTP 503", after: 0, calls: 0 }] },
  deliver,
  deliver,
  { do: "switch all faults off" },
  { do: "wait", minutes: 10 },
];

async function problemsOf(...steps: Step[]): Promise<string[]> {
  return verdictOf(await runSequence({ hasStore: true, steps })).problems;
}

describe("the function", () => {
  it("counts as possibly duplicated what S3 took without saying so, and Lambda hands in again", async () => {
    const lost = { at: "s3", fault: "reset, done", of: "PUT", after: 0, calls: 3 } as const;
    expect(
      await problemsOf({ ...deliver, faults: [{ at: "logs", fault: "HTTP 403", after: 0, calls: 0 }, lost] }),
    ).toEqual([]);
  });

  it("tries an intake that was down again, though the first connection it tries is broken", async () => {
    const broken = { at: "logs", fault: "reset, not taken", after: 0, calls: 1 } as const;
    expect(await problemsOf(...anOutage, { ...deliver, faults: [broken] })).toEqual([]);
  });

  it.each(["COPY", "DELETE"] as const)(
    "ends a redrive with nothing under way, though S3 does not %s what nobody can read",
    async (of) => {
      const denied = { at: "s3", fault: "denied", of, after: 0, calls: 1 } as const;
      const slow = { at: "logs", fault: "slow answer", after: 0, calls: 0 } as const;
      const stored: Step = { ...deliver, faults: [{ at: "logs", fault: "HTTP 403", after: 0, calls: 0 }] };
      const nonsense: Step = { do: "leave in the store", what: "nonsense" };
      const recovered: Step = { do: "switch all faults off" };
      expect(await problemsOf(stored, stored, recovered, nonsense, { ...redrive, faults: [denied, slow] })).toEqual([]);
    },
  );

  it("delivers what a redrive was sending when it was killed, and the redrive after it too", async () => {
    const stored: Step = { ...deliver, faults: [{ at: "logs", fault: "HTTP 403", after: 0, calls: 0 }] };
    const killed: Step = { ...redrive, kill: { call: 7, when: "processed" } };
    const wait: Step = { do: "wait", minutes: 10 };
    expect(await problemsOf(stored, { do: "switch all faults off" }, killed, wait, killed, wait, redrive)).toEqual([]);
  });
});
