/** Finds what each log line says about its own request and trace. */
import { readLogContext } from "../formats/log-context.ts";
import { messageOf } from "../formats/message.ts";
import type { ResourceTelemetry } from "../telemetry.ts";

export function parse(telemetry: ResourceTelemetry): ResourceTelemetry {
  const { logs, slice } = telemetry;
  for (const record of logs) {
    record.context = readLogContext(slice.text.slice(record.message, record.messageEnd), () =>
      messageOf(record, slice),
    );
  }
  return telemetry;
}
