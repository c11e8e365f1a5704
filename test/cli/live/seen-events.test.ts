import fc from "fast-check";
import { type FollowedEvent, SeenEvents } from "../../../src/cli/live/seen-events.ts";
import { propertyRuns } from "../../helpers/property-runs.ts";

describe("events that come by two ways", () => {
  it("are each given once, in whatever order Live Tail's sessions and FilterLogEvents have them", () => {
    const happening = fc.record({ timestamp: fc.integer({ min: 0, max: 2 }), message: fc.constantFrom("a", "b") });
    const sightings = fc.infiniteStream(fc.record({ way: fc.constantFrom(0, 1, 2), last: fc.boolean() }));
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 12 }), sightings, (happened, ways) => {
        const seen = new SeenEvents();
        const events = happened.map((event, at) => ({ ...event, logGroup: "g", logStream: "s", id: String(at) }));
        const given: string[] = [];
        const take = (event: FollowedEvent, session?: number): void => {
          if (seen.isNew(event, session)) given.push(`${event.timestamp} ${event.message}`);
        };
        // A session has all events from some one on, or a part of them.
        for (const [at, event] of events.entries()) {
          const { way, last } = ways.next().value as { way: number; last: boolean };
          if (way > 0) take({ ...event, id: undefined }, 1 + Math.floor(at / 4));
          if (last) take(event);
        }
        for (const event of events) take(event);
        for (const event of events) take(event);
        expect(given.sort()).toEqual(happened.map(({ timestamp, message }) => `${timestamp} ${message}`).sort());
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("are two where one session has two alike", () => {
    const seen = new SeenEvents();
    const event = { logGroup: "g", logStream: "s", timestamp: 1, message: "again" };
    expect([seen.isNew(event, 1), seen.isNew(event, 1), seen.isNew(event, 2), seen.isNew(event, 2)]).toEqual([
      ...[true, true, false, false],
    ]);
    expect(seen.isNew({ ...event, message: "again\n", id: "1" })).toBe(false);
  });

  it("are forgotten when many others came, so that memory is bounded", () => {
    const seen = new SeenEvents(2);
    const event = (id: number): FollowedEvent => ({ logGroup: "g", logStream: "s", timestamp: id, message: "m" });
    expect([1, 2, 3].map((id) => seen.isNew(event(id), 1))).toEqual([true, true, true]);
    expect(seen.isNew(event(1), 2)).toBe(false);
    expect([4, 5, 6, 7, 2].map((id) => seen.isNew(event(id), 2))).toEqual([true, true, true, true, true]);
  });
});
