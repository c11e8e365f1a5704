/**
 * What the lines of a Lambda function's platform and runtime tell, as metrics in the names and units of Datadog's enhanced
 * Lambda metrics. Their tags of the function itself are the destination's to add.
 *
 * @see https://docs.datadoghq.com/serverless/aws_lambda/metrics/#enhanced-lambda-metrics
 */
import { unixMsAt } from "../formats/event-time.ts";
import { mayBeTimeout, outOfMemoryNeedles } from "../formats/lambda-failure.ts";
import { isOutOfMemory, timedOutRequest } from "../formats/lambda-failure-reader.ts";
import { type LambdaReport, readReport } from "../formats/lambda-report.ts";
import { LambdaReportReader } from "../formats/lambda-report-reader.ts";
import { messageOf } from "../formats/message.ts";
import type { Needle } from "../formats/needle.ts";
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
  const reader = new LambdaReportReader(slice);
  const metrics: Metric[] = [];
  const reports = new ReportSeries(metrics);
  const failures = new FailureCounts(metrics);
  for (const record of logs) {
    if (record.context?.platform === "report") {
      const report = (record.body === null && reader.read(record)) || readReport(messageOf(record, slice));
      if (!report) continue;
      const { requestId } = record.context;
      const time = timeUnixSeconds(record, slice);
      reports.add(report, time);
      if (report.status === "timeout") failures.add("timeouts", requestId, time);
      if (report.errorType === "Runtime.OutOfMemory") failures.add("out_of_memory", requestId, time);
    } else if (mayBeTimeout(slice.text, record.message)) {
      const requestId = timedOutRequest(messageOf(record, slice));
      if (requestId) failures.add("timeouts", requestId, timeUnixSeconds(record, slice));
    } else if (hasOneOf(outOfMemory, record) && isOutOfMemory(messageOf(record, slice))) {
      failures.add("out_of_memory", record.invocation?.requestId ?? "", timeUnixSeconds(record, slice));
    }
  }
  return metrics;
}

/** Records are asked for in their order. */
function hasOneOf(needles: readonly Needle[], { message, messageEnd }: LogRecord): boolean {
  for (const needle of needles) if (needle.isBetween(message, messageEnd)) return true;
  return false;
}

/** When CloudWatch says that the line was written; undefined where it does not say it. */
function timeUnixSeconds({ message }: LogRecord, slice: Slice): number | undefined {
  const unixMs = unixMsAt(slice, message);
  return Number.isNaN(unixMs) ? undefined : Math.floor(unixMs / 1000);
}

/** Series with the same tags, by name. */
class Series {
  readonly #metrics: Metric[];
  readonly #tags: string[];
  readonly #byName = new Map<string, Metric>();

  /** @param metrics takes each series when it has its first point */
  constructor(metrics: Metric[], tags: string[]) {
    this.#metrics = metrics;
    this.#tags = tags;
  }

  /** Without a time or a value there is no point. */
  add(name: string, time: number | undefined, value: number | undefined): void {
    if (time === undefined || value === undefined) return;
    let metric = this.#byName.get(name);
    if (!metric) {
      metric = { name: PREFIX + name, points: [], tags: this.#tags, isLine: false };
      this.#byName.set(name, metric);
      this.#metrics.push(metric);
    }
    const last = metric.points.at(-1);
    if (last?.timeUnixSeconds === time) last.values.push(value);
    else metric.points.push({ timeUnixSeconds: time, values: [value] });
  }
}

/** What reports tell, with what stands in the tags of its series. */
class ReportSeries {
  readonly #metrics: Metric[];
  readonly #byTags = new Map<string, Series>();
  /** The last, and what it is of: mostly the next report is of the same. */
  #series: Series | undefined;
  #memorySizeMB: number | undefined;
  #isColdStart = false;

  constructor(metrics: Metric[]) {
    this.#metrics = metrics;
  }

  /** Decision 58. */
  static readonly kept = new ReportSeries([]);

  add(report: LambdaReport, time: number | undefined): void {
    const { durationMs, billedDurationMs, maxMemoryUsedMB, initDurationMs, memorySizeMB } = report;
    const series = this.#seriesOf(memorySizeMB, initDurationMs !== undefined);
    series.add("duration", time, seconds(durationMs));
    series.add("billed_duration", time, seconds(billedDurationMs));
    series.add("max_memory_used", time, maxMemoryUsedMB);
    series.add("init_duration", time, seconds(initDurationMs));
    if (billedDurationMs === undefined || memorySizeMB === undefined) return;
    const gigabyteSeconds = (billedDurationMs / 1000) * (memorySizeMB / 1024);
    series.add("estimated_cost", time, USD_PER_REQUEST + gigabyteSeconds * USD_PER_GB_SECOND);
  }

  #seriesOf(memorySizeMB: number | undefined, isColdStart: boolean): Series {
    const isSame = memorySizeMB === this.#memorySizeMB && isColdStart === this.#isColdStart;
    if (this.#series && isSame) return this.#series;
    const ofMemory = memorySizeMB === undefined ? [] : [`memorysize:${memorySizeMB}`];
    const tags = [...ofMemory, `cold_start:${isColdStart}`];
    const series = this.#byTags.get(tags.join()) ?? new Series(this.#metrics, tags);
    this.#byTags.set(tags.join(), series);
    this.#memorySizeMB = memorySizeMB;
    this.#isColdStart = isColdStart;
    this.#series = series;
    return series;
  }
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** Several lines may tell of one request that it failed; it failed once. */
class FailureCounts {
  readonly #series: Series;
  readonly #counted = new Set<string>();

  constructor(metrics: Metric[]) {
    this.#series = new Series(metrics, []);
  }

  /** Decision 58. */
  static readonly kept = new FailureCounts([]);

  /** @param requestId "" = unknown */
  add(name: "timeouts" | "out_of_memory", requestId: string, time: number | undefined): void {
    const failure = `${name} ${requestId}`;
    if (requestId !== "" && this.#counted.has(failure)) return;
    this.#counted.add(failure);
    this.#series.add(name, time, 1);
  }
}
