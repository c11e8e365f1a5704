import fc from "fast-check";
import type { FailedBatch } from "../../src/delivery/failure-store.ts";
import { halves } from "../../src/delivery/halves.ts";
import { destinationsFor } from "../../src/destinations/index.ts";
import { storedItemsOf } from "../../src/destinations/stored-items.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { payloadLine } from "../helpers/payload-lines.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

const destinations = destinationsFor(aConfig(), A_FORWARDER);

describe("the halves of a batch", () => {
  it("have all its items, in order, and are bodies of the destination", () => {
    const line = fc.oneof(payloadLine, fc.string({ unit: "binary", maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 7 }), (messages) => {
        for (const { name, kind, encode, ...destination } of destinations) {
          for (const made of bodiesFor({ name, kind, encode, ...destination }, [telemetryOf(messages)])) {
            const batch: FailedBatch = { kind, destination: name, ...made, reason: "", answer: "", storedAtUnixMs: 1 };
            const itemsIn = ({ body }: FailedBatch): string[] =>
              storedItemsOf(name)
                .itemsIn(body)
                .map((item) => Buffer.from(item).toString("base64"));
            const cut = halves(batch);
            if (!cut) {
              expect(batch.items).toBe(1);
              continue;
            }
            expect(cut.flatMap(itemsIn)).toEqual(itemsIn(batch));
            expect(cut.map(itemsIn).map(({ length }) => length)).toEqual(cut.map(({ items }) => items));
            expect(Math.abs(cut[0].items - cut[1].items)).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
