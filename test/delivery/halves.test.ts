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

  it("are found by the form of the body, where the destination has another name", () => {
    const items = Buffer.from('[{"a":1},{"a":2}]');
    const stored = { items: 2, body: items, reason: "", answer: "", storedAtUnixMs: 1 } as const;
    const cut = halves({ kind: "logs", destination: "audit-logs", form: "datadog-logs", ...stored });
    expect(cut?.map(({ body }) => Buffer.from(body).toString())).toEqual(['[{"a":1}]', '[{"a":2}]']);
    expect(cut?.map(({ destination, form }) => [destination, form])).toEqual(
      Array(2).fill(["audit-logs", "datadog-logs"]),
    );
    const lines = Buffer.from('{"event_time":"a"}\n {"event_time":"b"}\n{"event_time":"c"}\n');
    const archived = halves({
      kind: "traces",
      destination: "old-traces",
      form: "archive-traces",
      ...stored,
      body: lines,
    });
    expect(archived?.map(({ body }) => Buffer.from(body).toString())).toEqual([
      '{"event_time":"a"}\n {"event_time":"b"}\n',
      '{"event_time":"c"}\n',
    ]);
  });
});
