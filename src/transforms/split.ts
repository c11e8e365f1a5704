/** Separates trace payload lines from logs. */
import { traceFormats } from "../formats/index.ts";
import { messageOf } from "../formats/message.ts";
import type { LogEventBatch, LogRecord, Resource, ResourceTelemetry, Trace, TracePayload } from "../telemetry.ts";

/**
 * Every log event becomes a log record or a trace payload, in order. A line that looks like a payload and is not one,
 * because it is cut or a field has a wrong type, is a log.
 */
export function split({ slice, logEvents }: LogEventBatch, resource: Resource): ResourceTelemetry {
  const logs: LogRecord[] = [];
  const tracePayloads: TracePayload[] = [];
  for (let index = 0; index < logEvents.length; index++) {
    const { start, message, messageEnd, end } = logEvents[index] as LogEventBatch["logEvents"][number];
    const record: LogRecord = { start, message, messageEnd, end, index, body: null, context: null, invocation: null };
    const traces = readTraces(slice.text.slice(message, messageEnd), () => messageOf(record, slice));
    if (traces) tracePayloads.push({ index, traces });
    else logs.push(record);
  }
  return { resource, slice, logs, tracePayloads };
}

function readTraces(escaped: string, decode: () => string): Trace[] | undefined {
  for (const format of traceFormats) {
    const traces = format.mayBe(escaped) ? format.read(decode()) : undefined;
    if (traces) return traces;
  }
  return undefined;
}
