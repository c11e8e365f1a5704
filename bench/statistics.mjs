/** Middle values and spreads of a few measurements. */

export function median(values) {
  return quantile(values, 0.5);
}

/** @param {number} share in [0, 1]; between two values it is interpolated */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** The median, and the smallest and largest value. */
export function overall(values) {
  return { value: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/** The median, and the middle half: for many rounds, of which some always meet something else on the machine. */
export function middleHalf(values) {
  return { value: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}
