/**
 * Metrics in OpenTelemetry's types: what is counted is a sum, everything else a histogram, and all of them are deltas, because
 * nobody remembers what was before. Lambda's have the names and units of the conventions where those have one.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/faas/faas-metrics/
 */
import type { Metric } from "../telemetry.ts";
import { type ExponentialHistogram, exponentialHistogramOf } from "./exponential-histogram.ts";

export interface OtlpMetric {
  name: string;
  /** In UCUM; "" = not known. */
  unit: string;
  /** Of all of its points. A tag that occurs several times is a list. */
  attributes: Record<string, string | string[]>;
  /** Whether what is counted cannot become less. */
  isMonotonic: boolean;
  /** One of the two has points: one for each second. */
  sums: SumPoint[];
  histograms: HistogramPoint[];
}

interface Interval {
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
}

export interface SumPoint extends Interval {
  value: number;
}

export interface HistogramPoint extends Interval, ExponentialHistogram {}

interface Known {
  name: string;
  unit: string;
  isCount: boolean;
  factor: number;
}

const PREFIX = "aws.lambda.enhanced.";
const BYTES_PER_MEBIBYTE = 1_048_576;
const NANOS_PER_SECOND = 1_000_000_000n;
const MAX_UINT64 = 2n ** 64n - 1n;
/** By what stands behind the prefix. Lambda's megabytes are mebibytes. */
const KNOWN = new Map<string, Known>([
  ["invocations", count("faas.invocations", "{invocation}")],
  ["errors", count("faas.errors", "{error}")],
  ["timeouts", count("faas.timeouts", "{timeout}")],
  ["out_of_memory", count(`${PREFIX}out_of_memory`, "{error}")],
  ["estimated_cost", count(`${PREFIX}estimated_cost`, "{USD}")],
  ["duration", distribution("faas.invoke_duration", "s")],
  ["init_duration", distribution("faas.init_duration", "s")],
  ["billed_duration", distribution(`${PREFIX}billed_duration`, "s")],
  ["max_memory_used", distribution("faas.mem_usage", "By", BYTES_PER_MEBIBYTE)],
]);

export function otlpMetricOf(metric: Metric): OtlpMetric {
  const known = metric.name.startsWith(PREFIX) ? KNOWN.get(metric.name.slice(PREFIX.length)) : undefined;
  const { name, unit, isCount, factor } = known ?? distribution(metric.name, "");
  const seconds = valuesBySecond(metric, factor);
  return {
    name,
    unit,
    attributes: attributesOf(metric.tags),
    isMonotonic: [...seconds.values()].every((values) => values.every((value) => value >= 0)),
    sums: isCount ? [...seconds].map(([second, values]) => ({ ...intervalOf(second), value: sumOf(values) })) : [],
    histograms: isCount
      ? []
      : [...seconds].map(([second, values]) => ({ ...intervalOf(second), ...exponentialHistogramOf(values) })),
  };
}

function count(name: string, unit: string): Known {
  return { name, unit, isCount: true, factor: 1 };
}

function distribution(name: string, unit: string, factor = 1): Known {
  return { name, unit, isCount: false, factor };
}

function valuesBySecond({ points }: Metric, factor: number): Map<number, number[]> {
  const seconds = new Map<number, number[]>();
  for (const { timeUnixSeconds, values } of points) {
    const known = seconds.get(timeUnixSeconds) ?? [];
    for (const value of values) known.push(value * factor);
    seconds.set(timeUnixSeconds, known);
  }
  return seconds;
}

/** A point is known to the second: it says what was in all of it. */
function intervalOf(second: number): Interval {
  return { startTimeUnixNano: unixNano(second), timeUnixNano: unixNano(second + 1) };
}

/** Metric lines may tell times that the protocol has no number for. */
function unixNano(second: number): bigint {
  const nano = BigInt(second) * NANOS_PER_SECOND;
  return nano > MAX_UINT64 ? MAX_UINT64 : nano;
}

/** Finite, as the values are. */
function sumOf(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, sum));
}

/** `key:value`; a tag without a value has an empty one. */
function attributesOf(tags: readonly string[]): OtlpMetric["attributes"] {
  const values = new Map<string, string[]>();
  for (const tag of tags) {
    const colon = tag.indexOf(":");
    const [key, value] = colon > 0 ? [tag.slice(0, colon), tag.slice(colon + 1)] : [tag, ""];
    const known = values.get(key) ?? [];
    if (key !== "" && !known.includes(value)) values.set(key, [...known, value]);
  }
  return Object.fromEntries([...values].map(([key, of]) => [key, of.length === 1 ? (of[0] as string) : of]));
}
