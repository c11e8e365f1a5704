/**
 * Findings of AWS Security Hub, one log each, as in the Datadog Forwarder: Datadog makes no facets of what stands in a
 * list. Loaded by the first of them.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
 */
import { isJsonObject } from "../formats/json-object.ts";
import { byName, named } from "../formats/list-by-name.ts";
import { messageOf } from "../formats/message.ts";
import type { LogRecord, ResourceTelemetry } from "../telemetry.ts";

/** Of what all findings of an event repeat, in all: real events have 100 findings and repeat 2 KB. */
const MAX_REPEATED_CHARACTERS = 16 * 1024 * 1024;

/**
 * A log for each finding, in order: `detail.findings` becomes `detail.finding`, and its list `Resources` becomes
 * `resources`, by type. Of a type that comes twice, and of what has no type, nothing is lost. Logs without findings stay
 * as they are.
 *
 * @param reading each finding counts as an event in it
 */
export function findingsApart(telemetry: ResourceTelemetry, reading: { events: number }): ResourceTelemetry {
  const { resource, slice } = telemetry;
  if (!resource.hasObjects) return telemetry;
  const logs = telemetry.logs.flatMap((record): LogRecord[] => {
    const bodies = findingsIn(messageOf(record, slice));
    return bodies ? bodies.map((body) => ({ ...record, body })) : [record];
  });
  reading.events += logs.length - telemetry.logs.length;
  return { ...telemetry, logs };
}

/** Undefined where there are none. @param message JSON of an event */
function findingsIn(message: string): string[] | undefined {
  const event: unknown = JSON.parse(message);
  if (!isJsonObject(event) || !isJsonObject(event.detail)) return undefined;
  const { findings, ...detail } = event.detail;
  if (!Array.isArray(findings) || findings.length === 0) return undefined;
  const repeated = JSON.stringify({ ...event, detail }).length;
  if (repeated * findings.length > MAX_REPEATED_CHARACTERS) return undefined;
  return findings.map((given) => JSON.stringify({ ...event, detail: { ...detail, finding: withResources(given) } }));
}

/** Findings in the Open Cybersecurity Schema Framework have a list `resources` of their own, which stays. */
function withResources(finding: unknown): unknown {
  if (!isJsonObject(finding) || Object.hasOwn(finding, "resources")) return finding;
  const { Resources: list, ...rest } = finding;
  if (!Array.isArray(list) || list.length === 0) return { ...finding, resources: {} };
  return { ...rest, resources: byName(list, (element, position) => named(element, "Type") ?? [position, element]) };
}
