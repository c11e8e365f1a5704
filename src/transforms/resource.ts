/** What is known of a log stream's origin: account, region, function, service, and the technology behind it. */
import type { Forwarder, LogEventBatch, Resource } from "../telemetry.ts";

/** Custom log groups have the function's name in the stream: `YYYY/MM/DD/<function>[<version>]<32 hex>`. */
const CUSTOM_STREAM = /^\d{4}\/\d\d\/\d\d\/([\w-]{1,140})\[(?:\$LATEST(?:\.PUBLISHED)?|\d{1,20})\][0-9a-f]{32}$/;

/**
 * The resource of a log stream. Account comes from the delivery, not from the forwarder. No delivery says its region: a
 * subscription stays within its own, so it is the forwarder's, or that of the bucket it came through.
 *
 * @param givenSource instead of what is found; "" = none. What a function's log is known to be from does not depend on it
 */
export function resourceOf(
  { owner, logGroup, logStream, region: given, resource }: LogEventBatch,
  forwarder: Forwarder,
  givenSource = "",
): Resource {
  if (resource) return givenSource ? withSource(resource, givenSource) : resource;
  const region = given ?? forwarder.region;
  const functionName = functionNameOf(logGroup, logStream);
  const source = givenSource || sourceOf(logGroup, logStream, functionName);
  const attributes: Record<string, string> = {
    "cloud.provider": "aws",
    "cloud.account.id": owner,
    "cloud.region": region,
    "aws.log.group.names": logGroup,
    "aws.log.stream.names": logStream,
    "service.name": functionName || source,
  };
  if (functionName) {
    const { functionArn } = forwarder;
    const partition = functionArn.slice(4, functionArn.indexOf(":", 4)) || "aws";
    attributes["faas.name"] = functionName;
    attributes["faas.instance"] = logStream;
    attributes["cloud.resource_id"] = `arn:${partition}:lambda:${region}:${owner}:function:${functionName}`;
  }
  return { attributes, source, tags: [], functionTags: [] };
}

function withSource(resource: Resource, source: string): Resource {
  return { ...resource, source, attributes: { ...resource.attributes, "service.name": source } };
}

/** The function's name, lower case as the Datadog Forwarder has it; "" for what is no Lambda function. */
function functionNameOf(logGroup: string, logStream: string): string {
  const name = CUSTOM_STREAM.exec(logStream)?.[1] ?? /^\/aws\/lambda\/(.+)$/i.exec(logGroup)?.[1] ?? "";
  return name.toLowerCase();
}

function sourceOf(logGroup: string, logStream: string, functionName: string): string {
  if (functionName) return "lambda";
  const group = logGroup.toLowerCase();
  if (logStream.includes("_CloudTrail_")) return "cloudtrail";
  if (group.startsWith("/aws/kinesis")) return "kinesis";
  if (group.startsWith("sns/")) return "sns";
  return group.includes("cloudtrail") ? "cloudtrail" : "cloudwatch";
}
