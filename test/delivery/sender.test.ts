import { booksOf, type DestinationBooks, openLedger } from "../../src/delivery/ledger.ts";
import { Sender } from "../../src/delivery/sender.ts";
import type { Request, World } from "../../src/delivery/world.ts";
import { datadogLogs } from "../../src/destinations/datadog-logs.ts";
import type { Answer } from "../../src/destinations/destination.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

interface Seen {
  requests: Request[];
  slept: number[];
  mostAtOnce: number;
}

/** A world that answers as told, in order, then 202; its clock moves only by sleeping. */
function aWorld(answers: (Answer | number)[], given: Partial<World> = {}): { world: World; seen: Seen } {
  const seen: Seen = { requests: [], slept: [], mostAtOnce: 0 };
  let nowUnixMs = 0;
  let underWay = 0;
  const world: World = {
    async post(request) {
      seen.requests.push(request);
      seen.mostAtOnce = Math.max(seen.mostAtOnce, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      const answer = answers.shift() ?? 202;
      return typeof answer === "number" ? { status: answer } : answer;
    },
    compress: (body) => ({ body: Buffer.from(body) }),
    async sleep(ms) {
      seen.slept.push(ms);
      nowUnixMs += ms;
    },
    msLeft: () => 60_000 - nowUnixMs,
    nowUnixMs: () => nowUnixMs,
    random: () => 0.5,
    ...given,
  };
  return { world, seen };
}

async function deliverLogs(count: number, world: World): Promise<DestinationBooks> {
  const messages = Array.from({ length: count }, (_, index) => `line ${index}`);
  const books = booksOf(openLedger(), "datadog-logs");
  const sender = new Sender(datadogLogs(aConfig(), A_FORWARDER), world, books, []);
  await sender.offer(telemetryOf(messages));
  await sender.settle();
  expect(books.offered).toBe(count);
  expect(books.delivered + Object.values(books.failed).reduce((sum, items) => sum + items, 0)).toBe(count);
  return books;
}

describe("a sender", () => {
  it("sends up to eight bodies at once, a thousand logs each", async () => {
    const { world, seen } = aWorld([]);
    const books = await deliverLogs(9_500, world);
    expect(books).toMatchObject({ delivered: 9_500, requests: 10, retried: {}, failed: {} });
    expect(seen.mostAtOnce).toBe(8);
  });

  it("sends again what the intake could not take, after the wait it asks for", async () => {
    const { world, seen } = aWorld([{ status: 429, retryAfter: "7" }, { error: "ECONNRESET" }, 503, 202]);
    const books = await deliverLogs(3, world);
    expect(books).toMatchObject({
      delivered: 3,
      requests: 4,
      retried: { "HTTP 429": 1, ECONNRESET: 1, "HTTP 503": 1 },
    });
    expect(seen.slept).toEqual([7_000, 200, 400]);
    expect(new Set(seen.requests.map(({ body }) => Buffer.from(body).toString())).size).toBe(1);
  });

  it("gives up what the intake refuses, and sends the rest", async () => {
    const { world } = aWorld([202, 400, 202]);
    expect(await deliverLogs(2_500, world)).toMatchObject({ delivered: 1_500, failed: { "HTTP 400": 1_000 } });
  });

  it("does not begin a wait that would pass the end of the invocation", async () => {
    const { world, seen } = aWorld([{ status: 503, retryAfter: "90" }]);
    expect(await deliverLogs(1, world)).toMatchObject({ delivered: 0, failed: { "HTTP 503": 1 } });
    expect(seen.slept).toEqual([]);
  });

  it("begins no request when no time is left", async () => {
    const { world, seen } = aWorld([], { msLeft: () => 0 });
    expect(await deliverLogs(2, world)).toMatchObject({ failed: { "out of time": 2 } });
    expect(seen.requests).toEqual([]);
  });

  it("gives a request no more time than is left", async () => {
    const { world, seen } = aWorld([], { msLeft: () => 1_234 });
    await deliverLogs(1, world);
    expect(seen.requests[0]?.timeoutMs).toBe(1_234);
  });

  it("tries a dead intake until the time is used up, and no longer", async () => {
    const { world, seen } = aWorld(Array(1_000).fill(503));
    const books = await deliverLogs(1, world);
    expect(books.failed).toEqual({ "HTTP 503": 1 });
    expect(seen.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(60_000);
    expect(books.requests).toBeLessThan(30);
  });

  it("says how a body is compressed", async () => {
    const { world, seen } = aWorld([], {
      compress: () => ({ body: Buffer.from("small"), contentEncoding: "gzip" }),
    });
    expect(await deliverLogs(1, world)).toMatchObject({ bytes: 5 });
    expect(seen.requests[0]?.headers).toMatchObject({ "content-encoding": "gzip", "content-type": "application/json" });
  });

  it("settles every other body when one cannot be compressed", async () => {
    let bodies = 0;
    const { world } = aWorld([], {
      compress: (body) => {
        if (++bodies === 2) throw new RangeError("no memory");
        return { body: Buffer.from(body) };
      },
    });
    expect(await deliverLogs(2_500, world)).toMatchObject({ delivered: 1_500, failed: { RangeError: 1_000 } });
  });

  it("takes no more while eight megabytes wait for the intake", async () => {
    const { world, seen } = aWorld([], {
      compress: () => ({ body: Buffer.alloc(5_000_000), contentEncoding: "gzip" }),
    });
    expect(await deliverLogs(2_500, world)).toMatchObject({ delivered: 2_500, requests: 3 });
    expect(seen.mostAtOnce).toBe(1);
  });
});
