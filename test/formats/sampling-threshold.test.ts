import fc from "fast-check";
import { isAtLeast, shortThreshold, thresholdOf } from "../../src/formats/sampling-threshold.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

describe("a sampling threshold", () => {
  it.each([
    [1, "00000000000000", "0"],
    [0.5, "80000000000000", "8"],
    [0.25, "c0000000000000", "c"],
    [0.1, "e6666666666666", "e6666666666666"],
    [2 ** -56, "ffffffffffffff", "ffffffffffffff"],
  ])("of rate %d is %s", (rate, threshold, short) => {
    expect(thresholdOf(rate)).toBe(threshold);
    expect(shortThreshold(threshold)).toBe(short);
  });

  it("is none where nothing is kept", () => {
    expect(thresholdOf(0)).toBeUndefined();
    expect(thresholdOf(2 ** -60)).toBeUndefined();
  });

  it("lets pass exactly the rate's share of 56 bits", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        fc.bigInt({ min: 0n, max: 2n ** 56n - 1n }),
        (rate, low) => {
          const threshold = thresholdOf(rate) as string;
          const traceId = `${"a".repeat(18)}${low.toString(16).padStart(14, "0")}`;
          expect(isAtLeast(threshold, traceId)).toBe(low >= BigInt(`0x${threshold}`));
          expect(Number(2n ** 56n - BigInt(`0x${threshold}`)) / 2 ** 56).toBeCloseTo(rate, 12);
          expect(shortThreshold(threshold).padEnd(14, "0")).toBe(threshold);
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });
});
