import type { ApiMetrics } from "./api-types.ts";
import type { ReceivedMetric } from "./received.ts";

const MAX_NAMES = 1_000;

export type MetricTotals = ApiMetrics["metrics"][number];

/** What metrics came, and in what range: by name alone, not by tags or time. */
export class MetricList {
  readonly #byName = new Map<string, MetricTotals>();
  points = 0;
  /** Points of names that came when there were too many. */
  ignored = 0;

  add({ name, unit, type, values }: ReceivedMetric, nowMs: number): void {
    this.points += values.length;
    const known = this.#byName.get(name);
    if (!known && this.#byName.size >= MAX_NAMES) {
      this.ignored += values.length;
      return;
    }
    const totals = known ?? {
      name,
      unit,
      type,
      points: 0,
      sum: 0,
      min: Infinity,
      max: -Infinity,
      last: 0,
      lastReceivedAtMs: 0,
    };
    this.#byName.set(name, totals);
    for (const value of values) {
      totals.points++;
      totals.sum += value;
      totals.min = Math.min(totals.min, value);
      totals.max = Math.max(totals.max, value);
      totals.last = value;
      totals.lastReceivedAtMs = nowMs;
    }
  }

  /** By name; those without a point are left out. */
  list(): MetricTotals[] {
    return [...this.#byName.values()].filter(({ points }) => points > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  clear(): void {
    this.#byName.clear();
    this.points = 0;
    this.ignored = 0;
  }
}
