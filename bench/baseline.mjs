/** The figures of an earlier run, in `bench/baseline.json`, and what has changed since. Ratios alone travel well. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { number } from "./figures.mjs";
import { table } from "./report.mjs";

const FILE = fileURLToPath(new URL("baseline.json", import.meta.url));
const KEPT = /^(?:cpu\..*\/(?:z|j|post\+z)|memory\.|bytes\.|requests\.|cold\.|bundle\.)/;
/** A share of the figure; what is closer than that to the baseline counts as equal, however steady its rounds were. */
const MIN_MARGIN = 0.05;

/**
 * @typedef {object} Baseline
 * @property {string} node version
 * @property {{[id: string]: {value: number, margin: number}}} figures `margin`: the noise, as a share of the value
 */

/** @returns {Baseline} */
export function readBaseline() {
  if (!existsSync(FILE)) throw new Error("there is no bench/baseline.json: `npm run bench -- --write` makes it");
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** @param {import("./figures.mjs").Figure[]} figures */
export function writeBaseline(figures) {
  writeFileSync(FILE, `${JSON.stringify(baselineOf(figures), null, 2)}\n`);
}

/** @param {import("./figures.mjs").Figure[]} figures @returns {Baseline} */
export function baselineOf(figures) {
  const kept = {};
  for (const { id, value, low, high } of figures.filter(({ id }) => KEPT.test(id))) {
    kept[id] = { value: rounded(value), margin: rounded(marginOf(value, low, high)) };
  }
  return { node: process.versions.node, figures: kept };
}

/**
 * A figure moved when it is further from the baseline than the baseline's noise, and with it every round of now. Figures
 * that only one of the two has are left out.
 *
 * @param {Baseline} baseline
 * @param {import("./figures.mjs").Figure[]} figures
 * @returns {{text: string, worse: number}} how many moved up by more than their noise
 */
export function compare(baseline, figures) {
  const rows = [];
  let worse = 0;
  for (const { id, label, unit, value, low, high } of figures) {
    const before = baseline.figures[id];
    if (!before) continue;
    const change = value - before.value;
    const noise = Math.abs(before.value) * before.margin;
    const isWorse = low > before.value + noise;
    const isBetter = high < before.value - noise;
    if (isWorse) worse++;
    const percent =
      before.value === 0 ? "" : `${change >= 0 ? "+" : "−"}${Math.abs((change / before.value) * 100).toFixed(1)} %`;
    const verdict = isWorse ? "worse" : isBetter ? "better" : "";
    rows.push([
      label,
      number(before.value),
      `${number(value)} ${unit}`.trim(),
      percent,
      `± ${Math.round(before.margin * 100)} %`,
      verdict,
    ]);
  }
  const note =
    baseline.node === process.versions.node
      ? ""
      : `The baseline is of Node ${baseline.node}, this is ${process.versions.node}.\n\n`;
  const columns = ["figure", "baseline", "now", "change", "noise", ""];
  return {
    text: `${note}${table(columns, rows)}\n\n${worse} of ${rows.length} figures are worse by more than their noise.`,
    worse,
  };
}

function marginOf(value, low, high) {
  return value === 0 ? MIN_MARGIN : Math.max(MIN_MARGIN, (high - value) / value, (value - low) / value);
}

function rounded(value) {
  return Number(value.toPrecision(4));
}
