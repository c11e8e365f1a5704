import type { Answer } from "../../src/destinations/destination.ts";
import { otlpOutcome } from "../../src/destinations/otlp-outcome.ts";
import { aPartialSuccess } from "../helpers/otlp-published.ts";

const outcome = (status: number, body?: Buffer | string) =>
  otlpOutcome({ status, ...(body !== undefined && { body: Buffer.from(body) }) });

describe("the outcome of an OTLP request", () => {
  it.each([429, 502, 503, 504])("is worth another try at HTTP %i, at the time the backend asks for", (status) => {
    const answer: Answer = { status, retryAfter: "7" };
    expect(otlpOutcome(answer)).toEqual({ status: "retryable", reason: `HTTP ${status}`, retryAfter: "7" });
  });

  it("is worth another try where there is no answer", () => {
    expect(otlpOutcome({ error: "ECONNRESET", isSent: true })).toEqual({ status: "retryable", reason: "ECONNRESET" });
  });

  it.each([
    [400, "items"],
    [413, "items"],
    [401, "credentials"],
    [403, "credentials"],
    [302, "else"],
    [404, "else"],
    [408, "else"],
    [500, "else"],
    [501, "else"],
  ])("is a refusal at HTTP %i, by fault of: %s", (status, fault) => {
    expect(outcome(status)).toEqual({ status: "rejected", reason: `HTTP ${status}`, fault });
  });

  it.each(["logs", "traces", "metrics"] as const)("tells how many %s were left out of what was taken", (signal) => {
    expect(outcome(200, aPartialSuccess(signal, 300))).toEqual({ status: "delivered", rejected: 300 });
    expect(outcome(200, aPartialSuccess(signal, 0, "only a warning"))).toEqual({ status: "delivered" });
    const field = { logs: "rejectedLogRecords", traces: "rejectedSpans", metrics: "rejectedDataPoints" }[signal];
    for (const count of [300, "300"]) {
      const json = JSON.stringify({ partialSuccess: { [field]: count, errorMessage: "no" } });
      expect(outcome(200, json)).toEqual({ status: "delivered", rejected: 300 });
    }
  });

  it.each([
    "",
    "{}",
    '{"partialSuccess":null}',
    '{"partialSuccess":{"rejectedSpans":-1}}',
    "<html>",
    "null",
    "{",
    "\n{}",
  ])("is delivered whatever else stands in the answer: %j", (body) =>
    expect(outcome(200, body)).toEqual({ status: "delivered" }),
  );
});
