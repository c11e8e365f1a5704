import type { ApiMetricFigures, ApiMetricSeries, ApiMetrics } from "./api-types.ts";
import type { ReceivedMetric } from "./received.ts";

const MAX_NAMES = 1_000;
/** Of one name, and of all. */
const MAX_SERIES_OF_NAME = 500;
const MAX_SERIES = 5_000;
/** Of the tags of one series together. */
const MAX_TAG_CHARACTERS = 2_000;
/** Of one name, in a list. */
const MAX_TAG_NAMES = 50;

interface Held {
  unit: string;
  type: string;
  figures: ApiMetricFigures;
  /** By their tags. */
  series: Map<string, ApiMetricSeries>;
  /** Points whose tags came when there were too many. */
  leftOut: number;
}

/** What metrics came since the start, and in what range: by name, and by the tags of each; not by time. */
export class MetricList {
  readonly #byName = new Map<string, Held>();
  #seriesCount = 0;
  points = 0;

  add({ name, unit, type, points }: ReceivedMetric, nowMs: number): void {
    this.points += points.length;
    const held = this.#heldOf(name, unit, type);
    if (!held) return;
    for (const { tags, value } of points) {
      count(held.figures, value, nowMs);
      const series = this.#seriesOf(held, tags);
      if (series) count(series, value, nowMs);
      else held.leftOut++;
    }
  }

  /** By name; those without a point are left out. */
  list(): ApiMetrics["metrics"] {
    return [...this.#byName]
      .filter(([, { figures }]) => figures.points > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { unit, type, figures, series }]) => ({
        ...{ name, unit, type, ...figures },
        ...{ series: series.size, tagNames: tagNamesOf(series.values()) },
      }));
  }

  /** Undefined where there is none of that name. */
  named(name: string): ApiMetrics["named"] | undefined {
    const held = this.#byName.get(name);
    if (!held || held.figures.points === 0) return undefined;
    return { series: [...held.series.values()], pointsLeftOut: held.leftOut };
  }

  #heldOf(name: string, unit: string, type: string): Held | undefined {
    const known = this.#byName.get(name);
    if (known || this.#byName.size >= MAX_NAMES) return known;
    const held = { unit, type, figures: noFigures(), series: new Map(), leftOut: 0 };
    this.#byName.set(name, held);
    return held;
  }

  #seriesOf({ series }: Held, tags: readonly string[]): ApiMetricSeries | undefined {
    const own = shortened(tags);
    const key = JSON.stringify(own);
    const known = series.get(key);
    if (known || series.size >= MAX_SERIES_OF_NAME || this.#seriesCount >= MAX_SERIES) return known;
    const made = { tags: own, ...noFigures() };
    series.set(key, made);
    this.#seriesCount++;
    return made;
  }
}

function noFigures(): ApiMetricFigures {
  return { points: 0, sum: 0, min: Infinity, max: -Infinity, last: 0, lastReceivedAtMs: 0 };
}

function count(figures: ApiMetricFigures, value: number, nowMs: number): void {
  figures.points++;
  figures.sum += value;
  figures.min = Math.min(figures.min, value);
  figures.max = Math.max(figures.max, value);
  figures.last = value;
  figures.lastReceivedAtMs = nowMs;
}

/** In order, each once, as many as there is room for. */
function shortened(tags: readonly string[]): string[] {
  let left = MAX_TAG_CHARACTERS;
  return [...new Set(tags)].sort().filter((tag) => {
    left -= tag.length;
    return left >= 0;
  });
}

function tagNamesOf(series: Iterable<ApiMetricSeries>): string[] {
  const names = new Set<string>();
  for (const { tags } of series) {
    for (const tag of tags) names.add(tag.split(":", 1)[0] as string);
    if (names.size > MAX_TAG_NAMES) break;
  }
  return [...names].sort().slice(0, MAX_TAG_NAMES);
}
