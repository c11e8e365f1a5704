/** Datadog and an OTLP backend at once: what one of them does to the other, which is nothing. */

import type { SwitchedOn } from "./faults.ts";
import { type Outcome, runSequence } from "./sequence.ts";
import type { Step } from "./steps.ts";
import { verdictOf } from "./verdict.ts";

jest.setTimeout(30_000);

const load = { logs: 5, traceLines: 2, malformed: 0, padding: 0 };
const deliver = { do: "deliver", load, faults: [], kill: null, again: "at once" } as const satisfies Step;

const DATADOG = ["logs", "traces"] as const;
const OTLP = ["otlp-logs", "otlp-traces"] as const;
const isDown = (places: readonly ("logs" | "traces" | "otlp-logs" | "otlp-traces")[]): SwitchedOn[] =>
  places.map((at) => ({ at, fault: "HTTP 403", after: 0, calls: 0 }));

const run = (hasStore: boolean, ...steps: Step[]): Promise<Outcome> => runSequence({ hasStore, hasOtlp: true, steps });

/** How many items each destination took. */
function taken({ history }: Outcome): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { destination } of history.acceptances) counts[destination] = (counts[destination] ?? 0) + 1;
  return counts;
}

const each = [
  { down: "Datadog", places: DATADOG, up: { "otlp-logs": 5, "otlp-traces": 2 } },
  { down: "the OTLP backend", places: OTLP, up: { "datadog-logs": 5, "datadog-traces": 2 } },
];

describe("of two backends", () => {
  it.each(each)("one gets everything once while $down is down, which gets its own by a redrive", async ({ places }) => {
    const outcome = await run(true, { ...deliver, faults: isDown(places) });
    expect(verdictOf(outcome)).toMatchObject({ problems: [], copies: 14, delivered: 14, duplicates: {} });
    const [delivery, redrive] = outcome.history.invocations;
    expect(delivery?.itemsStored).toEqual(Object.fromEntries(places.map(destinationAt)));
    expect(redrive?.ledgers[0]?.redrive).toMatchObject({ offered: 7, delivered: 7, possiblyDuplicated: 0 });
    expect(taken(outcome)).toEqual({ "datadog-logs": 5, "datadog-traces": 2, "otlp-logs": 5, "otlp-traces": 2 });
  });

  it.each(each)("one gets nothing twice where $down makes Lambda hand in the event three times", async (given) => {
    const outcome = await run(false, { ...deliver, faults: isDown(given.places) });
    expect(verdictOf(outcome)).toMatchObject({ problems: [], duplicates: {}, onFailureQueue: 14 });
    expect(outcome.history.invocations.length).toBe(3);
    expect(taken(outcome)).toEqual(given.up);
    const [, second] = outcome.history.invocations;
    for (const [name, items] of Object.entries(given.up)) {
      expect(second?.ledgers[0]?.destinations?.[name]).toMatchObject({
        offered: 0,
        skipped: { "settled before": items },
      });
    }
  });

  it("each refuses items of its own, which alone are put aside for it", async () => {
    const malformed = { ...load, logs: 20, malformed: 3 };
    const outcome = await run(true, { ...deliver, load: malformed });
    expect(verdictOf(outcome)).toMatchObject({ problems: [], delivered: 38, quarantined: 6, duplicates: {} });
    const quarantined = [...outcome.stored.quarantined];
    expect(quarantined.filter((id) => id.startsWith("otlp:")).length).toBe(3);
  });
});

function destinationAt(place: string): [string, number] {
  return [place.startsWith("otlp-") ? place : `datadog-${place}`, place.endsWith("logs") ? 5 : 2];
}
