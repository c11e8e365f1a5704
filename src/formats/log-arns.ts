/** ARNs of the log group and stream that logs are from, in the account that owns them. */
import type { Resource } from "../telemetry.ts";

/**
 * Under OpenTelemetry's names, lists as the conventions have them; none where a part is unknown.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/aws/#amazon-cloudwatch-logs-attributes
 */
export function logArnsOf({ attributes }: Resource): Record<string, string[]> {
  const { "cloud.account.id": account, "cloud.region": region } = attributes;
  const { "aws.log.group.names": logGroup, "aws.log.stream.names": logStream } = attributes;
  if (!account || !region || !logGroup) return {};
  const group = `arn:${partitionOf(region)}:logs:${region}:${account}:log-group:${logGroup}`;
  return {
    "aws.log.group.arns": [`${group}:*`],
    ...(logStream && { "aws.log.stream.arns": [`${group}:log-stream:${logStream}`] }),
  };
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
