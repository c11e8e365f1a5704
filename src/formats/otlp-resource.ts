/** A log stream's resource in OpenTelemetry's types: the same of its logs, its spans and its metrics. */
import type { AnyValue, Attributes, InstrumentationScope, Resource } from "../telemetry.ts";
import { sourceOfResource } from "./aws-source.ts";
import { logArnsOf } from "./log-arns.ts";

/** By which Datadog's OTLP intake chooses a parser. Nobody else has a name for it. */
const SOURCE_KEY = "datadog.log.source";
/** Of them there may be several, by OpenTelemetry's conventions. */
const LISTS = new Set(["aws.log.group.names", "aws.log.stream.names"]);
const SERVICE_KEY = "service.name";
/** What tags are by other names. */
const NAMES: Readonly<Record<string, string>> = {
  service: SERVICE_KEY,
  env: "deployment.environment.name",
  version: "service.version",
};

/** What settings say of everything. */
export interface GivenAttributes {
  /** `DD_TAGS`: comma list of `key:value`; of one key the first counts. */
  tags: string;
  /** `DD_SOURCE`; "" = what is found. */
  source: string;
}

/** What spans and lines say of the service that they are of; "" = nothing. */
export interface ServiceGiven {
  service: string;
  env: string;
  version: string;
}

/**
 * What is known of a log stream, without what tags and settings say.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/resource/cloud-provider/aws/logs/
 */
export function streamAttributesOf(resource: Resource): Attributes {
  const { attributes } = resource;
  const own = Object.entries(attributes)
    .filter(([, text]) => text !== "")
    .map(([key, text]): [string, AnyValue] => [key, LISTS.has(key) ? [text] : text]);
  const arns = Object.entries(logArnsOf(resource));
  return Object.fromEntries([
    ...own,
    ...arns,
    ...(attributes["faas.name"] ? [["cloud.platform", "aws_lambda"] as const] : []),
  ]);
}

/**
 * The same with AWS's tags and the given ones where the log stream says nothing, and the technology behind it. A given
 * service wins over that of the log stream.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/resource/
 */
export function resourceAttributesOf(resource: Resource, given: GivenAttributes): Attributes {
  const fromGiven = attributesOfTags(given.tags);
  const { [SERVICE_KEY]: service } = fromGiven;
  return {
    ...Object.fromEntries(named([...resource.tags, ...resource.functionTags])),
    ...fromGiven,
    ...streamAttributesOf(resource),
    [SOURCE_KEY]: sourceOfResource(resource, given.source),
    ...(service !== undefined && { [SERVICE_KEY]: service }),
  };
}

/** The forwarder, as what made log records and metrics of lines. */
export function scopeOfForwarder(version: string): InstrumentationScope {
  return { name: "log-trace-forwarder", version, attributes: {}, droppedAttributesCount: 0 };
}

/** `DD_TAGS` under the conventions' names; of one key the first counts. */
export function attributesOfTags(tags: string): Attributes {
  return Object.fromEntries(named(tags.split(",").reverse()));
}

/** The attributes with what a line, or its trace, says of its service: so its logs and spans are of one. */
export function withService(attributes: Attributes, given: ServiceGiven): Attributes {
  const said = Object.entries(given).filter(([, value]) => value !== "");
  return { ...attributes, ...Object.fromEntries(said.map(([key, value]) => [NAMES[key] as string, value])) };
}

/** `key:value` under the conventions' name for the key; of one key the last counts. */
function named(tags: readonly string[]): [string, string][] {
  return tags.flatMap((tag) => {
    const text = tag.trim();
    const colon = text.indexOf(":");
    const key = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? "" : text.slice(colon + 1);
    return key === "" ? [] : [[Object.hasOwn(NAMES, key) ? (NAMES[key] as string) : key, value]];
  });
}
