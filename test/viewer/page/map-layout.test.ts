import fc from "fast-check";
import type { ApiMapEdge, ApiMapNode } from "../../../src/viewer/api-types.ts";
import { BOX, layoutOf } from "../../../src/viewer/page/map-layout.ts";

function aMap(names: string[], calls: [string, string][]) {
  return {
    nodes: names.map((name) => ({ name, kind: "service", figures: null }) as ApiMapNode),
    edges: calls.map(([from, to]) => ({ from, to }) as ApiMapEdge),
  };
}

describe("the service map", () => {
  it("has whoever is called to the right of who calls, also over several ways", () => {
    const { nodes } = layoutOf(
      aMap(
        ["api", "cart", "db", "web"],
        [
          ["web", "api"],
          ["web", "db"],
          ["api", "cart"],
          ["cart", "db"],
        ],
      ),
    );
    const x = Object.fromEntries(nodes.map((placed) => [placed.node.name, placed.x]));
    expect(Object.keys(x).sort((a, b) => (x[a] as number) - (x[b] as number))).toEqual(["web", "api", "cart", "db"]);
  });

  it("places everything once, within the picture, no two upon each other, whoever calls whom", () => {
    const name = fc.integer({ min: 0, max: 8 }).map((number) => `n${number}`);
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(names, fc.array(fc.tuple(name, name), { maxLength: 20 }), (known, calls) => {
        const { nodes, edges, width, height } = layoutOf(aMap(known, calls));
        expect(nodes.map(({ node }) => node.name).sort()).toEqual([...known].sort());
        expect(new Set(nodes.map(({ x, y }) => `${x},${y}`)).size).toBe(known.length);
        for (const { x, y } of nodes) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(x + BOX.width).toBeLessThanOrEqual(width);
          expect(y + BOX.height).toBeLessThanOrEqual(height);
        }
        for (const { path } of edges) expect(path).not.toMatch(/NaN|undefined|Infinity/);
        expect(edges).toHaveLength(calls.filter(([from, to]) => known.includes(from) && known.includes(to)).length);
      }),
    );
  });
});
