import fc from "fast-check";
import { plain } from "../../src/cli/paint.ts";
import { waterfall } from "../../src/cli/waterfall.ts";
import { aReceivedLog, aReceivedSpan } from "../helpers/received.ts";

const span = (startTimeUnixNano: bigint, durationNano: bigint) => aReceivedSpan({ startTimeUnixNano, durationNano });

describe("a waterfall", () => {
  it("shows where spans and logs stand in the time of their trace", () => {
    const spans = [span(1_000n, 100n), span(1_000n, 50n), span(1_050n, 25n), span(1_099n, 0n)] as const;
    const { ofSpan, ofLog, space } = waterfall(spans, 8, plain);
    expect(spans.map(ofSpan)).toEqual(["━━━━━━━━ ", "━━━━     ", "    ━━   ", "       ━ "]);
    expect([0n, 1_060n, 9_000n].map((timeUnixNano) => ofLog(aReceivedLog({ timeUnixNano })))).toEqual([
      ...["•        ", "    •    ", "       • "],
    ]);
    expect(space).toBe(" ".repeat(9));
  });

  it("has one width, and each span at least a column, whatever the times", () => {
    const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time)), time, fc.integer({ min: 1, max: 40 }), (times, ofALog, columns) => {
        const spans = times.map(([start, duration]) => span(start, duration));
        const { ofSpan, ofLog } = waterfall(spans, columns, plain);
        for (const drawn of spans.map(ofSpan)) expect(drawn).toMatch(new RegExp(`^(?=.{${columns + 1}}$) *━+ +$`));
        expect(ofLog(aReceivedLog({ timeUnixNano: ofALog }))).toMatch(new RegExp(`^(?=.{${columns + 1}}$) *• +$`));
      }),
    );
  });

  it("is nothing where it has no columns", () => {
    const { ofSpan, ofLog, space } = waterfall([], 0, plain);
    expect([ofSpan(span(1n, 1n)), ofLog(aReceivedLog({})), space]).toEqual(["", "", ""]);
  });
});
