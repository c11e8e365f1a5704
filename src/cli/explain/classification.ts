/** Of which kind a log event is, by the formats' own looks. */
import { loadMetricReader, MetricLines, metricReader } from "../../formats/datadog-metric.ts";
import { traceFormats } from "../../formats/index.ts";
import { messageIn } from "../../formats/message.ts";
import { createSpanTable } from "../../formats/span-table.ts";
import { loadReader, readerOf, type TraceFormat } from "../../formats/trace-format.ts";
import { mayBeOf, TraceLines } from "../../formats/trace-lines.ts";
import type { LogEvent, LogRecord, Slice, TracePayload } from "../../telemetry.ts";
import { whyNot } from "./look-alike.ts";

/** Before anything here is asked. */
export async function loadFormats(): Promise<void> {
  await Promise.all([...traceFormats.map(loadReader), loadMetricReader()]);
}

/** Why an event is a log, in the order of the looks. @param logs how many the event became */
export function whyLog(event: LogEvent, slice: Slice, record: LogRecord, logs: number): string[] {
  const message = messageIn(event, slice);
  if (record.otlp) {
    const [format] = formatsThatRead(event, slice);
    const which = logs > 1 ? `one of the ${logs} log records` : "a log record";
    return [`it is ${which} in a line of ${format?.name ?? "OpenTelemetry"}`];
  }
  if (logs > 1) return [`it is one of the ${logs} findings in an event of Security Hub`];
  const isMetric = new MetricLines(slice.text).mayBe(event.message, event.messageEnd);
  const why = isMetric ? ["it has the keys of a metric line, but its m, v, e or t cannot be one"] : [];
  for (const format of formatsOf(event, slice)) {
    why.push(`it looks like a trace line of ${format.name}, and is none: ${whyNot(format, message)}`);
  }
  const { platform } = record.context ?? {};
  if (platform) why.push(`Lambda writes it at the ${platform} of a request`);
  return why.length > 0 ? why : [`no format takes it for its own (metric line, trace line of ${traceFormatNames()})`];
}

/** Why an event of a format goes no further; "" where it does. */
export function whyDropped(event: LogEvent, slice: Slice): string {
  const [format] = formatsThatRead(event, slice);
  const read = format && readerOf(format).read(event, slice, createSpanTable());
  return read && "dropped" in read ? read.dropped : "";
}

/** Whether an event is a metric line. */
export function isMetricLine(event: LogEvent, slice: Slice): boolean {
  return metricReader().readMetricLine(messageIn(event, slice)) !== undefined;
}

function formatsThatRead(event: LogEvent, slice: Slice): TraceFormat[] {
  return formatsOf(event, slice).filter((format) => readerOf(format).read(event, slice, createSpanTable()));
}

/** Which format an event is of, that has become a trace payload. */
export function whyTraceLine(event: LogEvent, slice: Slice, { traces, table }: TracePayload): string[] {
  const [format] = formatsThatRead(event, slice);
  const spans = traces.reduce((sum, { spanCount }) => sum + spanCount, 0);
  const what = `a trace line of ${format?.name ?? "a tracer"} with ${spans} spans`;
  if (format?.name !== "datadog") return [what];
  return [
    table
      ? `${what}: its spans have the shape that tracers usually write`
      : `${what}: its spans are of a rare shape, and were parsed`,
  ];
}

/** The formats that the line may be of. */
function formatsOf(event: LogEvent, { text }: Slice): TraceFormat[] {
  if (!new TraceLines(text, [event]).mayBe(0)) return [];
  const line = text.slice(event.message, event.messageEnd);
  return traceFormats.filter((format) => mayBeOf(format, line));
}

function traceFormatNames(): string {
  return traceFormats.map(({ name }) => name).join(", ");
}
