import type { FailedBatch, FailureStore } from "../../src/delivery/failure-store.ts";
import { booksOf, type DestinationBooks, openLedger, total } from "../../src/delivery/ledger.ts";
import type { Refuge } from "../../src/delivery/refuge.ts";
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
    cannotPost: "",
    renewCredentials: async () => false,
    compress: (body) => ({ body: Buffer.from(body) }),
    async sleep(ms) {
      seen.slept.push(ms);
      nowUnixMs += ms;
    },
    msLeft: () => 60_000 - nowUnixMs,
    storeDeadlineUnixMs: 65_000,
    nowUnixMs: () => nowUnixMs,
    random: () => 0.5,
    ...given,
  };
  return { world, seen };
}

/** A store that keeps what it is given, or refuses to. */
function aStore(problem = ""): Refuge & { put: { batch: FailedBatch; isRefused: boolean; deadlineUnixMs: number }[] } {
  const put: { batch: FailedBatch; isRefused: boolean; deadlineUnixMs: number }[] = [];
  const store: FailureStore = {
    async put(batch, isRefused, deadlineUnixMs) {
      if (problem) throw new Error(problem);
      put.push({ batch, isRefused, deadlineUnixMs });
    },
  };
  return { put, circuits: new Map(), openStore: async () => store };
}

const textOf = (body: Uint8Array): string => Buffer.from(body).toString();

async function deliverLogs(count: number, world: World, refuge: Refuge | null = null): Promise<DestinationBooks> {
  const messages = Array.from({ length: count }, (_, index) => `line ${index}`);
  const books = booksOf(openLedger(), "datadog-logs");
  const sender = new Sender(datadogLogs(aConfig(), A_FORWARDER), world, books, new Map(), refuge);
  await sender.offer(telemetryOf(messages));
  await sender.settle();
  expect(books.offered).toBe(count);
  expect(books.delivered + total(books.stored) + total(books.failed)).toBe(count);
  return books;
}

/** Bodies of a megabyte each, one log in it. */
const aMegabyte = (): ReturnType<typeof telemetryOf> =>
  telemetryOf(Array.from({ length: 6 }, () => "x".repeat(900_000)));

describe("a sender that shares its invocation with other backends", () => {
  const hanging = (): { world: World; release(): void } => {
    const { world } = aWorld([]);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const post = async (): Promise<Answer> => {
      await released;
      return { status: 202 };
    };
    return { world: { ...world, post }, release };
  };
  const offerAll = async (sender: Sender): Promise<void> => {
    for (let part = 0; part < 5; part++) await sender.offer(aMegabyte());
  };

  it("puts aside what its intake has no room for, and sends what waits as soon as it can", async () => {
    const { world, release } = hanging();
    const store = aStore();
    const books = booksOf(openLedger(), "datadog-logs");
    const refuge = { ...store, isShared: true };
    const sender = new Sender(datadogLogs(aConfig(), A_FORWARDER), world, books, new Map(), refuge);
    await offerAll(sender);
    const settling = sender.settle();
    release();
    await settling;
    expect(books.offered).toBe(30);
    expect(books.delivered).toBeGreaterThan(0);
    expect(books.stored).toEqual({ "queue full": 30 - books.delivered });
    expect(store.put.reduce((sum, { batch }) => sum + batch.items, 0)).toBe(30 - books.delivered);
    expect(store.put.every(({ isRefused }) => !isRefused)).toBe(true);
  });

  it.each([
    ["there is no store", null],
    ["there is no other backend", aStore()],
  ])("waits for it where %s", async (_, refuge) => {
    const { world, release } = hanging();
    const books = booksOf(openLedger(), "datadog-logs");
    const sender = new Sender(datadogLogs(aConfig(), A_FORWARDER), world, books, new Map(), refuge);
    let isOffered = false;
    const offering = offerAll(sender).then(() => {
      isOffered = true;
    });
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(isOffered).toBe(false);
    release();
    await offering;
    await sender.settle();
    expect(books).toMatchObject({ offered: 30, delivered: 30, stored: {}, failed: {} });
  });
});

describe("a sender", () => {
  it("sends up to eight bodies at once, a thousand logs each", async () => {
    const { world, seen } = aWorld([]);
    const books = await deliverLogs(9_500, world);
    expect(books).toMatchObject({ delivered: 9_500, requests: 10, retried: {}, failed: {} });
    expect(seen.mostAtOnce).toBe(8);
  });

  it("sends again what the intake could not take, after the wait it asks for", async () => {
    const { world, seen } = aWorld([{ status: 429, retryAfter: "7" }, { error: "ECONNRESET", isSent: true }, 503, 202]);
    const books = await deliverLogs(3, world);
    expect(books).toMatchObject({
      delivered: 3,
      requests: 4,
      retried: { "HTTP 429": 1, ECONNRESET: 1, "HTTP 503": 1 },
    });
    expect(seen.slept).toEqual([7_000, 200, 400]);
    expect(new Set(seen.requests.map(({ body }) => Buffer.from(body).toString())).size).toBe(1);
  });

  it.each([400, 413])("finds the items for which the intake says %d, and delivers all others", async (status) => {
    const isPoison = ({ body }: Request): boolean => /line (7|700|701)"/.test(Buffer.from(body).toString());
    const { world, seen } = aWorld([]);
    const { post } = world;
    const picky = async (request: Request): Promise<Answer> => {
      const answer = await post(request);
      return isPoison(request) ? { status, text: "bad item" } : answer;
    };
    const store = aStore();
    const books = await deliverLogs(2_500, { ...world, post: picky }, store);
    expect(books).toMatchObject({ delivered: 2_497, stored: { [`HTTP ${status}`]: 3 }, failed: {} });
    expect(store.put.map(({ batch, isRefused }) => [isRefused, batch.items, batch.answer])).toEqual(
      Array(3).fill([true, 1, "bad item"]),
    );
    expect(store.put.map(({ batch }) => JSON.parse(textOf(batch.body))[0].message).sort()).toEqual([
      "line 7",
      "line 700",
      "line 701",
    ]);
    // Two bodies that are taken, and halves of the third: no more than twenty for each culprit.
    expect(seen.requests.length).toBeLessThan(63);
  });

  it.each([401, 403])("reads the key again when the intake says %d, once", async (status) => {
    let renewals = 0;
    const renewCredentials = async (): Promise<boolean> => ++renewals > 0;
    const renewed = aWorld([status], { renewCredentials });
    expect(await deliverLogs(3, renewed.world, aStore())).toMatchObject({ delivered: 3, requests: 2, stored: {} });
    const refused = aWorld([status, status], { renewCredentials });
    const store = aStore();
    expect(await deliverLogs(3, refused.world, store)).toMatchObject({
      requests: 2,
      stored: { [`HTTP ${status}`]: 3 },
    });
    expect(store.put.map(({ isRefused }) => isRefused)).toEqual([false]);
    expect(renewals).toBe(2);
  });

  it("stores what the intake does not take, as it would have been sent", async () => {
    const { world, seen } = aWorld(Array(4).fill(503));
    const store = aStore();
    expect(await deliverLogs(2, world, store)).toMatchObject({
      delivered: 0,
      requests: 4,
      stored: { "HTTP 503": 2 },
      failed: {},
    });
    const [{ batch, isRefused, deadlineUnixMs }] = store.put as [(typeof store.put)[0]];
    expect(batch).toMatchObject({
      kind: "logs",
      destination: "datadog-logs",
      items: 2,
      reason: "HTTP 503",
      answer: "",
    });
    expect(textOf(batch.body)).toBe(textOf(seen.requests[0]?.body as Uint8Array));
    expect({ isRefused, deadlineUnixMs }).toEqual({ isRefused: false, deadlineUnixMs: 65_000 });
  });

  it("does not pay for an intake that is down again and again, and finds out when it is back", async () => {
    let isDown = true;
    let nowUnixMs = 0;
    const { world, seen } = aWorld([], { nowUnixMs: () => nowUnixMs });
    const { post } = world;
    const down: World = {
      ...world,
      async sleep(ms) {
        nowUnixMs += ms;
      },
      async post(request) {
        if (!isDown) return post(request);
        seen.requests.push(request);
        return { status: 503 };
      },
    };
    const store = aStore();
    const requests = async (): Promise<number> => (await deliverLogs(1, down, store)).requests;
    expect([await requests(), await requests(), await requests(), await requests()]).toEqual([4, 4, 0, 0]);
    nowUnixMs += 31_000;
    expect([await requests(), await requests()]).toEqual([1, 0]);
    expect(store.put.map(({ batch }) => batch.reason)).toEqual([
      ...["HTTP 503", "HTTP 503", "intake down", "intake down"],
      ...["HTTP 503", "intake down"],
    ]);
    isDown = false;
    nowUnixMs += 61_000;
    expect(await deliverLogs(1, down, store)).toMatchObject({ delivered: 1 });
    expect(await deliverLogs(2_500, down, store)).toMatchObject({ delivered: 2_500 });
  });

  it("waits no longer than ten seconds where it can store", async () => {
    const { world, seen } = aWorld([{ status: 429, retryAfter: "11" }]);
    expect(await deliverLogs(1, world, aStore())).toMatchObject({ requests: 1, stored: { "HTTP 429": 1 } });
    expect(seen.slept).toEqual([]);
  });

  it("counts what the intake may have twice: it was sent, and there was no answer", async () => {
    const { world, seen } = aWorld([
      { error: "timeout", isSent: true },
      { error: "ENOTFOUND", isSent: false },
    ]);
    expect(await deliverLogs(3, world)).toMatchObject({ delivered: 3, possiblyDuplicated: 3 });
    expect(seen.slept.length).toBe(2);
  });

  it("sends again at once what met a connection that was closed long ago", async () => {
    const { world, seen } = aWorld([{ error: "ECONNRESET", isSent: true, isStale: true }]);
    expect(await deliverLogs(3, world)).toMatchObject({ delivered: 3, requests: 2, retried: { ECONNRESET: 1 } });
    expect(seen.slept).toEqual([]);
  });

  it("probes again where the probe met a connection that was closed long ago", async () => {
    let nowUnixMs = 0;
    const { world } = aWorld([...Array(8).fill(503), { error: "ECONNRESET", isSent: true, isStale: true }], {
      nowUnixMs: () => nowUnixMs,
    });
    const store = aStore();
    for (let batch = 0; batch < 2; batch++) await deliverLogs(1, world, store);
    nowUnixMs = 31_000;
    expect(await deliverLogs(1, world, store)).toMatchObject({ delivered: 1, requests: 2 });
  });

  it("has failed where the store does not take it either, and says why", async () => {
    const { world } = aWorld(Array(4).fill(503));
    const store = aStore("no bucket b");
    expect(await deliverLogs(2, world, store)).toMatchObject({
      stored: {},
      failed: { "HTTP 503, and not stored": 2 },
      // The store's answer may have been lost, not the batch.
      possiblyDuplicated: 2,
      storeError: "no bucket b",
    });
  });

  it("stores at once where nothing can be sent", async () => {
    const { world, seen } = aWorld([], { cannotPost: "the secret is gone" });
    expect(await deliverLogs(2, world, aStore())).toMatchObject({ stored: { "no credentials": 2 }, requests: 0 });
    expect(seen.requests).toEqual([]);
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
