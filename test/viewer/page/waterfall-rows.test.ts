import fc from "fast-check";
import type { ApiLog, ApiTraceSpan } from "../../../src/viewer/api-types.ts";
import { pathTo, rowsOf, type Shown, stepOf, ticksOf, treeOf } from "../../../src/viewer/page/waterfall-rows.ts";

const NONE: ReadonlySet<string> = new Set();

function aSpan(spanId: string, parentId: string | null, startMs = 0, durationMs = 0): ApiTraceSpan {
  return { spanId, parentId, startMs, durationMs } as ApiTraceSpan;
}

function aLog(sequence: number, spanId: string | null, timeMs = 0): ApiLog {
  return { sequence, spanId, timeMs } as ApiLog;
}

function shown(spans: ApiTraceSpan[], logs: ApiLog[], closed = NONE, hasLogs = true, part?: Shown): string[] {
  return rowsOf(treeOf({ spans, logs }), closed, hasLogs, part).map(
    (row) => `${" ".repeat(row.depth)}${row.kind === "span" ? row.span.spanId : `log ${row.log.sequence}`}`,
  );
}

describe("the lines of a waterfall", () => {
  const spans = [aSpan("root", null, 0), aSpan("a", "root", 10), aSpan("b", "root", 20), aSpan("lost", "gone", 30)];
  const logs = [aLog(1, "root", 5), aLog(2, "root", 15), aLog(3, "b", 25), aLog(4, null, 26), aLog(5, "gone", 27)];

  it("have each log below its span, between its spans by time, and logs of no span at the end", () => {
    expect(shown(spans, logs)).toEqual(["root", " log 1", " a", " log 2", " b", "  log 3", "lost", "log 4", "log 5"]);
  });

  it("leave out logs, and what is inside a closed span", () => {
    expect(shown(spans, logs, NONE, false)).toEqual(["root", " a", " b", "lost"]);
    expect(shown(spans, logs, new Set(["s2"]))).not.toContain("  log 3");
    expect(shown(spans, logs, new Set(["s0"]))).toEqual(["root", "lost", "log 4", "log 5"]);
  });

  it("name what must be open for a row to be seen", () => {
    const tree = treeOf({ spans: [...spans, aSpan("c", "b")], logs });
    expect(pathTo(tree.keyBySpanId.get("c") as string, tree)).toEqual(["s2", "s0"]);
  });

  it("have every span and log once, with its place among its siblings, whoever is whose parent", () => {
    const id = fc.integer({ min: 0, max: 12 }).map(String);
    const someSpans = fc.array(fc.tuple(id, fc.option(id), fc.nat(50)), { maxLength: 40 });
    const someLogs = fc.array(fc.tuple(fc.option(id), fc.nat(50)), { maxLength: 20 });
    fc.assert(
      fc.property(someSpans, someLogs, (givenSpans, givenLogs) => {
        const all = givenSpans.map(([spanId, parentId, startMs]) => aSpan(spanId, parentId, startMs));
        const tree = treeOf({ spans: all, logs: givenLogs.map(([spanId, ms], at) => aLog(at, spanId, ms)) });
        const rows = rowsOf(tree, NONE, true);
        expect(new Set(rows.map(({ key }) => key)).size).toBe(all.length + givenLogs.length);
        expect(rows).toHaveLength(all.length + givenLogs.length);
        for (const [at, { depth }] of rows.entries()) {
          expect(depth).toBeLessThanOrEqual((rows[at - 1]?.depth ?? -1) + 1);
        }
        for (const { position, siblings } of rows) expect(position).toBeLessThanOrEqual(siblings);
      }),
    );
  });

  it("take a trace that is deeper than calls can be", () => {
    const deep = Array.from({ length: 50_000 }, (_, at) => aSpan(String(at), at === 0 ? null : String(at - 1)));
    const rows = rowsOf(treeOf({ spans: deep, logs: [] }), NONE, true);
    expect(rows.at(-1)?.depth).toBe(49_999);
  });
});

describe("the lines of a part of the time", () => {
  const spans = [
    aSpan("root", null, 0, 100),
    aSpan("a", "root", 10, 20),
    aSpan("b", "root", 50, 0),
    aSpan("c", "b", 60, 5),
  ];
  const logs = [aLog(1, "root", 5), aLog(2, "a", 15), aLog(3, "b", 75), aLog(4, null, 76), aLog(5, null, 99)];

  it("are the spans and logs of it, and the spans that these are in", () => {
    expect(shown(spans, logs, NONE, true, { fromMs: 12, toMs: 20 })).toEqual(["root", " a", "  log 2"]);
    expect(shown(spans, logs, NONE, true, { fromMs: 70, toMs: 80 })).toEqual(["root", " b", "  log 3", "log 4"]);
    expect(shown(spans, logs, NONE, false, { fromMs: 60, toMs: 80 })).toEqual(["root", " b", "  c"]);
    expect(shown(spans, logs, new Set(["s2"]), false, { fromMs: 60, toMs: 80 })).toEqual(["root", " b"]);
  });

  it("are all lines where it is all of the time, and never one more than these", () => {
    const id = fc.integer({ min: 0, max: 12 }).map(String);
    const someSpans = fc.array(fc.tuple(id, fc.option(id), fc.nat(50), fc.nat(20)), { maxLength: 30 });
    const someLogs = fc.array(fc.tuple(fc.option(id), fc.nat(70)), { maxLength: 20 });
    fc.assert(
      fc.property(someSpans, someLogs, fc.nat(70), fc.nat(70), (givenSpans, givenLogs, fromMs, toMs) => {
        const all = givenSpans.map(([spanId, parentId, startMs, ms]) => aSpan(spanId, parentId, startMs, ms));
        const tree = treeOf({ spans: all, logs: givenLogs.map(([spanId, ms], at) => aLog(at, spanId, ms)) });
        const keys = (part?: Shown): string[] => rowsOf(tree, NONE, true, part).map(({ key }) => key);
        expect(keys({ fromMs: -1, toMs: 100 })).toEqual(keys());
        const part = keys({ fromMs, toMs });
        expect(keys().filter((key) => part.includes(key))).toEqual(part);
        for (const row of rowsOf(tree, NONE, true, { fromMs, toMs })) {
          if (row.kind === "log") expect(row.log.timeMs >= fromMs && row.log.timeMs <= toMs).toBe(true);
        }
      }),
    );
  });
});

describe("the ticks of the axis", () => {
  it("are round, and lie between its ends", () => {
    expect(ticksOf(0, 48.3)).toEqual([0, 10, 20, 30, 40]);
    expect(ticksOf(0, 1)).toEqual([0, 0.2, 0.4, expect.closeTo(0.6), 0.8, 1]);
    expect(ticksOf(12.1, 15.9)).toEqual([13, 14, 15]);
    expect(ticksOf(0, 0)).toEqual([0]);
  });

  it("are few for any duration", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), fc.nat(1_000_000), (ms, fromMs) => {
        expect(stepOf(ms)).toBeGreaterThan(0);
        const ticks = ticksOf(0, ms);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.at(-1)).toBeLessThanOrEqual(ms * 1.001);
        const later = ticksOf(fromMs, fromMs + Math.max(0.01, ms));
        expect(later.length).toBeGreaterThan(0);
        expect(later.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});
