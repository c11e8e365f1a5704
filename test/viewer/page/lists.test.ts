import fc from "fast-check";
import type { ApiLive, ApiLog, ApiSpan } from "../../../src/viewer/api-types.ts";
import { Latencies } from "../../../src/viewer/latencies.ts";
import { barsOf, isPicked } from "../../../src/viewer/page/distribution-bars.ts";
import { ledgerSums } from "../../../src/viewer/page/ledger-sums.ts";
import { added, EMPTY_BUFFER, joined } from "../../../src/viewer/page/live-buffer.ts";
import { oneLine } from "../../../src/viewer/page/one-line.ts";
import { rowWindow, scrolledTo } from "../../../src/viewer/page/row-window.ts";

describe("what a live view holds", () => {
  const arrived = (logs: number[], spans: number[] = [], dropped = 0): ApiLive => ({
    logs: logs.map((timeMs) => ({ sequence: timeMs, timeMs }) as ApiLog),
    spans: spans.map((startMs) => ({ spanId: String(startMs), startMs }) as ApiSpan),
    dropped: { spans: 0, logs: dropped },
  });

  it("is spans and logs together, the newest first, and no more than it may", () => {
    const first = added(EMPTY_BUFFER, arrived([1, 3], [2]), 4);
    expect(first.items.map(({ kind, timeMs }) => `${kind} ${timeMs}`)).toEqual(["log 3", "span 2", "log 1"]);
    const second = added(first, arrived([5], [4], 7), 4);
    expect(second.items.map(({ timeMs }) => timeMs)).toEqual([5, 4, 3, 2]);
    expect(second).toMatchObject({ spans: 2, logs: 3, dropped: 7 });
  });

  it("has nothing twice when a stream begins again", () => {
    const before = added(EMPTY_BUFFER, arrived([1, 2, 3]));
    const again = joined(before, added(EMPTY_BUFFER, arrived([2, 3, 4])), 3);
    expect(again.items.map(({ timeMs }) => timeMs)).toEqual([4, 3, 2]);
  });
});

describe("the rows in sight", () => {
  it("are few, and all that can be seen are among them", () => {
    const heights = fc.record({ count: fc.nat(20_000), top: fc.nat(600_000), height: fc.nat(2_000) });
    fc.assert(
      fc.property(heights, ({ count, top, height }) => {
        const { first, end } = rowWindow(count, 28, top, height);
        expect(end - first).toBeLessThanOrEqual(height / 28 + 27);
        for (const seen of [Math.floor(top / 28), Math.floor((top + height) / 28)]) {
          if (seen < count) expect(first <= seen && seen < end + 1).toBe(true);
        }
      }),
    );
  });

  it("move no further than needed to show one", () => {
    expect([0, 5, 12].map((row) => scrolledTo(row, 10, 40, 50))).toEqual([0, 40, 80]);
  });
});

describe("the bars of a distribution", () => {
  it("have no gaps, all the requests, and one width each where durations are drawn by their logarithm", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 1 }), (durations) => {
        const latencies = new Latencies();
        for (const ms of durations) latencies.add(ms);
        const bars = barsOf(latencies.distribution());
        expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(durations.length);
        expect(bars.length).toBeGreaterThanOrEqual(16);
        for (const [at, { fromMs, toMs }] of bars.entries()) {
          expect(toMs / fromMs).toBeCloseTo((bars[0]?.toMs ?? 0) / (bars[0]?.fromMs ?? 1), 3);
          if (at > 0) expect(fromMs / (bars[at - 1]?.toMs ?? 0)).toBeCloseTo(1, 3);
        }
      }),
    );
    expect(barsOf([])).toEqual([]);
  });

  it("are picked by where they lie, also with the digits of an address", () => {
    const bar = { fromMs: 1.2000000001234, toMs: 1.5, count: 1 };
    expect(isPicked(bar, Number(bar.fromMs.toFixed(9)), Number(bar.toMs.toFixed(9)))).toBe(true);
    expect(isPicked(bar, 1.5, undefined)).toBe(false);
    expect(isPicked(bar, undefined, bar.fromMs)).toBe(false);
  });
});

describe("a message in one line", () => {
  it("begins with what somebody wrote, not with what the runtime and the tracer put in front", () => {
    const id = "ee7284e0-d7a0-4138-bbc8-96bf11aa7d55";
    const text = `2026-11-21T12:26:40.286Z\t${id}\tINFO\t[dd.trace_id=1 dd.span_id=2] GET /think\n  for you`;
    expect(oneLine(text, 100)).toBe("GET /think for you");
    expect(oneLine('{"level":30,"msg":"found  it"}', 100)).toBe("found it");
    expect(oneLine('{"level":30}', 100)).toBe('{"level":30}');
    expect(oneLine("abcdef", 3)).toBe("abc…");
  });
});

describe("a ledger on the page", () => {
  it("shows what it knows of, and takes any other shape for nothing", () => {
    const books = { offered: 3, delivered: 2, stored: { timeout: 1 }, retried: { 503: 2 }, requests: 1, bytes: 10 };
    const links = { request: 1, line: 5, none: 0 };
    const sums = ledgerSums({ events: 4, logs: 3, links, unlinked: 1, destinations: { logs: books, other: 7 } });
    expect(sums).toMatchObject({ events: 4, traceLines: 0, unlinked: 1, dropped: [] });
    expect(sums.links).toEqual([
      ["line", 5],
      ["request", 1],
    ]);
    expect(sums.destinations[0]).toMatchObject({ name: "logs", delivered: 2, stored: [["timeout", 1]], failed: [] });
    expect(ledgerSums({ events: "many", dropped: [1], destinations: null })).toMatchObject({
      events: 0,
      dropped: [],
      destinations: [],
    });
    expect(ledgerSums({}).unlinked).toBeUndefined();
  });
});
