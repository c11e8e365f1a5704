/** Makes logs searchable that have lists of objects: AWS WAF's and Security Hub's. Loaded by the first of them. */
import { messageOf } from "../formats/message.ts";
import { wafLogByName } from "../formats/waf-log.ts";
import type { ResourceTelemetry } from "../telemetry.ts";
import { findingsApart } from "./security-hub.ts";

/**
 * Messages that are no logs of them stay as they came.
 *
 * @param reading its number of events grows where a log becomes several
 */
export function listsByName(telemetry: ResourceTelemetry, reading: { events: number }): ResourceTelemetry {
  if (telemetry.resource.source === "securityhub") return findingsApart(telemetry, reading);
  const { logs, slice } = telemetry;
  for (const record of logs) record.body = wafLogByName(messageOf(record, slice)) ?? record.body;
  return telemetry;
}
