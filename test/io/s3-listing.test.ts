import fc from "fast-check";
import type { ListedObject, ListedPage } from "../../src/io/s3-bucket.ts";
import { KindListing, type StoredKey, takeOldest } from "../../src/io/s3-listing.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const FOLDER = "f/logs/";

const time = fc.integer({ min: 1_763_712_345_000, max: 1_763_712_349_999 });
const hex = fc.integer({ min: 0, max: 15 }).map((number) => number.toString(16));
const ourName = fc.tuple(time, hex).map(([unixMs, random]) => `${unixMs}-${random}.gz`);
const datadogName = fc.tuple(time, fc.nat(9)).map(([unixMs, fraction]) => `${Math.floor(unixMs / 1000)}.${fraction}`);
const otherName = fc.constantFrom(
  "a",
  "lock",
  "sub/",
  "sub/x",
  "zz",
  "1763712347-x",
  "1763712346.5-x",
  "1763712346.5-y",
);
const plainName = fc.oneof({ weight: 5, arbitrary: ourName }, { weight: 5, arbitrary: datadogName }, otherName);
const rests = fc.constantFrom("", "", "", ".rest", ".rest.rest");
const names = fc.uniqueArray(
  fc.tuple(plainName, rests).map((parts) => parts.join("")),
  { maxLength: 25 },
);

describe("the listing of a kind", () => {
  it("gives each batch once, oldest first to the second, and says which are superseded, whatever the pages", async () => {
    await fc.assert(
      fc.asyncProperty(names, fc.integer({ min: 1, max: 7 }), async (given, pageSize) => {
        const taken = await takeAll([listingOf("logs", FOLDER, given, pageSize)]);
        const batches = given.filter((name) => name !== "lock" && name !== "sub/");
        expect(taken.map(({ key }) => key).sort()).toEqual(batches.map((name) => FOLDER + name).sort());
        for (const { key, isSuperseded } of taken) {
          expect([key, isSuperseded]).toEqual([key, batches.includes(`${key.slice(FOLDER.length)}.rest`)]);
        }
        const seconds = taken.filter(({ key }) => isTimed(key)).map(({ storedAtUnixMs }) => secondOf(storedAtUnixMs));
        expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("gives what is superseded before what supersedes it", async () => {
    await fc.assert(
      fc.asyncProperty(names, fc.integer({ min: 1, max: 7 }), async (given, pageSize) => {
        const order = (await takeAll([listingOf("logs", FOLDER, given, pageSize)])).map(({ key }) => key);
        for (const key of order) {
          if (order.includes(`${key}.rest`)) expect(order.indexOf(key)).toBeLessThan(order.indexOf(`${key}.rest`));
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("is in order within a second too, where a page holds it", async () => {
    const given = ["1763712345.9", "1763712345100-0.gz", "1763712345.25"];
    const times = (await takeAll([listingOf("logs", FOLDER, given, 3)])).map(({ storedAtUnixMs }) => storedAtUnixMs);
    expect(times).toEqual([1_763_712_345_100, 1_763_712_345_250, 1_763_712_345_900]);
  });

  it("takes a name without a time for as old as its object", async () => {
    const [stored] = await takeAll([listingOf("logs", FOLDER, ["by-hand.gz"], 3)]);
    expect(stored).toMatchObject({ key: "f/logs/by-hand.gz", storedAtUnixMs: LAST_MODIFIED_UNIX_MS });
  });

  it("is merged with others by time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(ourName), fc.uniqueArray(ourName), async (logs, traces) => {
        const taken = await takeAll([listingOf("logs", FOLDER, logs, 4), listingOf("traces", "f/traces/", traces, 3)]);
        const times = taken.map(({ storedAtUnixMs }) => storedAtUnixMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(taken.filter(({ kind }) => kind === "traces").map(({ key }) => key)).toEqual(
          traces.map((name) => `f/traces/${name}`).sort(),
        );
        expect(taken).toHaveLength(logs.length + traces.length);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("reads no page before it is needed", async () => {
    let pages = 0;
    const given = Array.from({ length: 30 }, (_, index) => `${1_763_712_345_000 + index}-0.gz`);
    const listing = listingOf("logs", FOLDER, given, 10, () => pages++);
    expect(pages).toBe(0);
    await listing.first();
    await listing.first();
    expect(pages).toBe(1);
    expect(listing.isAtEnd()).toBe(false);
    await takeAll([listing]);
    expect(pages).toBe(3);
    expect(listing.isAtEnd()).toBe(true);
  });
});

const LAST_MODIFIED_UNIX_MS = 1_763_700_000_000;

/** A listing of these names in pages as S3 gives them. */
function listingOf(
  kind: "logs" | "traces",
  folder: string,
  given: string[],
  pageSize: number,
  onPage = (): void => {},
) {
  const objects = [...given].sort().map(
    (name): ListedObject => ({
      key: folder + name,
      bytes: name === "lock" || name.endsWith("/") ? 0 : 1,
      lastModifiedUnixMs: LAST_MODIFIED_UNIX_MS,
    }),
  );
  return new KindListing(kind, folder, async (continuationToken = "0"): Promise<ListedPage> => {
    onPage();
    const start = Number(continuationToken);
    const end = start + pageSize;
    return {
      objects: objects.slice(start, end),
      folders: [],
      continuationToken: end < objects.length ? String(end) : undefined,
    };
  });
}

async function takeAll(listings: KindListing[]): Promise<StoredKey[]> {
  const taken: StoredKey[] = [];
  for (let next = await takeOldest(listings); next; next = await takeOldest(listings)) taken.push(next);
  return taken;
}

function isTimed(key: string): boolean {
  return /\/(?:\d{13}-\w\.gz|\d{10}\.\d)(?:\.rest)*$/.test(key);
}

function secondOf(unixMs: number): number {
  return Math.floor(unixMs / 1000);
}
