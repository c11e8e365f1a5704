/** Deliveries, faults, kills and redrives at random. README.md says what is checked and how to run a failure again. */
import { readFileSync } from "node:fs";
import { explore, problemOf } from "./exploration.ts";
import type { Sequence } from "./steps.ts";
import { Totals } from "./totals.ts";

const { FAULTS, FAULT_SEED, FAULT_PATH, FAULT_SEQUENCE } = process.env;
/** In the long form, so many calls must meet a fault, and a tenth as many processes be killed. */
const WANTED_FAULTS = Number(FAULTS ?? 0);
/** In the short form, no sequence begins later. */
const SHORT_MS = 6_000;
const LANES = 8;
const PROGRESS_MS = 20_000;

describe("whatever fails, the function", () => {
  it("loses no event, delivers none twice without need, and keeps its books", async () => {
    const totals = new Totals();
    const startedMs = performance.now();
    const isEnough = FAULTS
      ? () => totals.faults >= WANTED_FAULTS && totals.kills >= WANTED_FAULTS / 10
      : () => performance.now() - startedMs > SHORT_MS;
    const timer = setInterval(() => print(totals.progress()), PROGRESS_MS);
    try {
      if (FAULT_SEQUENCE) {
        const problem = await problemOf(JSON.parse(readFileSync(FAULT_SEQUENCE, "utf8")) as Sequence, totals);
        if (problem) throw new Error(problem);
      } else {
        const path = FAULT_PATH ? { path: FAULT_PATH } : {};
        const reproduced = FAULT_SEED ? { reproduced: { seed: Number(FAULT_SEED), ...path } } : {};
        await explore({ lanes: LANES, isEnough, totals, ...reproduced });
      }
    } finally {
      clearInterval(timer);
      print(`${totals}\nin ${Math.round((performance.now() - startedMs) / 1_000)} s`);
    }
    expect(totals.faults).toBeGreaterThanOrEqual(FAULT_SEED || FAULT_SEQUENCE ? 0 : Math.max(1, WANTED_FAULTS));
  }, 3_600_000);
});

/** At once, which the console under jest is not. */
function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
