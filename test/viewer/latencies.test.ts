import fc from "fast-check";
import { Latencies } from "../../src/viewer/latencies.ts";

const durations = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 50 });

describe("counted latencies", () => {
  it("have percentiles that are exact to one percent, or to a microsecond", () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (given, share) => {
        const latencies = new Latencies();
        for (const ms of given) latencies.add(ms);
        const exact = [...given].sort((a, b) => a - b)[Math.ceil(share * given.length) - 1] as number;
        const [found = 0] = latencies.percentiles(share);
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.0101 + 0.001);
      }),
    );
  });

  it("forget what is removed", () => {
    fc.assert(
      fc.property(durations, durations, (kept, gone) => {
        const [latencies, expected] = [new Latencies(), new Latencies()];
        for (const ms of [...kept, ...gone]) latencies.add(ms);
        for (const ms of gone) latencies.remove(ms);
        for (const ms of kept) expected.add(ms);
        expect(latencies.distribution()).toEqual(expected.distribution());
        expect(latencies.size).toBe(kept.length);
      }),
    );
  });

  it("are each in one bar of the distribution", () => {
    fc.assert(
      fc.property(durations, (given) => {
        const latencies = new Latencies();
        for (const ms of given) latencies.add(ms);
        const bars = latencies.distribution();
        expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(given.length);
        for (const { fromMs, toMs } of bars) expect(fromMs).toBeLessThan(toMs);
        expect(bars.map(({ fromMs }) => fromMs)).toEqual([...bars.map(({ fromMs }) => fromMs)].sort((a, b) => a - b));
      }),
    );
    expect(new Latencies().percentiles(0.5)).toEqual([0]);
  });
});
