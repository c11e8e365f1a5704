import { booksOf, closeLedger, count, openLedger } from "../../src/delivery/ledger.ts";

describe("the ledger", () => {
  it("balances when every event ended somewhere", () => {
    const ledger = openLedger();
    Object.assign(ledger, { events: 12, logs: 8, traceLines: 2 });
    count(ledger.dropped, "controlMessage", 2);
    count(ledger.skipped, "DD_FORWARD_LOG=false", 3);
    count(ledger.returned, "no credentials", 1);
    const logs = booksOf(ledger, "datadog-logs");
    logs.offered = 4;
    logs.delivered = 3;
    count(logs.failed, "HTTP 400", 1);
    Object.assign(booksOf(ledger, "datadog-traces"), { offered: 2, delivered: 2 });
    expect(closeLedger(ledger).unaccounted).toBe(0);
  });

  it("counts metric lines among the events, and metrics that were made of logs besides", () => {
    const ledger = openLedger();
    Object.assign(ledger, { events: 5, logs: 3, metricLines: 2, derivedMetrics: 6 });
    Object.assign(booksOf(ledger, "datadog-logs"), { offered: 3, delivered: 3 });
    Object.assign(booksOf(ledger, "datadog-metrics"), { offered: 8, delivered: 8 });
    expect(closeLedger(ledger).unaccounted).toBe(0);
    expect(closeLedger({ ...ledger, derivedMetrics: 5 }).unaccounted).toBe(1);
    expect(closeLedger({ ...ledger, metricLines: 1 }).unaccounted).toBe(2);
  });

  it("counts log records beyond one a line besides the events", () => {
    const ledger = openLedger();
    Object.assign(ledger, { events: 3, unpacked: 4, logs: 6 });
    count(ledger.dropped, "unfinishedSpan", 1);
    Object.assign(booksOf(ledger, "datadog-logs"), { offered: 6, delivered: 6 });
    expect(closeLedger(ledger).unaccounted).toBe(0);
    expect(closeLedger({ ...ledger, unpacked: 3 }).unaccounted).toBe(1);
  });

  it("balances for each of several backends, and says where one was offered less than another", () => {
    const ledger = openLedger();
    Object.assign(ledger, { events: 5, logs: 4, traceLines: 1 });
    for (const backend of ["datadog", "otlp"]) {
      Object.assign(booksOf(ledger, `${backend}-logs`), { offered: 4, delivered: 4 });
      Object.assign(booksOf(ledger, `${backend}-traces`), { offered: 1, delivered: 1 });
    }
    expect(closeLedger(ledger).unaccounted).toBe(0);
    Object.assign(booksOf(ledger, "otlp-logs"), { offered: 3, delivered: 3 });
    expect(closeLedger(ledger).unaccounted).toBe(1);
  });

  it("counts for each destination what its filter left out, or what it had settled before", () => {
    const ledger = openLedger();
    Object.assign(ledger, { events: 4, logs: 4 });
    Object.assign(booksOf(ledger, "datadog-logs"), { offered: 4, delivered: 4 });
    Object.assign(booksOf(ledger, "audit-logs"), { offered: 1, delivered: 1, skipped: { include: 3 } });
    Object.assign(booksOf(ledger, "archive-logs"), { offered: 0, delivered: 0, skipped: { "settled before": 4 } });
    expect(closeLedger(ledger).unaccounted).toBe(0);
    Object.assign(booksOf(ledger, "audit-logs"), { skipped: { include: 2 } });
    expect(closeLedger(ledger).unaccounted).toBe(1);
  });

  it("counts requests whose spans were made of logs besides, as one item each", () => {
    const ledger = openLedger();
    Object.assign(ledger, { events: 4, logs: 4, derivedSpans: 1 });
    Object.assign(booksOf(ledger, "datadog-logs"), { offered: 4, delivered: 4 });
    Object.assign(booksOf(ledger, "datadog-traces"), { offered: 1, delivered: 1 });
    expect(closeLedger(ledger).unaccounted).toBe(0);
    expect(closeLedger({ ...ledger, derivedSpans: 0 }).unaccounted).toBe(1);
  });

  it("says how many events are missing, or too many, wherever that is", () => {
    const lost = openLedger();
    lost.events = 3;
    lost.logs = 2;
    expect(closeLedger(lost).unaccounted).toBe(3);

    const twice = openLedger();
    Object.assign(twice, { events: 2, logs: 2 });
    Object.assign(booksOf(twice, "datadog-logs"), { offered: 2, delivered: 3 });
    expect(closeLedger(twice).unaccounted).toBe(1);
  });

  it("adds up reasons, whatever they are called", () => {
    const reasons: Record<string, number> = {};
    count(reasons, "constructor", 2);
    count(reasons, "constructor", 3);
    count(reasons, "none", 0);
    expect(reasons).toEqual({ constructor: 5 });
  });
});
