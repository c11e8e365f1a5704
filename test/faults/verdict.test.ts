/** That the verdict finds what must not be, in histories made by hand. */
import type { Acceptance, Delivery, History, Invocation, InvocationEnd, PrintedLedger } from "./history.ts";
import { newHistory, newInvocation } from "./history.ts";
import { verdictOf } from "./verdict.ts";

const RETURNED: InvocationEnd = { how: "returned", msLeft: 100 };
const THREW: InvocationEnd = { how: "threw", msLeft: 100, message: "not delivered" };

/** A history in which one log was delivered, and then what is changed of it. */
class Story {
  readonly history: History = newHistory();
  readonly delivery: Delivery = { ids: ["1"], attempts: 1, state: "succeeded" };
  readonly stored = { toRedrive: new Set<string>(), quarantined: new Set<string>(), nonsenseMissing: 0 };
  leftOver: string[] = [];
  hasStore = true;

  constructor() {
    this.history.deliveries.push(this.delivery);
  }

  /** @param answers one for each time the intake took the log */
  invocation(given: Partial<Invocation>, answers: string[] = []): Invocation {
    const number = this.history.invocations.length + 1;
    const invocation: Invocation = { ...newInvocation(number, this.delivery), end: RETURNED, ...given };
    const taken = answers.map((answer): Acceptance => ({ id: "1", destination: "datadog-logs", invocation, answer }));
    this.history.acceptances.push(...taken);
    const isOver = invocation.end?.how === "returned" || invocation.end?.how === "threw";
    if (isOver && !given.ledgers) {
      const delivered = answers.filter((answer) => answer === "whole").length;
      invocation.ledgers = [
        aLedger(delivered, invocation.end === THREW ? 1 - delivered : 0, answers.length - delivered),
      ];
    }
    this.history.invocations.push(invocation);
    return invocation;
  }

  problems(): string[] {
    return verdictOf(this).problems;
  }

  duplicates(): Record<string, number> {
    return verdictOf(this).duplicates;
  }
}

function aLedger(delivered: number, failed: number, possiblyDuplicated = 0): PrintedLedger {
  const offered = delivered + failed;
  const books = { offered, delivered, stored: {}, failed: { "HTTP 503": failed }, possiblyDuplicated };
  const lines = { logs: 1, traceLines: 0, metricLines: 0 };
  return { events: 1, ...lines, dropped: {}, destinations: { "datadog-logs": books }, unaccounted: 0 };
}

describe("the verdict", () => {
  let story: Story;
  beforeEach(() => {
    story = new Story();
  });

  it("is good where each event was delivered once", () => {
    story.invocation({}, ["whole"]);
    expect(story.problems()).toEqual([]);
    expect(verdictOf(story)).toMatchObject({ events: 1, delivered: 1, lost: 0, duplicates: {} });
  });

  it("names an event that is nowhere", () => {
    story.invocation({ ledgers: [aLedger(0, 0)] });
    expect(story.problems()).toEqual(["event 1 is lost"]);
  });

  it.each<[string, (story: Story) => void]>([
    [
      "in quarantine",
      ({ stored, history }) => {
        stored.quarantined.add("1");
        history.refused.add("1");
      },
    ],
    [
      "on the on-failure queue",
      ({ delivery }) => {
        delivery.state = "on-failure queue";
      },
    ],
  ])("does not miss an event that is %s", (_, keep) => {
    story.invocation({ ledgers: [aLedger(0, 0)] });
    keep(story);
    expect(story.problems()).toEqual([]);
  });

  it("names an event that was delivered twice for nothing", () => {
    story.invocation({}, ["whole"]);
    story.invocation({ delivery: undefined }, ["whole"]);
    expect(story.problems()).toEqual(["event 1 was delivered 2 times, and nothing made that necessary"]);
  });

  it.each<[string, (story: Story) => void]>([
    ["reset, taken", (story) => story.invocation({}, ["reset, taken", "whole"])],
    [
      "a delivery was killed",
      (story) => {
        story.invocation({ end: { how: "killed" } }, ["killed"]);
        story.invocation({}, ["whole"]);
      },
    ],
    [
      "a throw",
      (story) => {
        story.invocation({ end: THREW, faults: { intake: 0, s3: 1 }, ledgers: [aLedger(1, 0, 1)] }, ["whole"]);
        story.invocation({}, ["whole"]);
      },
    ],
    [
      "a redrive was killed",
      (story) => {
        story.invocation({ delivery: undefined, end: { how: "killed" } }, ["whole"]);
        story.invocation({ delivery: undefined, ledgers: [aLedger(1, 0, 1)] }, ["whole"]);
      },
    ],
    [
      "S3 failed a redrive",
      (story) => {
        const faults = { intake: 0, s3: 1 };
        story.invocation({ delivery: undefined, faults, ledgers: [aLedger(1, 0, 1)] }, ["whole"]);
        story.invocation({ delivery: undefined }, ["whole"]);
      },
    ],
  ])("knows that an event was delivered twice because of: %s", (cause, happen) => {
    happen(story);
    expect(story.duplicates()).toEqual({ [cause]: 1 });
    expect(story.problems()).toEqual([]);
  });

  it("takes a throw for no reason where the process that tries again knows that this destination has it", () => {
    story.invocation({ end: THREW, faults: { intake: 0, s3: 1 }, process: 7, ledgers: [aLedger(1, 0, 1)] }, ["whole"]);
    story.invocation({ process: 7 }, ["whole"]);
    expect(story.problems()).toEqual(["event 1 was delivered 2 times, and nothing made that necessary"]);
  });

  it("lets the invocation count a copy that delivered it, and not one that knew of it", () => {
    const faults = { intake: 0, s3: 1 };
    story.invocation({ end: THREW, faults, process: 7, ledgers: [aLedger(1, 0, 1)] }, ["whole"]);
    story.invocation({ end: THREW, faults, process: 7, ledgers: [aLedger(0, 0)] });
    story.invocation({ process: 8 }, ["whole"]);
    expect(story.problems()).toEqual([]);
    expect(story.duplicates()).toEqual({ "a throw": 1 });
  });

  it("takes a throw for no reason where nobody tried again", () => {
    story.invocation({ end: THREW, faults: { intake: 0, s3: 1 }, ledgers: [aLedger(1, 0, 1)] }, ["whole"]);
    story.invocation({ delivery: undefined }, ["whole"]);
    expect(story.problems()).toEqual(["event 1 was delivered 2 times, and nothing made that necessary"]);
  });

  it("misses the copy of a backend that another one has", () => {
    story.delivery.ids.push("otlp:1");
    story.invocation({}, ["whole"]);
    expect(story.problems()).toEqual(["event otlp:1 is lost"]);
    expect(verdictOf(story)).toMatchObject({ events: 1, copies: 2, delivered: 1 });
  });

  it("names destinations of one kind that did not get the same", () => {
    const ledger = aLedger(1, 0);
    const books = { offered: 0, delivered: 0, skipped: { "settled before": 2 } };
    story.invocation({ ledgers: [{ ...ledger, destinations: { ...ledger.destinations, "otlp-logs": books } }] }, [
      "whole",
    ]);
    expect(story.problems()).toEqual(["invocation 1: its ledger has 1 and 2 logs for its destinations"]);
  });

  it("takes each reason for one more delivery, and no more", () => {
    story.invocation({}, ["reset, taken", "whole"]);
    story.invocation({ delivery: undefined }, ["whole"]);
    expect(story.problems()).toEqual(["event 1 was delivered 3 times, and nothing made that necessary"]);
  });

  it("misses possibleDuplicates that no ledger has", () => {
    story.invocation({ ledgers: [aLedger(1, 0, 0)] }, ["reset, taken", "whole"]);
    expect(story.problems()).toEqual([
      "1 duplicates, and the ledgers have 0 possiblyDuplicated",
      "1 duplicates by invocation 1, whose ledgers have 0",
    ]);
  });

  it("misses them in the ledger in which they should be, though another one has too many", () => {
    const faults = { intake: 0, s3: 1 };
    story.invocation({ ledgers: [aLedger(0, 0, 7)] });
    story.invocation({ delivery: undefined, faults }, ["whole"]);
    story.invocation({ delivery: undefined }, ["whole"]);
    expect(story.problems()).toEqual(["1 duplicates by the redrives, whose ledgers have 0"]);
  });

  it.each<[string, Partial<Invocation>, string]>([
    [
      "threw though the store worked",
      { end: THREW, ledgers: [aLedger(1, 0)] },
      "threw though the store worked: not delivered",
    ],
    ["did not end in time", { end: { how: "timed out" } }, "did not end in its time"],
    ["ended late", { end: { how: "returned", msLeft: -7 } }, "ended 7 ms after its deadline"],
    ["ended itself", { end: { how: "crashed", message: "exit status 1" } }, "the process ended itself: exit status 1"],
    ["left calls open", { callsLeftOpen: 2 }, "ended with 2 calls under way"],
    ["printed no ledger", { ledgers: [] }, "0 ledgers were printed"],
    [
      "counts more than was taken",
      { ledgers: [aLedger(2, 0)] },
      "its ledger has 2 delivered to datadog-logs, which told it of 1",
    ],
    [
      "does not balance",
      { ledgers: [{ ...aLedger(1, 0), events: 2 }] },
      "its ledger has 2 events, and 1 logs, other lines and dropped",
    ],
    ["has unaccounted", { ledgers: [{ ...aLedger(1, 0), unaccounted: 3 }] }, "its ledger has 3 unaccounted"],
  ])("names an invocation that %s", (_, given, problem) => {
    story.invocation(given, ["whole"]);
    expect(story.problems()).toEqual([`invocation 1: ${problem}`]);
  });

  it("expects nothing in time of a busy machine, and still that nothing is lost", () => {
    story.invocation({ isStarved: true, end: THREW, ledgers: [aLedger(0, 1)] }, ["whole"]);
    story.invocation({}, ["whole"]);
    expect(story.problems()).toEqual([]);
    expect(story.duplicates()).toEqual({ "a busy machine": 1 });
    story.delivery.ids.push("2");
    expect(story.problems()).toEqual(["event 2 is lost"]);
  });

  it("expects no end in time of a busy machine, where what is delivered then comes again", () => {
    story.invocation({ isStarved: true, end: { how: "timed out" } }, ["whole"]);
    story.invocation({}, ["whole"]);
    expect(story.problems()).toEqual([]);
    story.invocation({ isStarved: true, end: { how: "timed out" }, delivery: undefined }, ["whole"]);
    expect(story.problems()).toEqual([]);
  });

  it("lets a function without a store throw", () => {
    story.invocation({ end: THREW, ledgers: [aLedger(0, 1)], faults: { intake: 1, s3: 0 } });
    story.invocation({}, ["whole"]);
    story.hasStore = false;
    expect(story.problems()).toEqual([]);
  });

  it("names what is left in the store, and what is in quarantine though nobody refused it", () => {
    story.invocation({}, ["whole"]);
    story.leftOver = ["failed_events/1"];
    story.stored.quarantined.add("1");
    story.stored.nonsenseMissing = 1;
    expect(story.problems()).toEqual([
      "event 1 is in quarantine, and no intake ever refused it",
      "1 objects that nobody can read are gone",
      "failed_events/1 is in the store, though everything has recovered",
    ]);
  });
});
