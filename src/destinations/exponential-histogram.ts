/**
 * Values in buckets whose bounds grow by a factor, as fine as 160 buckets can be. Whoever reads it needs no bounds that were
 * chosen for these values, and knows each to about 2 % where the largest is twenty times the smallest.
 *
 * @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */

export interface ExponentialHistogram {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** A bucket's upper bound is 2^(2^-scale) times its lower one. */
  scale: number;
  zeroCount: number;
  positive: Buckets;
  negative: Buckets;
}

export interface Buckets {
  /** The index of the first bucket. Bucket `index` holds what is over `factor^index` and up to `factor^(index + 1)`. */
  offset: number;
  counts: number[];
}

/** OpenTelemetry's SDKs have the same. */
const MAX_BUCKETS = 160;
const MAX_SCALE = 20;
/** All doubles fit in as many buckets. */
const MIN_SCALE = -4;

/** @param values at least one, finite */
export function exponentialHistogramOf(values: readonly number[]): ExponentialHistogram {
  const positive = values.filter((value) => value > 0);
  const negative = values.filter((value) => value < 0).map((value) => -value);
  const scale = Math.min(scaleFor(positive), scaleFor(negative));
  let [sum, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return {
    count: values.length,
    sum: Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, sum)),
    min,
    max,
    scale,
    zeroCount: values.length - positive.length - negative.length,
    positive: bucketsOf(positive, scale),
    negative: bucketsOf(negative, scale),
  };
}

/** The finest at which all values fit. */
function scaleFor(values: readonly number[]): number {
  let [min, max] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  let scale = MAX_SCALE;
  while (max > 0 && scale > MIN_SCALE && indexOf(max, scale) - indexOf(min, scale) >= MAX_BUCKETS) scale--;
  return scale;
}

function bucketsOf(values: readonly number[], scale: number): Buckets {
  if (values.length === 0) return { offset: 0, counts: [] };
  const indices = values.map((value) => indexOf(value, scale));
  const offset = indices.reduce((least, index) => Math.min(least, index));
  const last = indices.reduce((most, index) => Math.max(most, index));
  const counts = new Array<number>(last - offset + 1).fill(0);
  for (const index of indices) counts[index - offset] = (counts[index - offset] as number) + 1;
  return { offset, counts };
}

/** @param value over zero */
function indexOf(value: number, scale: number): number {
  return Math.ceil(Math.log2(value) * 2 ** scale) - 1;
}
