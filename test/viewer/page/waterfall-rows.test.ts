import fc from "fast-check";
import type { ApiLog, ApiTraceSpan } from "../../../src/viewer/api-types.ts";
import { pathTo, rowsOf, ticksOf, treeOf } from "../../../src/viewer/page/waterfall-rows.ts";

const NONE: ReadonlySet<string> = new Set();

function aSpan(spanId: string, parentId: string | null, startMs = 0): ApiTraceSpan {
  return { spanId, parentId, startMs } as ApiTraceSpan;
}

function aLog(sequence: number, spanId: string | null, timeMs = 0): ApiLog {
  return { sequence, spanId, timeMs } as ApiLog;
}

function shown(spans: ApiTraceSpan[], logs: ApiLog[], closed = NONE, hasLogs = true): string[] {
  return rowsOf(treeOf({ spans, logs }), closed, hasLogs).map(
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

describe("the ticks of the axis", () => {
  it("are round, begin at 0 and end within the trace", () => {
    expect(ticksOf(48.3)).toEqual([0, 10, 20, 30, 40]);
    expect(ticksOf(1)).toEqual([0, 0.2, 0.4, expect.closeTo(0.6), 0.8, 1]);
    expect(ticksOf(0)).toEqual([0]);
  });

  it("are few for any duration", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (ms) => {
        const ticks = ticksOf(ms);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.at(-1)).toBeLessThanOrEqual(ms * 1.001);
      }),
    );
  });
});
