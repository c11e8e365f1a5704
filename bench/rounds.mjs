/**
 * Measures tools side by side. Each round runs every tool once, from the first to the last and then from the last to the
 * first, so that what else goes on in the machine meets all alike; ratios are taken within a round.
 */

/**
 * @param {number} count
 * @param {{[name: string]: () => Promise<object>}} tools
 * @returns {Promise<{[name: string]: object}[]>} for each round, what each tool reported
 */
export async function interleaved(count, tools) {
  const rounds = [];
  for (let round = 0; round < count; round++) {
    const names = Object.keys(tools);
    if (round % 2 === 1) names.reverse();
    const reported = {};
    for (const name of names) reported[name] = await tools[name]();
    rounds.push(reported);
  }
  return rounds;
}

/** How often a delivery is handed over in one process: large ones less often, each at least some seconds in all. */
export function iterationsFor({ gzipBytes }, isQuick) {
  const [, iterations, quick] = ITERATIONS.find(([bytes]) => gzipBytes >= bytes);
  return isQuick ? quick : iterations;
}

/** From so many gzip bytes on: iterations, and in a quick run. */
const ITERATIONS = [
  [500_000, 24, 12],
  [50_000, 90, 40],
  [5_000, 500, 150],
  [0, 3_000, 600],
];
