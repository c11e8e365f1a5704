/** Separates metric lines and trace payload lines from logs. */
import { MetricLines, metricReader } from "../formats/datadog-metric.ts";
import { traceFormats } from "../formats/index.ts";
import { messageIn } from "../formats/message.ts";
import { type ReadLine, readerOf } from "../formats/trace-format.ts";
import { mayBeOf, TraceLines } from "../formats/trace-lines.ts";
import type {
  Invocation,
  LinkMethod,
  LogContext,
  LogEvent,
  LogEventBatch,
  LogRecord,
  Metric,
  Resource,
  ResourceTelemetry,
  Slice,
  SpanTable,
  TracePayload,
} from "../telemetry.ts";

/** Of lines that may hold what must not be shown, and hold it behind something else. */
const UNREADABLE = "unreadableOtlp";

/** A class, not an object literal (decision 58). */
class UnreadRecord implements LogRecord {
  declare start: number;
  declare message: number;
  declare messageEnd: number;
  declare end: number;
  declare index: number;
  body: string | null = null;
  context: LogContext | null = null;
  invocation: Invocation | null = null;
  linkMethod: LinkMethod = "";

  constructor(start: number, message: number, messageEnd: number, end: number, index: number) {
    this.start = start;
    this.message = message;
    this.messageEnd = messageEnd;
    this.end = end;
    this.index = index;
  }

  /** Decision 58. */
  static readonly kept = new UnreadRecord(0, 0, 0, 0, 0);
}

/**
 * Every log event becomes a log record, a trace payload or a metric, in order; one that is log records of OpenTelemetry
 * becomes those, and one of a few that are nobody's business is dropped. A line that looks like a payload or a metric
 * and is not one, because it is cut or a field has a wrong type, is a log.
 *
 * @param table takes the spans; what it held of a slice before is lost
 * @throws {NotLoadedError} at the first line of a format
 */
export function split({ slice, logEvents }: LogEventBatch, resource: Resource, table: SpanTable): ResourceTelemetry {
  table.length = 0;
  table.changedBytes = 0;
  const logs: LogRecord[] = [];
  const tracePayloads: TracePayload[] = [];
  const metrics: Metric[] = [];
  const dropped: Record<string, number> = {};
  const suspects: number[] = [];
  let unpacked = 0;
  const metricLines = new MetricLines(slice.text);
  const traceLines = new TraceLines(slice.text, logEvents);
  for (let index = 0; index < logEvents.length; index++) {
    const event = logEvents[index] as LogEvent;
    const mayBeMetric = metricLines.mayBe(event.message, event.messageEnd);
    const metric = mayBeMetric ? metricReader().readMetricLine(messageIn(event, slice)) : undefined;
    const read = metric || !traceLines.mayBe(index) ? undefined : readLine(event, slice, table);
    // It has something of a payload or a metric, and is not all of it.
    if (read === undefined ? mayBeMetric && !metric : isPart(read)) suspects.push(index);
    if (metric) {
      metrics.push(metric);
    } else if (read && "traces" in read) {
      tracePayloads.push({ index, message: event.message, messageEnd: event.messageEnd, ...read });
    } else if (read && "dropped" in read) {
      dropped[read.dropped] = (dropped[read.dropped] ?? 0) + 1;
    } else {
      const record = new UnreadRecord(event.start, event.message, event.messageEnd, event.end, index);
      if (read) {
        for (const log of read.logs) logs.push({ ...record, ...log });
        unpacked += read.logs.length - 1;
      } else {
        logs.push(record);
      }
    }
  }
  return { resource, slice, logs, tracePayloads, metrics, dropped, unpacked, suspects };
}

/** What the first format reads of a line that reads it; null: those that it may be of do not; undefined: there are none. */
function readLine(event: LogEvent, slice: Slice, table: SpanTable): ReadLine | null | undefined {
  const line = slice.text.slice(event.message, event.messageEnd);
  let isAsked = false;
  for (const format of traceFormats) {
    if (!mayBeOf(format, line)) continue;
    const read = readerOf(format).read(event, slice, table);
    if (read) return read;
    isAsked = true;
  }
  return isAsked ? null : undefined;
}

function isPart(read: ReadLine | null): boolean {
  return read === null || ("dropped" in read && read.dropped === UNREADABLE);
}
