/**
 * One metric as a `ResourceMetrics` in protobuf's JSON: 64-bit integers are texts.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#json-protobuf-encoding
 */
import type { AnyValue, Attributes } from "../telemetry.ts";
import type { Buckets } from "./exponential-histogram.ts";
import type { HistogramPoint, MetricScope, OtlpMetric, SumPoint } from "./otlp-metric.ts";

/** `AGGREGATION_TEMPORALITY_DELTA` */
const DELTA = 1;

export function jsonOfMetric(metric: OtlpMetric, resource: Attributes, scope: MetricScope): string {
  const { name, unit, sums, histograms, isMonotonic } = metric;
  const attributes = keyValues(metric.attributes);
  const told =
    sums.length > 0
      ? {
          sum: {
            dataPoints: sums.map((point) => ({ attributes, ...sumPoint(point) })),
            aggregationTemporality: DELTA,
            isMonotonic,
          },
        }
      : {
          exponentialHistogram: {
            dataPoints: histograms.map((point) => ({ attributes, ...histogramPoint(point) })),
            aggregationTemporality: DELTA,
          },
        };
  return JSON.stringify({
    resource: { attributes: keyValues(resource) },
    scopeMetrics: [{ scope, metrics: [{ name, unit, ...told }] }],
  });
}

function sumPoint({ startTimeUnixNano, timeUnixNano, value }: SumPoint): object {
  return {
    startTimeUnixNano: String(startTimeUnixNano),
    timeUnixNano: String(timeUnixNano),
    ...(Number.isSafeInteger(value) ? { asInt: String(value) } : { asDouble: value }),
  };
}

function histogramPoint(point: HistogramPoint): object {
  const { count, sum, min, max, scale, zeroCount } = point;
  return {
    startTimeUnixNano: String(point.startTimeUnixNano),
    timeUnixNano: String(point.timeUnixNano),
    count: String(count),
    sum,
    min,
    max,
    scale,
    zeroCount: String(zeroCount),
    positive: buckets(point.positive),
    negative: buckets(point.negative),
  };
}

function buckets({ offset, counts }: Buckets): object {
  return { offset, bucketCounts: counts.map(String) };
}

/** Texts and lists of texts. */
function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: jsonValue(value) }));
}

function jsonValue(value: AnyValue): object {
  return Array.isArray(value) ? { arrayValue: { values: value.map(jsonValue) } } : { stringValue: String(value) };
}
