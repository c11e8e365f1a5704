import type { Config } from "../../config.ts";
import { isJsonObject } from "../../formats/json-object.ts";
import type { Resource } from "../../telemetry.ts";
import type { Origin } from "./explanation.ts";

/**
 * Where a log says it comes from, and by what rule.
 *
 * @param item what the logs intake would get
 */
export function originOf({ attributes, source, tags, functionTags }: Resource, item: unknown, config: Config): Origin {
  const { ddtags = "", host = "", service = "" } = isJsonObject(item) ? item : {};
  const logGroup = attributes["aws.log.group.names"];
  return {
    source,
    sourceBy: sourceBy(),
    host: String(host),
    hostBy:
      host === attributes["cloud.resource_id"]
        ? "the function's ARN"
        : host === logGroup
          ? "the log group's name"
          : "the EC2 instance in the CloudTrail record",
    service: String(service),
    serviceBy: serviceBy(),
    tags: String(ddtags).split(",").filter(Boolean),
  };

  function sourceBy(): string {
    if (config.source) return "DD_SOURCE";
    if (logGroup === undefined) return "the AWS service that the event is of";
    if (attributes["faas.name"]) {
      return /^\/aws\/lambda\//i.test(logGroup ?? "")
        ? "the log group is a Lambda function's"
        : "the log stream's name is that of a Lambda function";
    }
    return source === "cloudwatch"
      ? "no other source fits the log group's name"
      : "the name of the log group or stream";
  }

  function serviceBy(): string {
    const tag = `service:${service}`;
    if (config.tags.split(",").some((it) => it.trim() === tag)) return "DD_TAGS";
    if (tags.includes(tag)) return "a tag of the log group";
    if (functionTags.includes(tag)) return "a tag of the function";
    if (service === attributes["faas.name"]) return "the function's name";
    return service === source ? "the source" : "ddtags of the message";
  }
}
