/** A log stream's resource in OpenTelemetry's types. */
import type { Attributes, Resource } from "../telemetry.ts";

/** Of them there may be several, by OpenTelemetry's conventions. */
const LISTS = new Set(["aws.log.group.names", "aws.log.stream.names"]);

/** @see https://opentelemetry.io/docs/specs/semconv/resource/cloud-provider/aws/logs/ */
export function resourceAttributesOf({ attributes }: Resource): Attributes {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, text]) => text !== "")
      .map(([key, text]) => [key, LISTS.has(key) ? [text] : text]),
  );
}
