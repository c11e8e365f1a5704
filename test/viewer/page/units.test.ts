import fc from "fast-check";
import {
  axisText,
  bytesText,
  countOf,
  countText,
  durationText,
  figureText,
  moneyText,
  offsetText,
  rateText,
  shareText,
} from "../../../src/viewer/page/units.ts";

describe("figures as people read them", () => {
  it.each([
    [0, "0 ms"],
    [0.0004, "400 ns"],
    [0.42, "420 µs"],
    [7.0412, "7.04 ms"],
    [52.13, "52.1 ms"],
    [999.6, "1.00 s"],
    [1234, "1.23 s"],
    [59_960, "1 min"],
    [125_000, "2 min 5 s"],
    [3_720_000, "1 h 2 min"],
    [-3, "-3.00 ms"],
    [Number.NaN, "–"],
  ])("%s ms is %s", (ms, text) => expect(durationText(ms)).toBe(text));

  it("never have more than three digits before a unit that has a larger one above it", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 59_000, noNaN: true }), (ms) => {
        expect(durationText(ms)).toMatch(/^(?:\d{1,3}|\d{1,2}\.\d|\d\.\d\d) (?:ns|µs|ms|s)$/);
      }),
    );
  });

  it("never show something as nothing, nor a part as all", () => {
    expect([0, 0.00001, 0.125, 0.9999, 1].map(shareText)).toEqual(["0 %", "<0.1 %", "12.5 %", "99.9 %", "100 %"]);
  });

  it.each([
    [[0, 10, 47.9], "0 ms"],
    [[20, 10, 47.9], "20 ms"],
    [[12.5, 0.5, 13], "12.5 ms"],
    [[1_234.5, 0.1, 1_235], "1.2345 s"],
    [[0.05, 0.05, 0.4], "50 µs"],
    [[0.0002, 0.0001, 0.0009], "200 ns"],
    [[120_000, 60_000, 300_000], "2 min"],
    [[60_250, 50, 60_300], "60.25 s"],
  ] as const)("tell the moments of an axis apart: %j is %s", ([ms, stepMs, lastMs], text) => {
    expect(axisText(ms, stepMs, lastMs)).toBe(text);
  });

  it("are as they were sent where no unit is known", () => {
    expect([0, 7, 12_345.6, 1.25, 0.00271, -0.5, 1.2e-12, 3e20, 4.17e-7, Number.NaN].map(figureText)).toEqual([
      ...["0", "7", "12,346", "1.25", "0.00271", "−0.500", "1.20e-12", "3.00e+20", "4.17e-7", "–"],
    ]);
  });

  it("have units, and commas between thousands", () => {
    expect([1, 1234, 1_234_567].map(countText)).toEqual(["1", "1,234", "1,234,567"]);
    expect([countOf(1, "span"), countOf(2, "span"), countOf(0, "query", "queries")]).toEqual([
      "1 span",
      "2 spans",
      "0 queries",
    ]);
    expect([0, 0.1, 12.34].map(rateText)).toEqual(["0/s", "6.00/min", "12.3/s"]);
    expect([12, 1234, 128_000_000, 2e9].map(bytesText)).toEqual(["12 B", "1.23 kB", "128 MB", "2.00 GB"]);
    expect([0, 0.0000021, 0.5, 12].map(moneyText)).toEqual(["$0", "$0.0000021", "$0.50", "$12.00"]);
    expect([offsetText(12.3), offsetText(-1)]).toEqual(["+12.3 ms", "−1.00 ms"]);
  });
});
