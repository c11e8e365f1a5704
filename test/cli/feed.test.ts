import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import type { Delivery, LogEvent } from "../../src/cli/deliveries.ts";
import { Feed, type FeedSettings } from "../../src/cli/feed.ts";

interface Forwarded {
  owner: string;
  logGroup: string;
  logStream: string;
  logEvents: LogEvent[];
}

const stream = (logStream: string) => ({ owner: "123456789012", logGroup: "/aws/lambda/cart", logStream });
const START = "START RequestId: 1 Version: $LATEST\n";
const REPORT = "REPORT RequestId: 1\tDuration: 1 ms\n";

function aFeed(settings: Partial<FeedSettings> = {}) {
  const forwarded: Forwarded[] = [];
  const feed = new Feed(
    async ({ awslogs }: Delivery) => {
      forwarded.push(JSON.parse(gunzipSync(Buffer.from(awslogs.data, "base64")).toString()));
    },
    { pauseMs: 1, ...settings },
  );
  const push = (name: string, message: string, timestamp = 1) => feed.push(stream(name), { timestamp, message });
  return { feed, push, forwarded };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("what is fed to the forwarder", () => {
  it("arrives once, a stream a delivery, in the order of time, however it comes and is held", async () => {
    const event = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      timestamp: fc.integer({ min: 0, max: 5 }),
      message: fc.constantFrom(START, REPORT, "line\n"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 30 }),
        fc.integer({ min: 1, max: 3_000 }),
        async (events, maxBytes) => {
          const { feed, push, forwarded } = aFeed({ maxBytes });
          for (const { name, message, timestamp } of events) await push(name, message, timestamp);
          await feed.settle();
          for (const { logEvents } of forwarded) {
            const times = logEvents.map(({ timestamp }) => timestamp);
            expect(times).toEqual([...times].sort((a, b) => a - b));
          }
          for (const name of ["a", "b", "c"]) {
            const arrived = forwarded
              .filter(({ logStream }) => logStream === name)
              .flatMap(({ logEvents }) => logEvents);
            const given = events.filter((candidate) => candidate.name === name);
            const text = ({ timestamp, message }: LogEvent): string => `${timestamp} ${message}`;
            expect(arrived.map(text).sort()).toEqual(given.map(text).sort());
            expect(new Set(arrived.map(({ id }) => id)).size).toBe(given.length);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("waits for the report of a request, and not where there is no request", async () => {
    const { push, forwarded } = aFeed({ maxHoldMs: 60_000 });
    await push("open", START);
    await push("open", "a line\n");
    await push("other", "a line\n");
    await until(() => forwarded.length === 1);
    expect(forwarded).toMatchObject([{ logStream: "other" }]);
    await push("open", REPORT);
    await until(() => forwarded.length === 2);
    expect(forwarded[1]?.logEvents).toHaveLength(3);
  });

  it("knows requests by Lambda's JSON lines too, and does not wait for ever", async () => {
    const { push, forwarded } = aFeed({ maxHoldMs: 20 });
    await push("open", '{"time":"2026-11-21T12:00:00Z","type":"platform.start","record":{}}\n');
    await until(() => forwarded.length === 1);
    expect(forwarded).toMatchObject([{ logStream: "open", owner: "123456789012", logGroup: "/aws/lambda/cart" }]);
  });

  it("lets whoever gives too much wait until it is forwarded", async () => {
    const waits: (() => void)[] = [];
    const feed = new Feed(() => new Promise<void>((resolve) => waits.push(resolve)), { maxBytes: 1_000 });
    let isTaken = false;
    const pushed = feed.push(stream("a"), { timestamp: 1, message: "x".repeat(500) }).then(() => {
      isTaken = true;
    });
    await until(() => waits.length === 1);
    expect(isTaken).toBe(false);
    waits[0]?.();
    await pushed;
    expect(feed.events).toBe(1);
  });

  it("ends with the forwarder's error", async () => {
    const feed = new Feed(() => Promise.reject(new Error("too far")), { pauseMs: 1 });
    await feed.push(stream("a"), { timestamp: 1, message: "m" });
    await expect(feed.settle()).rejects.toThrow("too far");
    await expect(feed.push(stream("a"), { timestamp: 1, message: "m" })).rejects.toThrow("too far");
  });
});
