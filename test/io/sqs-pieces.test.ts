import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import type { FailedBatch } from "../../src/delivery/failure-store.ts";
import { messageBodies } from "../../src/io/sqs-pieces.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { aTextBatch, split, textsIn } from "../helpers/text-batches.ts";

const itemsOfMessage = (body: string): unknown[] => {
  const stored = gunzipSync(Buffer.from(body, "base64"));
  return textsIn(stored.subarray(stored.indexOf("\n") + 1));
};
const longest = (batches: FailedBatch[]): number =>
  Math.max(...batches.map((batch) => ([...messageBodies(batch, Infinity, split)][0] as string).length));

describe("a batch that is too long for a message", () => {
  it("is cut into messages within the limit, every item once and in order", () => {
    const item = fc.string({ unit: "binary", maxLength: 400 });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 60 }), fc.nat({ max: 4_000 }), (items, more) => {
        const maxBytes = longest(items.map((only) => aTextBatch([only]))) + more;
        const bodies = [...messageBodies(aTextBatch(items), maxBytes, split)];
        expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(maxBytes);
        expect(bodies.flatMap(itemsOfMessage)).toEqual(items);
      }),
      { numRuns: propertyRuns(150) },
    );
  });

  it("is not cut when it just fits", () => {
    const batch = aTextBatch(["a", "b"]);
    const length = longest([batch]);
    expect([...messageBodies(batch, length, split)]).toHaveLength(1);
    expect([...messageBodies(batch, length - 1, split)]).toHaveLength(2);
  });

  it("is refused when one item alone is too long, and the text shows nothing of it", () => {
    const secret = randomBytes(150).toString("hex");
    const cut = (): unknown => [...messageBodies(aTextBatch(["short", secret]), 300, split)];
    expect(cut).toThrow(/^an item of 304 bytes is \d+ bytes as a message, which may have 300: raise the queue's/);
    expect(cut).not.toThrow(secret.slice(0, 8));
  });
});
