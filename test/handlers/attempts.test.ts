import { booksOf, count, type Ledger, openLedger } from "../../src/delivery/ledger.ts";
import { Attempts } from "../../src/handlers/attempts.ts";

/** A ledger in which some destinations failed. */
function aLedger(names: readonly string[], failed: readonly string[] = []): Ledger {
  const ledger = openLedger();
  for (const name of names) booksOf(ledger, name).offered = 1;
  for (const name of failed) count(booksOf(ledger, name).failed, "HTTP 503", 1);
  return ledger;
}

const EVENT = { awslogs: { data: "one" } };
const BOTH = ["a-logs", "b-logs"];

describe("what a process remembers of events that failed", () => {
  it("is who has settled them, until all have", () => {
    const attempts = new Attempts();
    attempts.ended(EVENT, aLedger(BOTH, ["b-logs"]));
    expect(attempts.settledBy({ ...EVENT })).toEqual(new Set(["a-logs"]));
    expect(attempts.settledBy({ awslogs: { data: "two" } })).toBeUndefined();
    attempts.ended(EVENT, aLedger(BOTH, ["b-logs"]));
    expect(attempts.settledBy(EVENT)).toEqual(new Set(["a-logs"]));
    attempts.ended(EVENT, aLedger(BOTH));
    expect(attempts.settledBy(EVENT)).toBeUndefined();
  });

  it("is nothing where nobody has settled them", () => {
    const attempts = new Attempts();
    attempts.ended(EVENT, aLedger(BOTH, BOTH));
    expect(attempts.settledBy(EVENT)).toBeUndefined();
  });

  it("is of the last hundred", () => {
    const attempts = new Attempts();
    for (let event = 0; event <= 100; event++) attempts.ended({ event }, aLedger(BOTH, ["a-logs"]));
    expect(attempts.settledBy({ event: 0 })).toBeUndefined();
    expect(attempts.settledBy({ event: 1 })).toEqual(new Set(["b-logs"]));
    expect(attempts.settledBy({ event: 100 })).toEqual(new Set(["b-logs"]));
  });
});
