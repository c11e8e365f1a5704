/** What Datadog is told of a log by tags, in the Datadog Forwarder's order. */
import type { Forwarder, Resource } from "../telemetry.ts";

export interface DatadogTagSettings {
  /** `DD_TAGS`: comma list of `key:value`. */
  tags: string;
  /** `DD_SOURCE`: the source that was given for everything; "" = none. */
  source: string;
}

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
  const given = [
    ...listed(settings.tags),
    `forwardername:${forwarder.functionName.toLowerCase()}`,
    `forwarder_version:${forwarder.version}`,
    ...(settings.source ? ["source_overridden:true"] : []),
  ];
  const common = attributes["aws.s3.key"] ? [...ofPlace, ...given] : [...given, ...ofPlace];
  const own = listed(ofMessage.replaceAll(" ", ""));
  const known = serviceIn(own) ?? serviceIn(common);
  let service = known ?? attributes["service.name"];
  const ofFunction: string[] = [];
  if (attributes["faas.name"]) {
    service = known ?? serviceIn(functionTags) ?? service;
    ofFunction.push(
      ...functionTags.filter((tag) => !isService(tag)),
      `aws_account:${attributes["cloud.account.id"]}`,
      `functionname:${attributes["faas.name"]}`,
      `region:${attributes["cloud.region"]}`,
    );
    if (!known) ofFunction.push(`service:${service}`);
    if (![...common, ...functionTags, ...own].some((tag) => tag.startsWith("env:"))) common.push("env:none");
  }
  let tags = [...common, ...new Set(ofFunction.sort())];
  if (serviceIn(own)) tags = tags.filter((tag) => !isService(tag));
  tags.push(...own);
  const first = tags.findIndex(isService);
  return { ddtags: tags.filter((tag, index) => !isService(tag) || index === first).join(","), service };
}

function listed(tags: string): string[] {
  return tags
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);
}

function isService(tag: string): boolean {
  return tag.startsWith("service:") && tag.length > "service:".length;
}

function serviceIn(tags: readonly string[]): string | undefined {
  return tags.find(isService)?.slice("service:".length);
}
