import { embeddedMetrics } from "../../src/delivery/embedded-metrics.ts";
import { booksOf, closeLedger, count, openLedger } from "../../src/delivery/ledger.ts";
import { openRedriveBooks } from "../../src/delivery/redrive-books.ts";

describe("the metrics of a ledger", () => {
  const ledger = openLedger();
  Object.assign(ledger, { events: 12, logs: 8, traceLines: 2 });
  count(ledger.dropped, "controlMessage", 2);
  const logs = booksOf(ledger, "datadog-logs");
  Object.assign(logs, { offered: 8, delivered: 5, possiblyDuplicated: 4 });
  count(logs.stored, "HTTP 503", 2);
  count(logs.failed, "HTTP 404", 1);
  Object.assign(booksOf(ledger, "datadog-traces"), { offered: 2, delivered: 2 });

  it("are named in the line, each with its unit, and stand beside the names", () => {
    const { _aws, ...line } = embeddedMetrics(closeLedger(ledger), "Forwarder", 1_795_226_069_000);
    expect(line).toEqual({
      FunctionName: "Forwarder",
      "aws.dd_forwarder.incoming_events": 12,
      "aws.dd_forwarder.logs_forwarded": 5,
      "aws.dd_forwarder.traces_forwarded": 2,
      "aws.dd_forwarder.metrics_forwarded": 0,
      "aws.dd_forwarder.events_dropped": 2,
      "aws.dd_forwarder.events_skipped": 0,
      "aws.dd_forwarder.events_stored": 2,
      "aws.dd_forwarder.events_failed": 1,
      "aws.dd_forwarder.events_possibly_duplicated": 4,
      "aws.dd_forwarder.unaccounted": 0,
    });
    expect(_aws).toEqual({
      Timestamp: 1_795_226_069_000,
      CloudWatchMetrics: [
        {
          Namespace: "log-trace-forwarder",
          Dimensions: [["FunctionName"]],
          Metrics: Object.keys(line)
            .filter((name) => name !== "FunctionName")
            .map((Name) => ({ Name, Unit: "Count" })),
        },
      ],
    });
  });

  it("count once what went to two backends, and tell what one of them left out", () => {
    const both = openLedger();
    Object.assign(both, { events: 3, logs: 3 });
    Object.assign(booksOf(both, "datadog-logs"), { offered: 3, delivered: 1 });
    const line = (): Record<string, unknown> => embeddedMetrics(closeLedger(both), "Forwarder", 0);
    expect(line()).toMatchObject({ "aws.dd_forwarder.logs_forwarded": 1 });
    Object.assign(booksOf(both, "otlp-logs"), { offered: 3, delivered: 3, rejected: 2 });
    expect(line()).toMatchObject({ "aws.dd_forwarder.logs_forwarded": 1, "aws.dd_forwarder.events_rejected": 2 });
    const alone = openLedger();
    Object.assign(booksOf(alone, "audit-logs"), { offered: 3, delivered: 2 });
    expect(embeddedMetrics(alone, "Forwarder", 0)).toMatchObject({ "aws.dd_forwarder.logs_forwarded": 2 });
  });

  it("tell of a redrive where there was one", () => {
    const redriven = openLedger();
    Object.assign(openRedriveBooks(redriven), { offered: 9, delivered: 9, oldestStoredAgeSeconds: 3_700 });
    const line = embeddedMetrics(closeLedger(redriven), "Forwarder", 0);
    expect(line).toMatchObject({
      "aws.dd_forwarder.events_redriven": 9,
      "aws.dd_forwarder.oldest_stored_age_seconds": 3_700,
    });
    expect(JSON.stringify(line._aws)).toContain(
      '{"Name":"aws.dd_forwarder.oldest_stored_age_seconds","Unit":"Seconds"}',
    );
  });
});
