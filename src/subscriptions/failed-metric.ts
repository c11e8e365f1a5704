/**
 * How many log groups keep their subscriptions as they were because AWS refused a change, as a metric in CloudWatch's
 * embedded metric format. It is added to a line that is printed anyway; where nothing failed there is none, and no charge.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function failedMetric(failed: number, functionName: string, nowUnixMs: number): Record<string, unknown> {
  if (failed === 0) return {};
  const Name = "aws.dd_forwarder.log_groups_failed";
  return {
    FunctionName: functionName,
    [Name]: failed,
    _aws: {
      Timestamp: nowUnixMs,
      CloudWatchMetrics: [
        {
          Namespace: "log-trace-forwarder",
          Dimensions: [["FunctionName"]],
          Metrics: [{ Name, Unit: "Count" }],
        },
      ],
    },
  };
}
