import fc from "fast-check";
import type { Destination, Group } from "../../src/destinations/destination.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

interface Item {
  group: string;
  text: string;
}

/** A destination whose items stand in groups: `[{"a":["x","y"]},{"b":["z"]}]`. */
function aDestination(limits: Destination["limits"], ...slices: Item[][]): [Destination, ResourceTelemetry[]] {
  const groups = new Map<string, Group>();
  const groupOf = (name: string): Group => {
    const known = groups.get(name) ?? {
      open: (to) => to.utf8(`{${JSON.stringify(name)}:[`),
      close: (to, start) => {
        // Whoever fills something in must find the opening where it is told.
        expect(
          to
            .view(start)
            .toString()
            .startsWith(`{${JSON.stringify(name)}:[`),
        ).toBe(true);
        to.utf8("]}");
      },
      closingBytes: 2,
    };
    groups.set(name, known);
    return known;
  };
  const telemetry = slices.map((_, index) => ({ resource: { source: String(index) } }) as ResourceTelemetry);
  const destination: Destination = {
    name: "test",
    backend: "test",
    kind: "logs",
    url: "",
    headers: {},
    limits,
    framing: { opening: Buffer.from("["), separator: Buffer.from(","), closing: Buffer.from("]") },
    encode({ resource }) {
      const items = slices[Number(resource.source)] as Item[];
      return {
        count: items.length,
        groupOf: (index) => groupOf((items[index] as Item).group),
        write: (index, to) => to.utf8(JSON.stringify((items[index] as Item).text)),
      };
    },
    outcome: () => ({ status: "delivered" }),
  };
  return [destination, telemetry];
}

function groupsIn(body: Buffer): Item[][] {
  const groups = JSON.parse(body.toString()) as Record<string, string[]>[];
  return groups.map((group) => {
    const [[name, texts]] = Object.entries(group) as [[string, string[]]];
    return texts.map((text) => ({ group: name, text }));
  });
}

describe("batches of items in groups", () => {
  const item = fc.record({ group: fc.constantFrom("a", "bb", "ccc"), text: fc.string({ maxLength: 12 }) });
  const slices = fc.array(fc.array(item, { maxLength: 8 }), { maxLength: 4 });

  it("lose nothing, repeat nothing, reorder nothing, keep to the limits, and leave each item in its group", () => {
    const limits = [fc.integer({ min: 1, max: 6 }), fc.integer({ min: 20, max: 120 })] as const;
    fc.assert(
      fc.property(slices, ...limits, (given, maxItems, maxBytes) => {
        const made = bodiesFor(...aDestination({ maxItems, maxBytes }, ...given));
        expect(made.flatMap(({ body }) => groupsIn(body).flat())).toEqual(given.flat());
        for (const { body, items } of made) {
          expect(groupsIn(body).flat()).toHaveLength(items);
          expect(items).toBeLessThanOrEqual(maxItems);
          if (items > 1) expect(body.length).toBeLessThanOrEqual(maxBytes);
          const groups = groupsIn(body).map(([first]) => first?.group);
          // Neighbours of one group are in one.
          expect(groups.some((name, index) => index > 0 && name === groups[index - 1])).toBe(false);
        }
      }),
      { numRuns: propertyRuns(400) },
    );
  });
});
