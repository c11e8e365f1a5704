import fc from "fast-check";
import { type Buckets, exponentialHistogramOf } from "../../src/destinations/exponential-histogram.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

/** The logarithms, to the base 2, of the bounds that each value lies between. */
function boundsOf({ offset, counts }: Buckets, scale: number): [number, number][] {
  return counts.flatMap((count, index) =>
    Array.from({ length: count }, (): [number, number] => [
      (offset + index) * 2 ** -scale,
      (offset + index + 1) * 2 ** -scale,
    ]),
  );
}

const size = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map(Math.abs);
const alike = fc.double({ noNaN: true, min: 0.01, max: 900 });

describe("an exponential histogram", () => {
  it("has every value in a bucket around it, in at most 160 buckets", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(size, alike), { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        (sizes, isNegative) => {
          const values = sizes.map((value) => (isNegative ? -value : value));
          const histogram = exponentialHistogramOf(values);
          const [buckets, others] = isNegative
            ? [histogram.negative, histogram.positive]
            : [histogram.positive, histogram.negative];
          expect(others.counts).toEqual([]);
          expect(buckets.counts.length).toBeLessThanOrEqual(160);
          const logarithms = sizes
            .filter((value) => value > 0)
            .map(Math.log2)
            .sort((a, b) => a - b);
          expect(histogram.zeroCount).toBe(sizes.length - logarithms.length);
          for (const [index, [lower, upper]] of boundsOf(buckets, histogram.scale).entries()) {
            expect(lower).toBeLessThanOrEqual((logarithms[index] as number) + 1e-9);
            expect(upper).toBeGreaterThanOrEqual((logarithms[index] as number) - 1e-9);
          }
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });

  it("counts, sums and bounds its values", () => {
    expect(exponentialHistogramOf([3, -1, 0, 2])).toMatchObject({ count: 4, sum: 4, min: -1, max: 3, zeroCount: 1 });
    expect(exponentialHistogramOf([Number.MAX_VALUE, Number.MAX_VALUE]).sum).toBe(Number.MAX_VALUE);
  });

  it("has a power of two in the bucket that ends with it", () => {
    const { positive, scale } = exponentialHistogramOf([4]);
    expect(boundsOf(positive, scale)[0]?.[1]).toBe(2);
  });

  it("is as fine as its values allow", () => {
    expect(exponentialHistogramOf([1]).scale).toBe(20);
    expect(exponentialHistogramOf([1, 20]).scale).toBe(5);
    expect(exponentialHistogramOf([Number.MIN_VALUE, Number.MAX_VALUE]).positive.counts.length).toBeLessThanOrEqual(
      160,
    );
  });
});
