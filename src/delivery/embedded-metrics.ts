/**
 * The ledger as metrics, in CloudWatch's embedded metric format: CloudWatch reads them from the line they are printed in,
 * so they cost no call. The names are those of the Datadog Forwarder's own metrics, and more of their kind.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { type Ledger, total } from "./ledger.ts";

const NAMESPACE = "log-trace-forwarder";

/** What is added to the line that holds a closed ledger. */
export function embeddedMetrics(ledger: Ledger, functionName: string, nowUnixMs: number): Record<string, unknown> {
  const metrics = metricsOf(ledger);
  const definitions = Object.keys(metrics).map((Name) => ({
    Name,
    Unit: Name.endsWith("seconds") ? "Seconds" : "Count",
  }));
  return {
    FunctionName: functionName,
    ...metrics,
    _aws: {
      Timestamp: nowUnixMs,
      CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [["FunctionName"]], Metrics: definitions }],
    },
  };
}

function metricsOf({
  events,
  dropped,
  skipped,
  unaccounted,
  destinations,
  redrive,
  additionalTargets,
}: Ledger): Record<string, number> {
  const all = [...Object.values(destinations), ...(redrive ? [redrive] : [])];
  const sum = (of: (books: (typeof all)[number]) => number): number =>
    all.reduce((total, books) => total + of(books), 0);
  // What goes to several backends is not forwarded several times: the first that takes the kind counts.
  const delivered = (kind: string): number =>
    Object.entries(destinations).find(([name]) => name.endsWith(`-${kind}`))?.[1].delivered ?? 0;
  const rejected = sum((books) => books.rejected ?? 0);
  const metrics: Record<string, number> = {
    incoming_events: events,
    logs_forwarded: delivered("logs"),
    traces_forwarded: delivered("traces"),
    metrics_forwarded: delivered("metrics"),
    events_dropped: total(dropped),
    events_skipped: total(skipped),
    events_stored: Object.values(destinations).reduce((sum, { stored }) => sum + total(stored), 0),
    events_failed: sum(({ failed }) => total(failed)),
    events_possibly_duplicated: sum(({ possiblyDuplicated }) => possiblyDuplicated),
    unaccounted,
  };
  if (rejected > 0) metrics.events_rejected = rejected;
  if (redrive) {
    metrics.events_redriven = redrive.delivered;
    metrics.oldest_stored_age_seconds = redrive.oldestStoredAgeSeconds;
  }
  if (additionalTargets) metrics.additional_targets_failed = total(additionalTargets.failed);
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`aws.dd_forwarder.${name}`, value]));
}
