/**
 * The ledger as metrics, in CloudWatch's embedded metric format: CloudWatch reads them from the line they are printed in,
 * so they cost no call. The names are those of the Datadog Forwarder's own metrics, and more of their kind.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { type DestinationBooks, type Ledger, total } from "./ledger.ts";

/** What CloudWatch is told of each metric, in the order of the line. */
const DEFINITIONS = [
  "incoming_events",
  "logs_forwarded",
  "traces_forwarded",
  "metrics_forwarded",
  "events_dropped",
  "events_skipped",
  "events_stored",
  "events_failed",
  "events_possibly_duplicated",
  "unaccounted",
  "events_rejected",
  "events_redriven",
  "oldest_stored_age_seconds",
  "additional_targets_failed",
].map((name) => ({ Name: `aws.dd_forwarder.${name}`, Unit: name.endsWith("seconds") ? "Seconds" : "Count" }));

/** What is added to the line that holds a closed ledger. */
export function embeddedMetrics(ledger: Ledger, functionName: string, nowUnixMs: number): Record<string, unknown> {
  const line: Record<string, unknown> = { FunctionName: functionName };
  const values = valuesIn(ledger);
  const Metrics = [];
  for (let index = 0; index < values.length; index++) {
    if (values[index] === undefined) continue;
    const definition = DEFINITIONS[index] as (typeof DEFINITIONS)[number];
    line[definition.Name] = values[index];
    Metrics.push(definition);
  }
  line._aws = {
    Timestamp: nowUnixMs,
    CloudWatchMetrics: [{ Namespace: "log-trace-forwarder", Dimensions: [["FunctionName"]], Metrics }],
  };
  return line;
}

/** The value of each metric; undefined: it is left out. */
function valuesIn(ledger: Ledger): (number | undefined)[] {
  const { destinations, redrive, additionalTargets } = ledger;
  let stored = 0;
  let failed = redrive ? total(redrive.failed) : 0;
  let possiblyDuplicated = redrive?.possiblyDuplicated ?? 0;
  let rejected = redrive?.rejected ?? 0;
  for (const name in destinations) {
    const books = destinations[name] as DestinationBooks;
    stored += total(books.stored);
    failed += total(books.failed);
    possiblyDuplicated += books.possiblyDuplicated;
    rejected += books.rejected ?? 0;
  }
  return [
    ledger.events,
    delivered(ledger, "-logs"),
    delivered(ledger, "-traces"),
    delivered(ledger, "-metrics"),
    total(ledger.dropped),
    total(ledger.skipped),
    stored,
    failed,
    possiblyDuplicated,
    ledger.unaccounted,
    rejected || undefined,
    redrive?.delivered,
    redrive?.oldestStoredAgeSeconds,
    additionalTargets && total(additionalTargets.failed),
  ];
}

/** What goes to several backends is not forwarded several times: the first that takes the kind counts. */
function delivered({ destinations }: Ledger, kind: string): number {
  for (const name in destinations) if (name.endsWith(kind)) return destinations[name]?.delivered ?? 0;
  return 0;
}
