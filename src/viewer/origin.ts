import type { AnyValue, Attributes } from "../telemetry.ts";
import { textOfValue } from "./any-value.ts";
import type { Origin } from "./received.ts";

/** @param attributes of the resource, in OpenTelemetry's words */
export function originOf(attributes: Attributes, scope = { name: "", version: "" }): Origin {
  const logGroup = firstOf(attributes["aws.log.group.names"]);
  const logStream = firstOf(attributes["aws.log.stream.names"]);
  return {
    attributes,
    scope,
    service: textOfValue(attributes["service.name"]),
    source: textOfValue(attributes.ddsource) || textOfValue(attributes["datadog.log.source"]),
    logGroup,
    logStream,
    functionName: textOfValue(attributes["faas.name"]) || functionOf(logGroup, logStream),
  };
}

/** OpenTelemetry has lists of log groups and streams, some senders only a name. */
function firstOf(value: AnyValue | undefined): string {
  return textOfValue(Array.isArray(value) ? value[0] : value);
}

/** The stream names the function where the log group is not the function's own. */
function functionOf(logGroup: string, logStream: string): string {
  const ofGroup = /^\/aws\/lambda\/(.{1,140})$/.exec(logGroup)?.[1];
  return ofGroup ?? /^\d{4}\/\d\d\/\d\d\/([\w-]{1,140})\[[^\]]{1,20}\]/.exec(logStream)?.[1] ?? "";
}
