/**
 * The name of the log group that an event of CloudTrail is about, as EventBridge gives it: one was made, or got tags;
 * undefined for any other event, and for a call that failed.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/logging_cw_api_calls_cwl.html
 */
export function createdLogGroup(event: unknown): string | undefined {
  const { detail } = (event ?? {}) as { detail?: Record<string, unknown> };
  if (detail?.eventSource !== "logs.amazonaws.com" || detail.errorCode !== undefined) return undefined;
  const given = (detail.requestParameters ?? {}) as Record<string, unknown>;
  switch (detail.eventName) {
    case "CreateLogGroup":
    case "TagLogGroup":
      return typeof given.logGroupName === "string" ? given.logGroupName : undefined;
    case "TagResource":
      return /:log-group:([^:]+)(?::\*)?$/.exec(String(given.resourceArn))?.[1];
    default:
      return undefined;
  }
}
