/**
 * Events of AWS Security Hub. Each has a list of findings, and each finding a list of resources; Datadog makes facets of
 * neither, so there is an event a finding, with its resources by type, as in the Datadog Forwarder.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
 */

import { elementsOf, type Member, membersOf } from "./json-members.ts";
import { isJsonObject } from "./json-object.ts";
import { byName, named } from "./list-by-name.ts";

/** Each finding becomes an event with all that stands around it. Security Hub sends a few dozen at most. */
const MAX_FINDINGS = 1_000;

/**
 * An event a finding, in order: `detail.findings` is `detail.finding`, and its `Resources` are `resources`, by type.
 * Everything else stays as it was written. Undefined when there is no finding in it, or
 * more than Security Hub sends.
 *
 * @param event JSON text
 */
export function findingsOf(event: string): string[] | undefined {
  try {
    return isJsonObject(JSON.parse(event)) ? eventsOf(event) : undefined;
  } catch {
    // It is no JSON, or nested deeper than can be written again.
    return undefined;
  }
}

function eventsOf(event: string): string[] | undefined {
  const detail = memberOf(event, "detail");
  const findings = detail && memberOf(event.slice(detail.value, detail.end), "findings");
  if (!findings) return undefined;
  const [start, end] = [detail.value + findings.start, detail.value + findings.end];
  const list = event.slice(detail.value + findings.value, end);
  if (!list.startsWith("[")) return undefined;
  const found = elementsOf(list);
  if (found.length === 0 || found.length > MAX_FINDINGS) return undefined;
  const [front, back] = [event.slice(0, start), event.slice(end)];
  return found.map((finding) => `${front}"finding":${withResources(finding)}${back}`);
}

function withResources(finding: string): string {
  const resources = memberOf(finding, "Resources");
  const list: unknown = resources && JSON.parse(finding.slice(resources.value, resources.end));
  if (!resources || !Array.isArray(list)) return finding;
  const byType = byName(list, (element, position) => named(element, "Type") ?? [position, element]);
  return `${finding.slice(0, resources.start)}"resources":${JSON.stringify(byType)}${finding.slice(resources.end)}`;
}

/** The one that counts where there are several. */
function memberOf(json: string, name: string): Member | undefined {
  return json.trimStart().startsWith("{") ? membersOf(json).findLast((member) => member.name === name) : undefined;
}
