/** Of which kind a log event is, by the formats' own looks. */
import { loadMetricReader, MetricLines } from "../../formats/datadog-metric.ts";
import { traceFormats } from "../../formats/index.ts";
import { messageIn } from "../../formats/message.ts";
import { createSpanTable } from "../../formats/span-table.ts";
import { loadReader, readerOf, type TraceFormat } from "../../formats/trace-format.ts";
import { TraceLines } from "../../formats/trace-lines.ts";
import type { LogEvent, LogRecord, Slice, TracePayload } from "../../telemetry.ts";
import { whyNot } from "./look-alike.ts";

/** Before `whyOf` is called. */
export async function loadFormats(): Promise<void> {
  await Promise.all([...traceFormats.map(loadReader), loadMetricReader()]);
}

/** Why an event is a log, in the order of the looks. */
export function whyLog(event: LogEvent, slice: Slice, record: LogRecord): string[] {
  const message = messageIn(event, slice);
  const isMetric = new MetricLines(slice.text).mayBe(event.message, event.messageEnd);
  const why = isMetric ? ["it has the keys of a metric line, but its m, v, e or t cannot be one"] : [];
  for (const format of formatsOf(event, slice)) {
    why.push(`it looks like a trace line of ${format.name}, and is none: ${whyNot(format, message)}`);
  }
  if (record.otlp) why.push("it is a log record of OpenTelemetry");
  const { platform } = record.context ?? {};
  if (platform) why.push(`Lambda writes it at the ${platform} of a request`);
  return why.length > 0 ? why : [`no format takes it for its own (metric line, ${traceFormatNames()})`];
}

/** Which format an event is of, that has become a trace payload. */
export function whyTraceLine(event: LogEvent, slice: Slice, { traces, table }: TracePayload): string[] {
  const format = formatsOf(event, slice).find((candidate) => readerOf(candidate).read(event, slice, createSpanTable()));
  const spans = traces.reduce((sum, { spanCount }) => sum + spanCount, 0);
  const how = table
    ? "its spans have the shape that tracers usually write"
    : "its spans are of a rare shape, and were parsed";
  return [`a trace line of ${format?.name ?? "a tracer"} with ${spans} spans: ${how}`];
}

/** The formats that the line may be of. */
function formatsOf({ message, messageEnd }: LogEvent, { text }: Slice): readonly TraceFormat[] {
  return new TraceLines(text).formatsOf(message, messageEnd);
}

function traceFormatNames(): string {
  return traceFormats.map(({ name }) => `trace line of ${name}`).join(", ");
}
