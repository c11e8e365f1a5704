import { MetricList } from "../../src/viewer/metric-list.ts";

function aList(...given: [value: number, ...tags: string[]][]): MetricList {
  const list = new MetricList();
  for (const [value, ...tags] of given) add(list, "a", value, ...tags);
  return list;
}

function add(list: MetricList, name: string, value: number, ...tags: string[]): void {
  list.add({ name, unit: "", type: "distribution", points: [{ value, tags }] }, 1_000);
}

describe("the metrics that came", () => {
  it("are added up by name, and by tags in any order", () => {
    const list = aList(
      [1, "env:dev", "service:cart"],
      [5, "service:cart", "env:dev", "env:dev"],
      [-2, "service:pay"],
      [9],
    );
    expect(list.list()).toEqual([
      {
        ...{ name: "a", unit: "", type: "distribution", points: 4, sum: 13, min: -2, max: 9, last: 9 },
        ...{ lastReceivedAtMs: 1_000, series: 3, tagNames: ["env", "service"] },
      },
    ]);
    expect(list.named("a")).toMatchObject({
      series: [
        { tags: ["env:dev", "service:cart"], points: 2, sum: 6, min: 1, max: 5, last: 5 },
        { tags: ["service:pay"], points: 1, sum: -2 },
        { tags: [], points: 1, sum: 9 },
      ],
      pointsLeftOut: 0,
    });
    expect([list.named("b"), list.named("__proto__")]).toEqual([undefined, undefined]);
  });

  it("take no more memory than there is for them, and lose no point of a sum", () => {
    const list = new MetricList();
    for (let at = 0; at < 600; at++) add(list, "many", 1, `id:${at}`);
    expect(list.list()).toMatchObject([{ points: 600, sum: 600, series: 500 }]);
    expect(list.named("many")?.pointsLeftOut).toBe(100);
    for (let at = 0; at < 6_000; at++) add(list, `m${at % 20}`, 1, `id:${at}`);
    const all = list.list();
    expect(all.reduce((sum, { series }) => sum + series, 0)).toBe(5_000);
    expect(all.reduce((sum, { points }) => sum + points, 0)).toBe(6_600);
    for (let at = 0; at < 2_000; at++) add(list, `n${at}`, 1);
    expect(list.list()).toHaveLength(1_000);
    expect(list.points).toBe(8_600);
    const [series] = aList([1, "a".repeat(1_500), "b".repeat(1_500), "c"]).named("a")?.series ?? [];
    expect(series?.tags.join("").length).toBeLessThanOrEqual(2_000);
  });
});
