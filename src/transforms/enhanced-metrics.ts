/**
 * What the lines of a Lambda function's platform and runtime tell, as metrics in the names and units of Datadog's enhanced
 * Lambda metrics. Their tags of the function itself are the destination's to add.
 *
 * @see https://docs.datadoghq.com/serverless/aws_lambda/metrics/#enhanced-lambda-metrics
 */
import { mayBeTimeout, outOfMemoryNeedles } from "../formats/lambda-failure.ts";
import { isOutOfMemory, timedOutRequest } from "../formats/lambda-failure-reader.ts";
import { type LambdaReport, readReport } from "../formats/lambda-report.ts";
import { messageOf } from "../formats/message.ts";
import type { LogRecord, Metric, ResourceTelemetry, Slice } from "../telemetry.ts";

const PREFIX = "aws.lambda.enhanced.";

/**
 * The list price of x86_64 in us-east-1, in USD, which the Datadog Forwarder takes for all: logs do not tell the
 * architecture, the region's price or the discount. arm64 costs a fifth less a second.
 *
 * @see https://aws.amazon.com/lambda/pricing/
 */
const USD_PER_REQUEST = 0.0000002;
const USD_PER_GB_SECOND = 0.0000166667;

/** One series for each name and tags, however many requests there are. */
export function enhancedMetrics({ slice, logs }: ResourceTelemetry): Metric[] {
  const outOfMemory = outOfMemoryNeedles(slice.text);
  const series = new SeriesList();
  const failures = new FailureCounts(series);
  for (const record of logs) {
    if (record.context?.platform === "report") {
      const report = readReport(messageOf(record, slice));
      const { requestId } = record.context;
      if (report) addReport(series, report, timeUnixSeconds(record, slice));
      if (report?.status === "timeout") failures.add("timeouts", requestId, timeUnixSeconds(record, slice));
      if (report?.errorType === "Runtime.OutOfMemory") {
        failures.add("out_of_memory", requestId, timeUnixSeconds(record, slice));
      }
    } else if (mayBeTimeout(slice.text, record.message)) {
      const requestId = timedOutRequest(messageOf(record, slice));
      if (requestId) failures.add("timeouts", requestId, timeUnixSeconds(record, slice));
    } else if (
      outOfMemory.some((needle) => needle.isBetween(record.message, record.messageEnd)) &&
      isOutOfMemory(messageOf(record, slice))
    ) {
      failures.add("out_of_memory", record.invocation?.requestId ?? "", timeUnixSeconds(record, slice));
    }
  }
  return series.metrics;
}

function addReport(series: SeriesList, report: LambdaReport, time: number | undefined): void {
  const { durationMs, billedDurationMs, maxMemoryUsedMB, initDurationMs, memorySizeMB } = report;
  const tags = [
    ...(memorySizeMB === undefined ? [] : [`memorysize:${memorySizeMB}`]),
    `cold_start:${initDurationMs !== undefined}`,
  ];
  series.add("duration", tags, time, seconds(durationMs));
  series.add("billed_duration", tags, time, seconds(billedDurationMs));
  series.add("max_memory_used", tags, time, maxMemoryUsedMB);
  series.add("init_duration", tags, time, seconds(initDurationMs));
  if (billedDurationMs === undefined || memorySizeMB === undefined) return;
  const gigabyteSeconds = (billedDurationMs / 1000) * (memorySizeMB / 1024);
  series.add("estimated_cost", tags, time, USD_PER_REQUEST + gigabyteSeconds * USD_PER_GB_SECOND);
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** When CloudWatch says that the line was written; undefined where it does not say it. */
function timeUnixSeconds({ start, message }: LogRecord, { text }: Slice): number | undefined {
  const unixMs = /"timestamp"\s*:\s*(\d{1,16})\b/.exec(text.slice(start, message))?.[1];
  return unixMs === undefined ? undefined : Math.floor(Number(unixMs) / 1000);
}

/** Several lines may tell of one request that it failed; it failed once. */
class FailureCounts {
  readonly #series: SeriesList;
  readonly #counted = new Set<string>();

  constructor(series: SeriesList) {
    this.#series = series;
  }

  /** @param requestId "" = unknown */
  add(name: "timeouts" | "out_of_memory", requestId: string, time: number | undefined): void {
    const failure = `${name} ${requestId}`;
    if (requestId !== "" && this.#counted.has(failure)) return;
    this.#counted.add(failure);
    this.#series.add(name, [], time, 1);
  }
}

class SeriesList {
  readonly metrics: Metric[] = [];
  readonly #byKey = new Map<string, Metric>();

  /** Without a time or a value there is no point. */
  add(name: string, tags: string[], time: number | undefined, value: number | undefined): void {
    if (time === undefined || value === undefined) return;
    const key = [name, ...tags].join();
    let metric = this.#byKey.get(key);
    if (!metric) {
      metric = { name: PREFIX + name, points: [], tags, isLine: false };
      this.#byKey.set(key, metric);
      this.metrics.push(metric);
    }
    const last = metric.points.at(-1);
    if (last?.timeUnixSeconds === time) last.values.push(value);
    else metric.points.push({ timeUnixSeconds: time, values: [value] });
  }
}
