/** A figure: something measured that has a name, so that it can have a target and be compared with an earlier run. */
import { targetOf } from "./targets.mjs";

/**
 * @typedef {object} Figure
 * @property {string} id
 * @property {string} label for people
 * @property {string} unit "×" for a ratio
 * @property {number} value
 * @property {number} low of the rounds
 * @property {number} high of the rounds
 * @property {number} [target] the most it may be; for all figures less is better
 */

/**
 * @param {string} id
 * @param {string} label
 * @param {{value: number, low: number, high: number} | number} measured
 * @returns {Figure}
 */
export function figure(id, label, measured, unit = "×") {
  const { value, low, high } =
    typeof measured === "number" ? { value: measured, low: measured, high: measured } : measured;
  return { id, label, unit, value, low, high, target: targetOf(id) };
}

export function isMet({ value, target }) {
  return value <= target;
}

/** `1.32 (1.28–1.40)`, and the target where there is one. */
export function cell({ value, low, high, target, ...rest }) {
  const spread = low === high ? number(value) : `${number(value)} (${number(low)}–${number(high)})`;
  if (target === undefined) return spread;
  return `${spread} ${isMet({ value, target, ...rest }) ? "✓" : "✗"}`;
}

/** Three digits that count. */
export function number(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return group(value);
  if (size >= 100) return group(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
}

function group(integer) {
  return String(integer).replace(/\B(?=(\d{3})+$)/g, " ");
}
