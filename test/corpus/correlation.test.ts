import fc from "fast-check";
import { propertyRuns } from "../helpers/property-runs.ts";
import { type Judged, judge } from "./measure.ts";
import { Random } from "./random.ts";
import { TRACERS } from "./request.ts";
import { aScenario, SCENARIOS, type ScenarioGiven } from "./scenarios.ts";

function wrong(judged: Judged[]): string[] {
  return judged
    .filter(({ verdict }) => verdict === "wrong")
    .map(
      ({ line, method, found }) =>
        `${method}: ${line.message.slice(0, 200)} → ${found}, not ${JSON.stringify(line.truth)}`,
    );
}

describe("the corpus", () => {
  it.each(Object.entries(SCENARIOS))("has no wrong link in %s", async (name, given) => {
    for (let seed = 0; seed < 12; seed++) {
      for (const hasTable of [false, true])
        expect(wrong(await judge(aScenario(new Random(seed), name, given), hasTable))).toEqual([]);
    }
  });

  it("has every log of a whole delivery linked that says its request or stands in it, where its trace is there", async () => {
    for (let seed = 100; seed < 110; seed++) {
      const given: ScenarioGiven = { tracers: ["dd-trace-js", "dd-trace-py", "X-Ray"], requests: 5 };
      const judged = await judge(aScenario(new Random(seed), "whole", given), false);
      expect(judged.filter(({ verdict }) => verdict === "unlinked").map(({ line }) => line.message)).toEqual([]);
    }
  });
});

describe("any log stream", () => {
  const percent = fc.constantFrom(0, 0, 30, 100);
  // A subscription's filter leaves out all lines of a kind, or none.
  const allOrNone = fc.constantFrom(0, 0, 100);
  const given = fc.record({
    tracers: fc.subarray([...TRACERS], { minLength: 1 }),
    requests: fc.integer({ min: 1, max: 6 }),
    isFlushedInParts: fc.boolean(),
    isConcurrent: fc.boolean(),
    atOnce: fc.constantFrom(1, 1, 2, 3, 8),
    pieces: fc.integer({ min: 1, max: 8 }),
    processes: fc.integer({ min: 1, max: 3 }),
    isOutOfOrder: fc.boolean(),
    lost: fc.record({ start: allOrNone, end: allOrNone, report: allOrNone, spans: percent, log: percent }),
    isTriedAgain: fc.boolean(),
    hasStrangers: fc.boolean(),
    isLate: fc.boolean(),
  });

  it("has no wrong link, however it is written, cut and delivered", async () => {
    await fc.assert(
      fc.asyncProperty(given, fc.integer(), fc.boolean(), async (shape, seed, hasTable) => {
        expect(wrong(await judge(aScenario(new Random(seed), "random", shape), hasTable))).toEqual([]);
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
