/** Separates metric lines and trace payload lines from logs. */
import { MetricLines, metricReader } from "../formats/datadog-metric.ts";
import { traceFormats } from "../formats/index.ts";
import { messageIn } from "../formats/message.ts";
import { readerOf } from "../formats/trace-format.ts";
import type {
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

/**
 * Every log event becomes a log record, a trace payload or a metric, in order. A line that looks like a payload or a
 * metric and is not one, because it is cut or a field has a wrong type, is a log.
 *
 * @param table takes the spans; what it held of a slice before is lost
 * @throws {NotLoadedError} at the first line of a format
 */
export function split({ slice, logEvents }: LogEventBatch, resource: Resource, table: SpanTable): ResourceTelemetry {
  table.length = 0;
  table.texts = [];
  const logs: LogRecord[] = [];
  const tracePayloads: TracePayload[] = [];
  const metrics: Metric[] = [];
  const metricLines = new MetricLines(slice.text);
  for (let index = 0; index < logEvents.length; index++) {
    const event = logEvents[index] as LogEvent;
    const mayBeMetric = metricLines.mayBe(event.message, event.messageEnd);
    const metric = mayBeMetric ? metricReader().readMetricLine(messageIn(event, slice)) : undefined;
    const payload = metric ? undefined : readPayload(event, slice, table);
    if (metric) {
      metrics.push(metric);
    } else if (payload) {
      tracePayloads.push({ index, message: event.message, messageEnd: event.messageEnd, ...payload });
    } else {
      const { start, message, messageEnd, end } = event;
      logs.push({ start, message, messageEnd, end, index, body: null, context: null, invocation: null });
    }
  }
  return { resource, slice, logs, tracePayloads, metrics };
}

function readPayload(event: LogEvent, slice: Slice, table: SpanTable): Omit<TracePayload, "index"> | undefined {
  for (const format of traceFormats) {
    const isIt = format.mayBe(slice.text, event.message, event.messageEnd);
    const payload = isIt ? readerOf(format).read(event, slice, table) : undefined;
    if (payload) return payload;
  }
  return undefined;
}
