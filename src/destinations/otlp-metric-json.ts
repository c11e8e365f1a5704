/**
 * One metric as a `ResourceMetrics` in protobuf's JSON: 64-bit integers are texts.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#json-protobuf-encoding
 */
import type { Attributes, InstrumentationScope } from "../telemetry.ts";
import type { Buckets } from "./exponential-histogram.ts";
import { attributesJson, resourceJson, scopeJson } from "./otlp-json.ts";
import type { HistogramPoint, OtlpMetric, SumPoint } from "./otlp-metric.ts";

/** `AGGREGATION_TEMPORALITY_DELTA` */
const DELTA = 1;

export function jsonOfMetric(metric: OtlpMetric, resource: Attributes, scope: InstrumentationScope): string {
  const { name, unit, sums, histograms, isMonotonic } = metric;
  const attributes: unknown = JSON.parse(attributesJson(metric.attributes) || "[]");
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
  const metrics = JSON.stringify([{ name, unit, ...told }]);
  return `{"resource":${resourceJson(resource, 0)},"scopeMetrics":[{"scope":${scopeJson(scope)},"metrics":${metrics}}]}`;
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
