/** Makes logs of AWS WAF searchable. Loaded by the first of them. */
import { messageOf } from "../formats/message.ts";
import { wafLogByName } from "../formats/waf-log.ts";
import type { ResourceTelemetry } from "../telemetry.ts";

/** Messages that are no logs of WAF stay as they came. */
export function wafByName(telemetry: ResourceTelemetry): ResourceTelemetry {
  const { logs, slice } = telemetry;
  for (const record of logs) record.body = wafLogByName(messageOf(record, slice)) ?? record.body;
  return telemetry;
}
