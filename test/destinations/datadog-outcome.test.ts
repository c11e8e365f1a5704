import { datadogOutcome } from "../../src/destinations/datadog-outcome.ts";

describe("an answer of Datadog's intakes", () => {
  it.each([200, 202])("%d means delivered", (status) => {
    expect(datadogOutcome({ status })).toEqual({ status: "delivered" });
  });

  it.each([408, 429, 500, 502, 503, 504])("%d is worth another try", (status) => {
    expect(datadogOutcome({ status, retryAfter: "3" })).toEqual({
      status: "retryable",
      reason: `HTTP ${status}`,
      retryAfter: "3",
    });
  });

  it.each([
    [400, "items"],
    [413, "items"],
    [401, "credentials"],
    [403, "credentials"],
    [301, "else"],
    [404, "else"],
  ])("%d is not, because of: %s", (status, fault) => {
    expect(datadogOutcome({ status })).toEqual({ status: "rejected", reason: `HTTP ${status}`, fault });
  });

  it("no answer is worth another try", () => {
    expect(datadogOutcome({ error: "ECONNREFUSED", isSent: false })).toEqual({
      status: "retryable",
      reason: "ECONNREFUSED",
    });
  });
});
