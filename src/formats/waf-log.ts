/**
 * Logs of AWS WAF. They have lists of objects (headers, rules) that Datadog cannot make facets of, so each becomes an
 * object by name, as in the Datadog Forwarder. Everything else stays as it was written.
 *
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
 */

import { type Member, membersOf } from "./json-members.ts";
import { isJsonObject } from "./json-object.ts";
import { byName, type Entry, named } from "./list-by-name.ts";

/** The message with its lists by name; undefined when there is none of them, or it is no JSON object. */
export function wafLogByName(message: string): string | undefined {
  try {
    return isJsonObject(JSON.parse(message)) ? withListsByName(message) : undefined;
  } catch {
    // It is no JSON, or nested deeper than can be written again.
    return undefined;
  }
}

/** @param log JSON of an object */
function withListsByName(log: string): string | undefined {
  let text = "";
  let at = 0;
  for (const member of membersOf(log)) {
    const changed = changedMember(member, log.slice(member.value, member.end));
    if (changed === undefined) continue;
    text += log.slice(at, member.value) + changed;
    at = member.end;
  }
  return at === 0 ? undefined : text + log.slice(at);
}

function changedMember({ name }: Member, json: string): string | undefined {
  switch (name) {
    case "httpRequest":
      return withHeadersByName(json);
    case "ruleGroupList":
      return listByName(json, ruleGroup);
    case "rateBasedRuleList":
    case "nonTerminatingMatchingRules":
      return listByName(json, rule);
    default:
      return undefined;
  }
}

function withHeadersByName(request: string): string | undefined {
  if (!request.startsWith("{")) return undefined;
  const headers = membersOf(request).findLast(({ name }) => name === "headers");
  const changed = headers && listByName(request.slice(headers.value, headers.end), header);
  return headers && changed && request.slice(0, headers.value) + changed + request.slice(headers.end);
}

/** Undefined for what is no list, or an empty one. */
function listByName(json: string, entryOf: (element: unknown, position: string) => Entry): string | undefined {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) && list.length > 0 ? JSON.stringify(byName(list, entryOf)) : undefined;
}

function header(element: unknown, position: string): Entry {
  const isHeader = isJsonObject(element) && Object.hasOwn(element, "name") && Object.hasOwn(element, "value");
  return isHeader && typeof element.name === "string" ? [element.name, element.value] : [position, element];
}

function rule(element: unknown, position: string): Entry {
  return named(element, "ruleId") ?? named(element, "rateBasedRuleName") ?? header(element, position);
}

function ruleGroup(element: unknown, position: string): Entry {
  const [name, group] = named(element, "ruleGroupId") ?? [position, element];
  if (!isJsonObject(group)) return [name, group];
  const entries = Object.entries(group).map(([key, value]): Entry => {
    if (key === "terminatingRule" && isJsonObject(value)) return [key, byName([value], rule)];
    const isList = key === "nonTerminatingMatchingRules" || key === "excludedRules";
    return isList && Array.isArray(value) ? [key, byName(value, rule)] : [key, value];
  });
  return [name, Object.fromEntries(entries)];
}
