import fc from "fast-check";
import { givenOf, isInRange, moved, rangeBetween, rangeOf, zoomed } from "../../../src/viewer/page/time-range.ts";

describe("a part of a trace's time", () => {
  it("lies between two moments in any order, and within the trace", () => {
    expect(rangeBetween(40, 12.5, 50)).toEqual({ fromMs: 12.5, toMs: 40 });
    expect(rangeBetween(45, 55, 50)).toEqual({ fromMs: 40, toMs: 50 });
    expect(rangeBetween(20, 20, 50)).toEqual({ fromMs: 19.995, toMs: expect.closeTo(20.005) });
  });

  it("is all of it where nothing smaller can be shown", () => {
    expect(rangeBetween(0, 50, 50)).toBeUndefined();
    expect(rangeBetween(-10, 90, 50)).toBeUndefined();
    expect(rangeBetween(0, 0.001, 0.005)).toBeUndefined();
    expect(rangeBetween(Number.NaN, 1, 50)).toBeUndefined();
  });

  it("becomes smaller and larger around a moment, and moves", () => {
    expect(zoomed(undefined, 2, 25, 50)).toEqual({ fromMs: 12.5, toMs: 37.5 });
    expect(zoomed({ fromMs: 10, toMs: 20 }, 0.5, 15, 50)).toEqual({ fromMs: 5, toMs: 25 });
    expect(zoomed({ fromMs: 10, toMs: 40 }, 0.5, 25, 50)).toBeUndefined();
    expect(moved({ fromMs: 10, toMs: 20 }, 0.5, 50)).toEqual({ fromMs: 15, toMs: 25 });
    expect(moved({ fromMs: 1, toMs: 11 }, -0.5, 50)).toEqual({ fromMs: 0, toMs: 10 });
  });

  it("has an address, and is taken from one that has been changed by hand", () => {
    expect(givenOf({ fromMs: 12.5, toMs: 40 })).toEqual({ from: "12.5", to: "40" });
    expect(givenOf(undefined)).toEqual({});
    expect(rangeOf({ from: "12.5", to: "40" }, 50)).toEqual({ fromMs: 12.5, toMs: 40 });
    expect(rangeOf({ from: "-3", to: "1e3" }, 50)).toBeUndefined();
    for (const given of [{}, { from: "1" }, { from: "x", to: "2" }, { from: "3", to: "2" }, { from: "60", to: "70" }]) {
      expect(rangeOf(given as Record<string, string>, 50)).toBeUndefined();
    }
  });

  it("has what lies outside the trace at its ends", () => {
    expect(isInRange({ fromMs: 0, toMs: 10 }, -5, -4, 50)).toBe(true);
    expect(isInRange({ fromMs: 5, toMs: 10 }, -5, -4, 50)).toBe(false);
    expect(isInRange({ fromMs: 40, toMs: 50 }, 60, 60, 50)).toBe(true);
    expect(isInRange({ fromMs: 5, toMs: 10 }, 1, 30, 50)).toBe(true);
    expect(isInRange(undefined, 60, 60, 50)).toBe(true);
  });

  it("is in the trace, in order and through its address, whatever is done to it", () => {
    const ms = fc.double({ min: -1e6, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(ms, ms, fc.double({ min: 1e-4, max: 1e7, noNaN: true }), (one, other, durationMs) => {
        let range = rangeBetween(one, other, durationMs);
        for (const next of [2, 0.5, 3, 10, 100]) {
          range = zoomed(range, next, one, durationMs) ?? range;
          if (!range) continue;
          expect(range.fromMs).toBeGreaterThanOrEqual(0);
          expect(range.toMs).toBeLessThanOrEqual(durationMs * (1 + 1e-12));
          expect(range.toMs - range.fromMs).toBeGreaterThan(0.0099);
          range = moved(range, next - 5, durationMs) ?? range;
          const again = rangeOf(givenOf(range), durationMs);
          if (range.toMs - range.fromMs > 1 && again) expect(again.fromMs).toBeCloseTo(range.fromMs, 3);
        }
      }),
    );
  });
});
