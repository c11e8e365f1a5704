import fc from "fast-check";
import { S3Bucket } from "../../src/io/s3-bucket.ts";
import { Lease } from "../../src/io/s3-lease.ts";
import { AwsError } from "../emulator/service.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const NAME = "a-bucket";
const KEY = "failed_events/1/redrive.lease";

describe("the lease of a redrive", () => {
  let server: S3Server;
  let bucket: S3Bucket;
  beforeAll(async () => {
    server = await startS3();
    Object.assign(process.env, server.environment);
    bucket = new S3Bucket(NAME);
  });
  beforeEach(() => {
    server.heal();
    server.hooks.beforeCall = undefined;
    leave(undefined);
  });
  afterAll(() => server.stop());

  /** What is there when a redrive comes. */
  const leave = (content: unknown): void => {
    server.s3.store(NAME, KEY, "");
    if (content === undefined) server.s3.remove(NAME, KEY);
    else server.s3.store(NAME, KEY, typeof content === "string" ? content : JSON.stringify(content));
  };
  const content = (): Record<string, unknown> => JSON.parse(server.s3.object(NAME, KEY).toString());
  const take = (deadlineUnixMs = Date.now() + 5_000): Promise<Lease | undefined> =>
    Lease.take(bucket, KEY, deadlineUnixMs);

  it("is one redrive's alone until a minute after its deadline", async () => {
    const deadlineUnixMs = Date.now() + 5_000;
    expect((await take(deadlineUnixMs))?.doubtful).toEqual([]);
    expect(content()).toEqual({ owner: expect.any(String), expiresAtUnixMs: deadlineUnixMs + 60_000, doubtful: [] });
    expect(await take()).toBeUndefined();
  });

  it("can be taken over when it has expired, with what was in doubt", async () => {
    leave({ owner: "dead", expiresAtUnixMs: Date.now() - 1, doubtful: ["a", "b"] });
    expect((await take())?.doubtful).toEqual(["a", "b"]);
    expect(content()).toMatchObject({ doubtful: ["a", "b"] });
    expect(await take()).toBeUndefined();
  });

  it("cannot be taken over a moment before it has expired", async () => {
    leave({ owner: "alive", expiresAtUnixMs: Date.now() + 2_000, doubtful: ["a"] });
    expect(await take()).toBeUndefined();
  });

  it.each([
    "",
    "{broken",
    "null",
    "7",
    '{"owner":7,"expiresAtUnixMs":"never","doubtful":{}}',
    '{"expiresAtUnixMs":1e400}',
  ])("is not kept by an object that is no lease: %j", async (text) => {
    leave(text);
    expect((await take())?.doubtful).toEqual([]);
  });

  it("is had by exactly one of any number that want it at once, whatever is there and however they interleave", async () => {
    const left = fc.constantFrom(
      undefined,
      "{broken",
      { owner: "dead", expiresAtUnixMs: 1, doubtful: ["a"] },
      { owner: "alive", expiresAtUnixMs: Date.now() + 600_000, doubtful: ["a"] },
    );
    const delays = fc.array(fc.nat(4), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(left, fc.integer({ min: 2, max: 12 }), delays, async (found, contenders, turns) => {
        leave(found);
        let calls = 0;
        server.hooks.beforeCall = async () => {
          for (let left = turns[calls++ % turns.length] as number; left > 0; left--) {
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        const leases = await Promise.all(Array.from({ length: contenders }, () => take()));
        const had = leases.filter((lease) => lease !== undefined);
        const isAlive = typeof found === "object" && found.owner === "alive";
        expect(had).toHaveLength(isAlive ? 0 : 1);
        for (const lease of had) expect(lease.doubtful).toEqual(typeof found === "object" ? ["a"] : []);
        // Whoever has it can go on.
        for (const lease of had) await lease.hold(["b"]);
      }),
      { numRuns: propertyRuns(40) },
    );
  });

  it.each(["none", "expired"])(
    "is had by whoever wrote it, even if S3's answer was lost (%s before)",
    async (before) => {
      leave(before === "none" ? undefined : { owner: "dead", expiresAtUnixMs: 1, doubtful: ["a"] });
      server.faulty("reset", { operation: "PutObject", isDone: true, times: before === "none" ? 1 : 2 });
      const lease = await take();
      expect(lease?.doubtful).toEqual(before === "none" ? [] : ["a"]);
      server.faulty("reset", { operation: "PutObject", isDone: true, times: 1 });
      await lease?.hold(["b"]);
      await lease?.hold(["c"]);
      expect(content()).toMatchObject({ doubtful: ["c"] });
      server.faulty("reset", { operation: "DeleteObject", isDone: true, times: 1 });
      await lease?.end([]);
      expect(server.s3.keys(NAME)).toEqual([]);
    },
  );

  it("is written again after a conflict with a write under way", async () => {
    const lease = await take();
    server.faulty({ code: "ConditionalRequestConflict", status: 409 }, { operation: "PutObject", times: 1 });
    await lease?.hold(["a"]);
    expect(content()).toMatchObject({ doubtful: ["a"] });
  });

  it("is somebody else's when another write is under way", async () => {
    server.faulty({ code: "ConditionalRequestConflict", status: 409 }, { operation: "PutObject", times: 1 });
    expect(await take()).toBeUndefined();
  });

  it("is somebody else's when another is just taking it over", async () => {
    leave({ owner: "dead", expiresAtUnixMs: 1, doubtful: [] });
    let puts = 0;
    server.hooks.beforeCall = ({ operation }) => {
      if (operation === "PutObject" && ++puts > 1) throw new AwsError("ConditionalRequestConflict", "Conflict", 409);
    };
    expect(await take()).toBeUndefined();
    expect(puts).toBe(2);
  });

  it("says so when it is lost, once and for all, and leaves the other's alone", async () => {
    const lease = await take();
    leave({ owner: "other", expiresAtUnixMs: Date.now() + 60_000, doubtful: ["theirs"] });
    const message = `another redrive has taken over s3://${NAME}/${KEY}, so this one stops; let nothing else write or delete that object, and check that the clocks agree`;
    await expect(lease?.hold(["a"])).rejects.toThrow(message);
    const calls = server.calls.length;
    await expect(lease?.hold(["a"])).rejects.toThrow(message);
    await lease?.end(["a"]);
    expect(server.calls).toHaveLength(calls);
    expect(content()).toMatchObject({ owner: "other", doubtful: ["theirs"] });
  });

  it("is not deleted when it ends as somebody else's", async () => {
    const lease = await take();
    leave({ owner: "other", expiresAtUnixMs: Date.now() + 60_000, doubtful: [] });
    await lease?.end([]);
    expect(content()).toMatchObject({ owner: "other" });
  });

  it("stays as one that has expired when something is in doubt at its end", async () => {
    await (await take())?.end(["a"]);
    expect(content()).toMatchObject({ expiresAtUnixMs: 0, doubtful: ["a"] });
    expect((await take())?.doubtful).toEqual(["a"]);
  });

  it("is not waited for when S3 does not answer at its end", async () => {
    const lease = await take(Date.now() + 500);
    server.faulty("hang");
    const startedMs = performance.now();
    await expect(lease?.end([])).rejects.toThrow(`cannot delete s3://${NAME}/${KEY}: no answer in time`);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("can be ended a moment after the deadline", async () => {
    const lease = await take();
    const now = jest.spyOn(Date, "now").mockReturnValue(Date.now() + 10_000);
    await lease?.end([]);
    now.mockRestore();
    expect(server.s3.keys(NAME)).toEqual([]);
  });
});
