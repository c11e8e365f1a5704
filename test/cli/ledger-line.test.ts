import { ledgerOf, ledgerText } from "../../src/cli/ledger-line.ts";
import { booksOf, closeLedger, count, openLedger } from "../../src/delivery/ledger.ts";

describe("the forwarder's ledger", () => {
  it("is found among its log lines", () => {
    const ledger = openLedger();
    expect(ledgerOf(`${JSON.stringify({ message: "ledger", ledger })}\n`)).toEqual(ledger);
  });

  it.each(["START RequestId: 1\n", "{broken", '{"ledger":null}', '{"message":"ledger"}', "null", "[]"])(
    "is not %j",
    (line) => {
      expect(ledgerOf(line)).toBeUndefined();
    },
  );

  it("is told in one line for several deliveries", () => {
    const ledgers = [1, 2].map((traceLines) => {
      const ledger = { ...openLedger(), events: 5 + traceLines, logs: 4, traceLines, spans: 2 };
      count(ledger.dropped, "not JSON", 1);
      Object.assign(booksOf(ledger, "datadog-logs"), {
        offered: 4,
        delivered: 2,
        stored: { "HTTP 503": 1 },
        failed: { "HTTP 404": 1 },
      });
      Object.assign(booksOf(ledger, "datadog-traces"), { offered: traceLines, delivered: traceLines });
      return closeLedger(ledger);
    });
    expect(ledgerText(ledgers)).toBe(
      "13 events = 8 logs + 3 trace lines (4 spans) + dropped 2 not JSON · " +
        "datadog-logs 4 of 8 delivered, stored 2 HTTP 503, failed 2 HTTP 404 · datadog-traces 3 of 3 delivered · unaccounted 0",
    );
    expect(ledgerText([])).toMatch(/^0 events/);
    expect(ledgerText([{ ...openLedger(), events: 3, logs: 1, metricLines: 2 }])).toMatch(
      /^3 events = 1 logs \+ 0 trace lines \(0 spans\) \+ 2 metric lines · /,
    );
  });
});
