/**
 * One metric as a `ResourceMetrics`, field 1 of an `ExportMetricsServiceRequest`.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */
import type { Attributes, InstrumentationScope } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Buckets } from "./exponential-histogram.ts";
import type { HistogramPoint, OtlpMetric, SumPoint } from "./otlp-metric.ts";
import { attributesTo, resourceTo, scopeTo } from "./otlp-protobuf.ts";
import { double, fixed64, integer, message, string } from "./protobuf.ts";

/** `AGGREGATION_TEMPORALITY_DELTA` */
const DELTA = 1n;

export function writeMetric(
  metric: OtlpMetric,
  resource: Attributes,
  scope: InstrumentationScope,
  to: ByteWriter,
): void {
  message(to, 1, () => {
    resourceTo(to, 1, resource, 0);
    message(to, 2, () => {
      scopeTo(to, 1, scope);
      message(to, 2, () => {
        string(to, 1, metric.name);
        string(to, 3, metric.unit);
        if (metric.sums.length > 0) message(to, 7, () => writeSum(to, metric));
        else message(to, 10, () => writeHistogram(to, metric));
      });
    });
  });
}

function writeSum(to: ByteWriter, { sums, attributes, isMonotonic }: OtlpMetric): void {
  for (const point of sums) message(to, 1, () => writeSumPoint(to, point, attributes));
  integer(to, 2, DELTA);
  integer(to, 3, isMonotonic ? 1n : 0n);
}

function writeSumPoint(to: ByteWriter, point: SumPoint, attributes: Attributes): void {
  fixed64(to, 2, point.startTimeUnixNano);
  fixed64(to, 3, point.timeUnixNano);
  if (Number.isSafeInteger(point.value)) fixed64(to, 6, BigInt(point.value));
  else double(to, 4, point.value);
  attributesTo(to, 7, attributes);
}

function writeHistogram(to: ByteWriter, { histograms, attributes }: OtlpMetric): void {
  for (const point of histograms) message(to, 1, () => writeHistogramPoint(to, point, attributes));
  integer(to, 2, DELTA);
}

function writeHistogramPoint(to: ByteWriter, point: HistogramPoint, attributes: Attributes): void {
  attributesTo(to, 1, attributes);
  fixed64(to, 2, point.startTimeUnixNano);
  fixed64(to, 3, point.timeUnixNano);
  fixed64(to, 4, BigInt(point.count));
  double(to, 5, point.sum);
  integer(to, 6, zigzag(point.scale));
  fixed64(to, 7, BigInt(point.zeroCount));
  writeBuckets(to, 8, point.positive);
  writeBuckets(to, 9, point.negative);
  double(to, 12, point.min);
  double(to, 13, point.max);
}

function writeBuckets(to: ByteWriter, field: number, { offset, counts }: Buckets): void {
  if (counts.length === 0) return;
  message(to, field, () => {
    integer(to, 1, zigzag(offset));
    message(to, 2, () => {
      for (const count of counts) to.varint(count);
    });
  });
}

/** A signed integer as protobuf's `sint32` has it: small ones are short. */
function zigzag(value: number): bigint {
  return BigInt(value < 0 ? -2 * value - 1 : 2 * value);
}
