/** Finds what each log line says about its own request and trace. */
import { completely, LogContextReader } from "../formats/log-context-reader.ts";
import type { LogContext, ResourceTelemetry } from "../telemetry.ts";

/** Log records of one slice that say the same may share one context. @throws {NotLoadedError} */
export function parse(telemetry: ResourceTelemetry): ResourceTelemetry {
  const { logs, slice } = telemetry;
  const reader = new LogContextReader(slice);
  for (const record of logs) {
    // It says so in its own fields, and was read with them.
    if (record.otlp) continue;
    record.context = record.body === null ? reader.read(record.message, record.messageEnd) : contextOfBody(record.body);
  }
  return telemetry;
}

/** What the message says that a transform made. */
function contextOfBody(body: string): LogContext | null {
  const escaped = Buffer.from(JSON.stringify(body).slice(1, -1)).toString("latin1");
  return completely().readLogContext(escaped, () => body);
}
