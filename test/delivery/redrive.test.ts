import { gzipSync } from "node:zlib";
import { Circuit } from "../../src/delivery/circuit.ts";
import type { FailedBatch, RedriveStore, StoredBatch } from "../../src/delivery/failure-store.ts";
import { closeLedger, openLedger, type RedriveBooks, total } from "../../src/delivery/ledger.ts";
import { type Redrive, redrive } from "../../src/delivery/redrive.ts";
import { openRedriveBooks } from "../../src/delivery/redrive-books.ts";
import { decodeStored, encodeStored } from "../../src/delivery/stored-object.ts";
import type { Request, World } from "../../src/delivery/world.ts";
import type { Answer, Kind } from "../../src/destinations/destination.ts";
import { destinationsFor } from "../../src/destinations/index.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER, aConfig } from "../helpers/telemetry.ts";

const NOW_UNIX_MS = Date.UTC(2026, 10, 21);
const HOUR_MS = 3_600_000;

interface InMemory {
  place: string;
  kind: Kind;
  bytes: Uint8Array;
  storedAtUnixMs: number;
  isPossiblyDelivered?: boolean;
}

/** A store in memory, oldest first, two batches a claim. */
function aStore(...contents: InMemory[]) {
  const kept = new Map(contents.map((stored) => [stored.place, stored]));
  const quarantined: string[] = [];
  const refused: FailedBatch[] = [];
  const steps: string[] = [];
  const denied = new Set<string>();
  const cannot = (step: string, place: string): void => void denied.add(`${step} ${place}`);
  const store: RedriveStore = {
    async put(batch, isRefused) {
      expect(isRefused).toBe(true);
      steps.push("put");
      refused.push(batch);
    },
    async open(kinds) {
      const waiting = [...kept.values()]
        .filter(({ kind }) => kinds.includes(kind))
        .sort((a, b) => a.storedAtUnixMs - b.storedAtUnixMs);
      return {
        claim: async () => waiting.splice(0, 2).map(claimed),
        close: async () => void steps.push("close"),
      };
    },
  };
  return { store, kept, quarantined, refused, steps, cannot };

  function claimed({ place, kind, bytes, storedAtUnixMs, isPossiblyDelivered = false }: InMemory): StoredBatch {
    return {
      ...{ place, kind, storedAtUnixMs, isPossiblyDelivered },
      async read() {
        steps.push(`read ${place}`);
        return bytes;
      },
      async remove() {
        if (denied.has(`remove ${place}`)) throw new Error("denied");
        steps.push(`remove ${place}`);
        kept.delete(place);
      },
      async replace(rest) {
        steps.push(`replace ${place}`);
        kept.set(place, { place, kind, bytes: encodeStored(rest), storedAtUnixMs });
      },
      async quarantine() {
        if (denied.has(`quarantine ${place}`)) throw new Error("denied");
        quarantined.push(place);
        kept.delete(place);
      },
    };
  }
}

const item = (name: string, timestamp = NOW_UNIX_MS): string =>
  `{"id":"${name}","timestamp":${timestamp},"message":"m"}`;

function aBatch(place: string, items: string[], given: Partial<FailedBatch & InMemory> = {}): InMemory {
  const storedAtUnixMs = given.storedAtUnixMs ?? NOW_UNIX_MS - HOUR_MS;
  const batch = {
    ...{ kind: "logs" as Kind, destination: "datadog-logs", reason: "HTTP 503", answer: "", ...given },
    ...{ items: items.length, body: Buffer.from(`[${items}]`), storedAtUnixMs },
  };
  return { ...given, place, kind: batch.kind, storedAtUnixMs, bytes: encodeStored(batch) };
}

interface Run {
  books: RedriveBooks;
  problems: string[];
  /** Ids of the logs that the intake took. */
  taken: string[];
  requests: Request[];
}

/** A redrive whose intake answers as told. */
async function run(
  { store }: ReturnType<typeof aStore>,
  answerTo: (body: string) => number = () => 202,
  given: Partial<Redrive> & { world?: Partial<World> } = {},
): Promise<Run> {
  const ledger = openLedger();
  const books = openRedriveBooks(ledger);
  const [problems, taken, requests]: [string[], string[], Request[]] = [[], [], []];
  const world: World = {
    async post(request): Promise<Answer> {
      requests.push(request);
      const body = Buffer.from(request.body).toString();
      const status = answerTo(body);
      if (status === 202 && request.url.endsWith("logs")) {
        taken.push(...(JSON.parse(body) as { id: string }[]).map(({ id }) => id));
      }
      return { status };
    },
    cannotPost: "",
    renewCredentials: async () => false,
    compress: (body) => ({ body: Buffer.from(body) }),
    sleep: async () => {},
    msLeft: () => 60_000,
    storeDeadlineUnixMs: NOW_UNIX_MS + 65_000,
    nowUnixMs: () => NOW_UNIX_MS,
    random: () => 0.5,
    ...given.world,
  };
  const destinations = destinationsFor(aConfig(), A_FORWARDER);
  const report = (problem: string): void => void problems.push(problem);
  const kinds: Kind[] = ["logs", "traces"];
  await redrive({
    store,
    kinds,
    destinations,
    circuits: new Map(),
    books,
    report,
    changeSpan: (span) => span,
    ...given,
    clock: world,
    worldOf: () => world,
  });
  expect(closeLedger(ledger).unaccounted).toBe(0);
  return { books, problems, taken, requests };
}

describe("a redrive", () => {
  it("delivers what was stored, oldest first, and removes it only then", async () => {
    const stored = aStore(
      aBatch("b", [item("3")], { storedAtUnixMs: NOW_UNIX_MS - 2 }),
      aBatch("a", [item("1"), item("2")], { storedAtUnixMs: NOW_UNIX_MS - 3 }),
      aBatch("c", [item("4")], { storedAtUnixMs: NOW_UNIX_MS - 1 }),
    );
    const { books, taken } = await run(stored);
    expect(taken).toEqual(["1", "2", "3", "4"]);
    expect(stored.kept.size).toBe(0);
    expect(stored.steps.at(-1)).toBe("close");
    expect(books).toMatchObject({ batches: 3, offered: 4, delivered: 4, stored: {}, oldestStoredAgeSeconds: 0 });
  });

  it("keeps all of a batch that the intake does not take, as it is, and says how old it is", async () => {
    const batch = aBatch("a", [item("1"), item("2")]);
    const stored = aStore(batch);
    const { books } = await run(stored, () => 503);
    expect(stored.kept.get("a")).toBe(batch);
    expect(books).toMatchObject({ offered: 2, delivered: 0, stored: { "HTTP 503": 2 }, oldestStoredAgeSeconds: 3_600 });
  });

  it("keeps what the intake refuses for a person, before it removes the batch", async () => {
    const stored = aStore(
      aBatch(
        "a",
        ["1", "2", "3", "4", "5"].map((name) => item(name)),
      ),
    );
    const { books, taken } = await run(stored, (body) => (body.includes('"4"') ? 400 : 202));
    expect(taken.sort()).toEqual(["1", "2", "3", "5"]);
    expect(stored.refused.map(({ items, body }) => [items, Buffer.from(body).toString()])).toEqual([
      [1, `[${item("4")}]`],
    ]);
    expect(stored.steps.slice(-3)).toEqual(["put", "remove a", "close"]);
    expect(books).toMatchObject({ delivered: 4, stored: { "HTTP 400": 1 }, oldestStoredAgeSeconds: 0 });
  });

  it("keeps only the rest of a batch of which part was delivered", async () => {
    const left = ["1", "2", "3"].map((name) => item(name, NOW_UNIX_MS).replace("m", name.repeat(2_000_000)));
    const bytes = Buffer.from(JSON.stringify(left));
    const stored = aStore({ place: "a", kind: "logs", bytes, storedAtUnixMs: NOW_UNIX_MS - HOUR_MS });
    const { books, taken } = await run(stored, (body) => (body.includes('"id":"3"') ? 404 : 202));
    expect(taken).toEqual(["1", "2"]);
    const rest = decodeStored(stored.kept.get("a")?.bytes as Uint8Array, "logs") as FailedBatch;
    expect(JSON.parse(Buffer.from(rest.body).toString()).map(({ id }: { id: string }) => id)).toEqual(["3"]);
    expect(rest).toMatchObject({ items: 1, storedAtUnixMs: NOW_UNIX_MS - HOUR_MS, reason: "HTTP 404" });
    expect(books).toMatchObject({ offered: 3, delivered: 2, stored: { "HTTP 404": 1 } });
  });

  it("delivers what a Datadog Forwarder left behind, and keeps what nobody can read of it", async () => {
    const logs = JSON.stringify([item("1"), "no JSON", item("2")]);
    const traces = gzipSync(JSON.stringify([{ message: aPayload({}), tags: "a:b" }]));
    const stored = aStore(
      { place: "a", kind: "logs", bytes: Buffer.from(logs), storedAtUnixMs: 1 },
      { place: "b", kind: "traces", bytes: traces, storedAtUnixMs: 2 },
    );
    const { books, taken, requests } = await run(stored);
    expect(taken).toEqual(["1", "2"]);
    expect(requests.map(({ url }) => new URL(url).pathname).sort()).toEqual(["/api/v0.2/traces", "/api/v2/logs"]);
    expect(stored.refused.map(({ reason, body }) => [reason, Buffer.from(body).toString()])).toEqual([
      ["unreadable", '["no JSON"]'],
    ]);
    expect(stored.kept.size).toBe(0);
    expect(books).toMatchObject({ offered: 3, delivered: 3 });
  });

  it("does not keep for ever what holds nothing that can be sent", async () => {
    const stored = aStore(
      { place: "a", kind: "logs", bytes: Buffer.from("[]"), storedAtUnixMs: 1 },
      { place: "b", kind: "logs", bytes: Buffer.from('["no JSON"]'), storedAtUnixMs: 2 },
    );
    const { books, requests } = await run(stored);
    expect(requests).toEqual([]);
    expect(stored.kept.size).toBe(0);
    expect(stored.refused.map(({ body }) => Buffer.from(body).toString())).toEqual(['["no JSON"]']);
    expect(books).toMatchObject({ batches: 2, offered: 0 });
  });

  it("sends logs that are too old for the intake with a time that it takes, and counts them", async () => {
    const stored = aStore(aBatch("a", [item("old", NOW_UNIX_MS - 19 * HOUR_MS), item("new")]));
    const { books, requests } = await run(stored);
    expect(books).toMatchObject({ delivered: 2, late: 1 });
    expect(JSON.parse(Buffer.from(requests[0]?.body as Uint8Array).toString())).toMatchObject([
      { id: "old", timestamp: NOW_UNIX_MS, original_timestamp: NOW_UNIX_MS - 19 * HOUR_MS },
      { id: "new", timestamp: NOW_UNIX_MS },
    ]);
  });

  it("is not held up by what it cannot read, and says where that is", async () => {
    const newer = aBatch("s3://b/newer", [item("1")]);
    const [header, ...body] = ['{"version":2,"destination":"datadog-logs"}', "[]"];
    const stored = aStore(
      { ...newer, bytes: gzipSync([header, ...body].join("\n")), storedAtUnixMs: 1 },
      { ...newer, place: "s3://b/garbage", bytes: Buffer.from("garbage"), storedAtUnixMs: 2 },
      aBatch("s3://b/gone", [item("1")], { destination: "elsewhere", storedAtUnixMs: 3 }),
      { ...aBatch("s3://b/lies", [item("1")]), bytes: bytesOf([item("1")], 2), storedAtUnixMs: 4 },
      aBatch("s3://b/good", [item("5")], { storedAtUnixMs: 5 }),
    );
    const { books, problems, taken } = await run(stored);
    expect(taken).toEqual(["5"]);
    expect(stored.quarantined).toEqual(["s3://b/garbage", "s3://b/lies"]);
    expect([...stored.kept.keys()]).toEqual(["s3://b/newer", "s3://b/gone"]);
    expect(books).toMatchObject({ quarantined: 2, left: { "newer version": 1, "no such destination": 1 } });
    for (const place of ["newer", "garbage", "gone", "lies"]) {
      expect(problems.filter((problem) => problem.startsWith(`s3://b/${place} `))).toHaveLength(1);
    }
  });

  it("goes on where what it cannot read cannot be moved either", async () => {
    const garbage = { ...aBatch("garbage", [item("1")]), bytes: Buffer.from("garbage"), storedAtUnixMs: 2 };
    const stored = aStore(garbage, aBatch("good", [item("5")], { storedAtUnixMs: 5 }));
    stored.cannot("quarantine", "garbage");
    const { books, taken, problems } = await run(stored);
    expect(taken).toEqual(["5"]);
    expect(books).toMatchObject({ quarantined: 0, left: { "store error": 1 } });
    expect(problems).toEqual([expect.stringMatching(/^garbage stays, and cannot be understood: .*; denied$/)]);
  });

  it("counts what may have been delivered before", async () => {
    const stored = aStore(aBatch("a", [item("1"), item("2")], { isPossiblyDelivered: true }));
    expect((await run(stored)).books).toMatchObject({ delivered: 2, possiblyDuplicated: 2 });
  });

  it("counts what it delivered and could not remove, and goes on", async () => {
    const stored = aStore(aBatch("a", [item("1")]), aBatch("b", [item("2")]));
    stored.cannot("remove", "a");
    const { books, problems } = await run(stored);
    expect(books).toMatchObject({ delivered: 2, possiblyDuplicated: 1, left: { "store error": 1 } });
    expect(problems).toEqual(["a stays: denied"]);
  });

  it("stops when the time is nearly up, and says how old what it leaves may be", async () => {
    let msLeft = 60_000;
    const stored = aStore(...[5, 4, 3, 2, 1].map((age) => anOld(age)));
    const { books, taken } = await run(
      stored,
      () => {
        msLeft -= 29_700;
        return 202;
      },
      { world: { msLeft: () => msLeft } },
    );
    expect(taken).toEqual(["5", "4"]);
    expect(books).toMatchObject({ batches: 2, delivered: 2, oldestStoredAgeSeconds: 4 * 3_600 });
    expect(stored.kept.size).toBe(3);
  });

  it("stops when all intakes are down, after a few batches", async () => {
    const circuits = new Map([["datadog-logs", new Circuit()]]);
    const stored = aStore(...[5, 4, 3, 2, 1].map((age) => anOld(age)));
    const { books, requests } = await run(stored, () => 503, { circuits, kinds: ["logs"] });
    expect(books).toMatchObject({ batches: 2, delivered: 0, oldestStoredAgeSeconds: 5 * 3_600 });
    expect(total(books.stored)).toBe(2);
    expect(requests.length).toBeLessThanOrEqual(8);
    expect(stored.kept.size).toBe(5);
  });

  it("delivers one kind while the intake of another is down, of which it reads a few batches", async () => {
    const open = new Circuit();
    open.failed(NOW_UNIX_MS, 0);
    open.failed(NOW_UNIX_MS, 0);
    const stored = aStore(
      ...[5, 4, 3, 2].map((age) => ({ ...anOld(age), kind: "traces" as Kind })),
      aBatch("log", [item("1")]),
    );
    const { taken, books } = await run(stored, () => 202, { circuits: new Map([["datadog-traces", open]]) });
    expect(taken).toEqual(["1"]);
    expect(books.left).toEqual({ "intake down": 3 });
    expect(stored.steps.filter((step) => step.startsWith("read"))).toEqual(["read 5", "read log"]);
  });

  it("leaves kinds alone that it is not asked for", async () => {
    const stored = aStore(aBatch("a", [item("1")]));
    const { books, requests } = await run(stored, () => 202, { kinds: ["traces"] });
    expect({ batches: books.batches, requests }).toEqual({ batches: 0, requests: [] });
    expect(stored.kept.size).toBe(1);
  });

  it("does nothing while another one runs", async () => {
    const stored = aStore(aBatch("a", [item("1")]));
    stored.store.open = async () => undefined;
    expect((await run(stored)).requests).toEqual([]);
    expect(stored.steps).toEqual([]);
  });
});

function anOld(hours: number): InMemory {
  return aBatch(String(hours), [item(String(hours))], { storedAtUnixMs: NOW_UNIX_MS - hours * HOUR_MS });
}

/** A stored batch that says it has more items than it has. */
function bytesOf(items: string[], count: number): Uint8Array {
  const batch = { kind: "logs" as Kind, destination: "datadog-logs", reason: "", answer: "", storedAtUnixMs: 4 };
  return encodeStored({ ...batch, items: count, body: Buffer.from(`[${items}]`) });
}
