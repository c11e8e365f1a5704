/**
 * Spans as CloudWatch's Transaction Search writes them into the log group `aws/spans`, one an event: flat JSON with
 * OpenTelemetry's names. They are told by their shape, so that a copy in another log group is read too.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Transaction-Search-ingesting-span-log-groups.html
 */
import { type TraceFormat, UNIX_NANO } from "./trace-format.ts";

export const awsSpans: TraceFormat = {
  name: "aws-spans",
  needle: UNIX_NANO,
  load: () => import("./aws-spans-reader.ts"),
};
