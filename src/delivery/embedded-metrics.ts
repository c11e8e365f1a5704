/**
 * The ledger as metrics, in CloudWatch's embedded metric format: CloudWatch reads them from the line they are printed in,
 * so they cost no call. The names are those of the Datadog Forwarder's own metrics, and more of their kind.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { type DestinationBooks, type Ledger, total } from "./ledger.ts";

const NAMESPACE = "log-trace-forwarder";

/** What CloudWatch is told of each, and its value; undefined: it is left out. */
const METRICS = Object.entries<(ledger: Ledger) => number | undefined>({
  incoming_events: ({ events }) => events,
  logs_forwarded: (ledger) => delivered(ledger, "-logs"),
  traces_forwarded: (ledger) => delivered(ledger, "-traces"),
  metrics_forwarded: (ledger) => delivered(ledger, "-metrics"),
  events_dropped: ({ dropped }) => total(dropped),
  events_skipped: ({ skipped }) => total(skipped),
  events_stored: ({ destinations }) => Object.values(destinations).reduce((sum, { stored }) => sum + total(stored), 0),
  events_failed: (ledger) => sum(ledger, ({ failed }) => total(failed)),
  events_possibly_duplicated: (ledger) => sum(ledger, ({ possiblyDuplicated }) => possiblyDuplicated),
  unaccounted: ({ unaccounted }) => unaccounted,
  events_rejected: (ledger) => sum(ledger, ({ rejected = 0 }) => rejected) || undefined,
  events_redriven: ({ redrive }) => redrive?.delivered,
  oldest_stored_age_seconds: ({ redrive }) => redrive?.oldestStoredAgeSeconds,
  additional_targets_failed: ({ additionalTargets }) => additionalTargets && total(additionalTargets.failed),
}).map(([name, valueIn]) => ({
  definition: { Name: `aws.dd_forwarder.${name}`, Unit: name.endsWith("seconds") ? "Seconds" : "Count" },
  valueIn,
}));

/** What is added to the line that holds a closed ledger. */
export function embeddedMetrics(ledger: Ledger, functionName: string, nowUnixMs: number): Record<string, unknown> {
  const line: Record<string, unknown> = { FunctionName: functionName };
  const Metrics = [];
  for (const { definition, valueIn } of METRICS) {
    const value = valueIn(ledger);
    if (value === undefined) continue;
    line[definition.Name] = value;
    Metrics.push(definition);
  }
  line._aws = {
    Timestamp: nowUnixMs,
    CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [["FunctionName"]], Metrics }],
  };
  return line;
}

/** Over all destinations and a redrive. */
function sum({ destinations, redrive }: Ledger, of: (books: DestinationBooks) => number): number {
  return Object.values(destinations).reduce((sum, books) => sum + of(books), redrive ? of(redrive) : 0);
}

/** What goes to several backends is not forwarded several times: the first that takes the kind counts. */
function delivered({ destinations }: Ledger, kind: string): number {
  const first = Object.keys(destinations).find((name) => name.endsWith(kind)) ?? "";
  return destinations[first]?.delivered ?? 0;
}
