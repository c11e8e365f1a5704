import fc from "fast-check";
import { Batcher, type FreeMemory } from "../../src/delivery/batch.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";

/** A destination whose items are the given texts, in JSON's framing. */
function aDestination(limits: Destination["limits"], ...resources: string[][]): [Destination, ResourceTelemetry[]] {
  const telemetry = resources.map(
    (_, index) => ({ resource: { attributes: {}, source: String(index) } }) as ResourceTelemetry,
  );
  const destination: Destination = {
    name: "test",
    backend: "test",
    kind: "logs",
    url: "",
    headers: {},
    limits,
    framing: { opening: Buffer.from("["), separator: Buffer.from(","), closing: Buffer.from("]") },
    encode({ resource }) {
      const items = resources[Number(resource.source)] as string[];
      return { count: items.length, write: (index, to) => to.utf8(JSON.stringify(items[index])) };
    },
    outcome: () => ({ status: "delivered" }),
  };
  return [destination, telemetry];
}

const textOf = (body: Uint8Array): string => Buffer.from(body).toString();

describe("batches", () => {
  it("lose nothing, repeat nothing, reorder nothing, and keep to the limits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ maxLength: 20 }), { maxLength: 10 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 3, max: 120 }),
        (resources, maxItems, maxBytes) => {
          const made = bodiesFor(...aDestination({ maxItems, maxBytes }, ...resources));
          const parsed = made.map(({ body }) => JSON.parse(textOf(body)) as string[]);
          expect(parsed.flat()).toEqual(resources.flat());
          expect(parsed.map((items) => items.length)).toEqual(made.map(({ items }) => items));
          for (const { body, items } of made) {
            expect(items).toBeGreaterThan(0);
            expect(items).toBeLessThanOrEqual(maxItems);
            // One item that is larger than a body travels alone.
            if (items > 1) expect(body.length).toBeLessThanOrEqual(maxBytes);
          }
        },
      ),
    );
  });

  it("are as few as the limits allow", () => {
    const bodies = bodiesFor(...aDestination({ maxItems: 3, maxBytes: 1_000 }, ["a", "b"], ["c", "d"])).map(
      ({ body }) => textOf(body),
    );
    expect(bodies).toEqual(['["a","b","c"]', '["d"]']);
  });

  it("fill a body to its last byte", () => {
    const exact = bodiesFor(...aDestination({ maxItems: 9, maxBytes: 9 }, ["a", "b", "c"])).map(({ body }) =>
      textOf(body),
    );
    expect(exact).toEqual(['["a","b"]', '["c"]']);
  });

  it("are written in the memory that served their destination before", () => {
    const free: FreeMemory = new Map();
    const [destination, [telemetry]] = aDestination({ maxItems: 3, maxBytes: 100 }, ["a"]);
    const other = { ...destination, name: "other" };
    const bodyOf = (to: Destination): Uint8Array => {
      const batcher = new Batcher(to, free);
      expect([...batcher.add(to.encode(telemetry as ResourceTelemetry))]).toEqual([]);
      const [batch] = [...batcher.rest()];
      return (batch as { body: Uint8Array }).body;
    };
    const [first, ofOther] = [bodyOf(destination), bodyOf(other)];
    expect(bodyOf(other).buffer).toBe(ofOther.buffer);
    expect(bodyOf(destination).buffer).toBe(first.buffer);
    expect(first.buffer).not.toBe(ofOther.buffer);
  });

  it("are none where there are no items", () => {
    expect(bodiesFor(...aDestination({ maxItems: 3, maxBytes: 10 }, [], []))).toEqual([]);
  });
});
