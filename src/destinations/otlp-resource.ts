/** What produced a log stream, as OpenTelemetry's resource attributes. */
import type { AnyValue, Attributes, Resource } from "../telemetry.ts";

/** By which Datadog's OTLP intake chooses a parser. */
const SOURCE_KEY = "datadog.log.source";
/** Keys that hold lists by the conventions. */
const LISTS = ["aws.log.group.names", "aws.log.stream.names"];
/** What tags are by other names. */
const NAMES: Readonly<Record<string, string>> = {
  service: "service.name",
  env: "deployment.environment.name",
  version: "service.version",
};

/** What spans and lines say of the service that they are of; "" = nothing. */
export interface ServiceGiven {
  service: string;
  env: string;
  version: string;
}

/**
 * The resource's own attributes, and its tags where those say nothing. Of the names of a service what the line or its
 * trace says wins, so that logs and spans are of one service; then the given tags, then the resource.
 *
 * @param givenTags `DD_TAGS`: comma list of `key:value`; of one key the first counts
 * @see https://opentelemetry.io/docs/specs/semconv/resource/
 */
export function resourceAttributes(
  { attributes, source, tags, functionTags }: Resource,
  givenTags: string,
  given: ServiceGiven,
): Attributes {
  const fromGiven = fromTags(givenTags.split(",").reverse());
  const own = Object.entries(attributes).filter(([, value]) => value !== "");
  return Object.fromEntries<AnyValue>([
    ...fromTags([...tags, ...functionTags]),
    ...fromGiven,
    ...own.map(([key, value]) => [key, LISTS.includes(key) ? [value] : value] as const),
    ...(attributes["faas.name"] ? [["cloud.platform", "aws_lambda"] as const] : []),
    [SOURCE_KEY, source],
    ...fromGiven.filter(([key]) => key === NAMES.service),
    ...Object.entries(given).flatMap(([key, value]) => (value ? [[NAMES[key] as string, value] as const] : [])),
  ]);
}

/** `key:value` under the conventions' name for the key; of one key the last counts. */
function fromTags(tags: readonly string[]): [string, string][] {
  return tags.flatMap((tag) => {
    const text = tag.trim();
    const colon = text.indexOf(":");
    const key = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? "" : text.slice(colon + 1);
    return key === "" ? [] : [[Object.hasOwn(NAMES, key) ? (NAMES[key] as string) : key, value]];
  });
}
