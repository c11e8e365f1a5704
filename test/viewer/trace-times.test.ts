import fc from "fast-check";
import type { ReceivedSpan } from "../../src/viewer/received.ts";
import { traceTimes } from "../../src/viewer/trace-times.ts";
import { aReceivedSpan } from "../helpers/received.ts";

const ms = 1_000_000n;

function aSpan(
  spanId: string,
  parentId: string | null,
  start: number,
  end: number,
  service = "a-service",
): ReceivedSpan {
  return aReceivedSpan({
    spanId,
    parentId,
    service,
    startTimeUnixNano: BigInt(start) * ms,
    durationNano: BigInt(end - start) * ms,
  });
}

describe("the times of a trace", () => {
  it("give each service what its spans took less what their children took", () => {
    const spans = [
      aSpan("1", null, 0, 100, "a"),
      aSpan("2", "1", 10, 60, "b"),
      aSpan("3", "1", 40, 80, "b"),
      aSpan("4", "3", 50, 70, "c"),
    ];
    expect(traceTimes(spans).services).toEqual([
      { service: "b", selfTimeMs: 70 },
      { service: "a", selfTimeMs: 30 },
      { service: "c", selfTimeMs: 20 },
    ]);
  });

  it.each([
    [
      "one after the other",
      [aSpan("1", null, 0, 100), aSpan("2", "1", 10, 40), aSpan("3", "1", 50, 90)],
      ["1", "2", "3"],
    ],
    ["beside each other", [aSpan("1", null, 0, 100), aSpan("2", "1", 10, 40), aSpan("3", "1", 10, 90)], ["1", "3"]],
    [
      "what the longest waited for",
      [aSpan("1", null, 0, 100), aSpan("2", "1", 5, 95), aSpan("3", "2", 20, 30)],
      ["1", "2", "3"],
    ],
    [
      "one that outlives its parent",
      [aSpan("1", null, 0, 100), aSpan("2", "1", 50, 200), aSpan("3", "1", 10, 40)],
      ["1", "3", "2"],
    ],
    ["one that begins after its parent's end", [aSpan("1", null, 0, 100), aSpan("2", "1", 150, 200)], ["1"]],
    ["nothing", [], []],
  ])("know the critical path of %s", (_, spans, path) => {
    expect(
      traceTimes([...spans].sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))).criticalPath,
    ).toEqual(path);
  });

  it("go deeper than any stack", () => {
    const spans = Array.from({ length: 20_000 }, (_, at) => aSpan(String(at), at === 0 ? null : String(at - 1), 0, 1));
    expect(traceTimes(spans).criticalPath).toHaveLength(20_000);
  });

  it("are those of each span once, and never negative, whoever is whose parent", () => {
    const small = fc.nat(8);
    const spans = fc.array(fc.tuple(small, fc.option(small), fc.nat(50), fc.nat(50)), { maxLength: 20 });
    fc.assert(
      fc.property(spans, (given) => {
        const sorted = given
          .map(([id, parent, start, length]) =>
            aSpan(String(id), parent === null ? null : String(parent), start, start + length, `s${id}`),
          )
          .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
        const { services, criticalPath } = traceTimes(sorted);
        expect(services.every(({ selfTimeMs }) => selfTimeMs >= 0)).toBe(true);
        expect(services.map(({ service }) => service).sort()).toEqual(
          [...new Set(sorted.map(({ service }) => service))].sort(),
        );
        const total = services.reduce((sum, { selfTimeMs }) => sum + selfTimeMs, 0);
        expect(total).toBeLessThanOrEqual(given.reduce((sum, [, , , length]) => sum + length, 0) + 1e-6);
        expect(criticalPath.length).toBeLessThanOrEqual(sorted.length);
        expect(criticalPath.length > 0).toBe(sorted.length > 0);
      }),
    );
  });
});
