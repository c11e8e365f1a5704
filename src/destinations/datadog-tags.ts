/** What Datadog is told of a log by tags, in the Datadog Forwarder's order. */
import type { Forwarder, Resource } from "../telemetry.ts";

export interface DatadogTagSettings {
  /** `DD_TAGS`: comma list of `key:value`. */
  tags: string;
  /** `DD_SOURCE`: the source that was given for everything; "" = none. */
  source: string;
}

const SERVICE = "service:";

/**
 * The tags: those that were given, the forwarder's own, the log group's (a bucket's come first of all); of a Lambda function what its ARN and its tags
 * say, sorted; and last the message's. There is one `service:` at most, and the function's `env:` and the message's
 * replace `env:none`.
 *
 * The service is the first that one of these names: the message, the given tags, the log group, the function's tags. Else
 * it is the resource's: the function's name, or the source.
 *
 * @param ofMessage comma list; spaces in it do not count
 */
export function tagsOf(
  { attributes, tags: ofPlace, functionTags }: Resource,
  settings: DatadogTagSettings,
  forwarder: Forwarder,
  ofMessage: string,
): { ddtags: string; service: string | undefined } {
  const given = listed(settings.tags);
  given.push(`forwardername:${forwarder.functionName.toLowerCase()}`, `forwarder_version:${forwarder.version}`);
  if (settings.source) given.push("source_overridden:true");
  const tags = attributes["aws.s3.key"] ? ofPlace.concat(given) : given.concat(ofPlace);
  const own = listed(ofMessage.replaceAll(" ", ""));
  const ownService = serviceIn(own);
  const known = ownService ?? serviceIn(tags);
  let service = known ?? attributes["service.name"];
  if (attributes["faas.name"]) {
    if (!tags.some(isEnv) && !functionTags.some(isEnv) && !own.some(isEnv)) tags.push("env:none");
    const ofFunction = [
      `aws_account:${attributes["cloud.account.id"]}`,
      `functionname:${attributes["faas.name"]}`,
      `region:${attributes["cloud.region"]}`,
    ];
    for (const tag of functionTags) if (!isService(tag)) ofFunction.push(tag);
    if (!known) {
      service = serviceIn(functionTags) ?? service;
      ofFunction.push(SERVICE + service);
    }
    tags.push(...new Set(ofFunction.sort()));
  }
  const kept: string[] = [];
  addWithOneService(tags, ownService !== undefined, kept);
  addWithOneService(own, false, kept);
  return { ddtags: kept.join(","), service };
}

/** @param isServed whether the one service stands elsewhere */
function addWithOneService(tags: readonly string[], isServed: boolean, to: string[]): void {
  let isNamed = isServed;
  for (const tag of tags) {
    const names = isService(tag);
    if (!names || !isNamed) to.push(tag);
    isNamed ||= names;
  }
}

function listed(tags: string): string[] {
  const list: string[] = [];
  for (const tag of tags.split(",")) if (tag.trim()) list.push(tag.trim());
  return list;
}

function isEnv(tag: string): boolean {
  return tag.startsWith("env:");
}

function isService(tag: string): boolean {
  return tag.startsWith(SERVICE) && tag.length > SERVICE.length;
}

function serviceIn(tags: readonly string[]): string | undefined {
  return tags.find(isService)?.slice(SERVICE.length);
}
