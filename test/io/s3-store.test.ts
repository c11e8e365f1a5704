import { createHash } from "node:crypto";
import type { RedriveStore } from "../../src/delivery/failure-store.ts";
import { createS3Store } from "../../src/io/s3-store.ts";
import type { AwsCall } from "../emulator/service.ts";
import { aFailedBatch, claimAll, storedBody } from "../helpers/failed-batches.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:forwarder";
const FOLDER = `failed_events/${createHash("sha1").update(ARN).digest("hex")}/`;

describe("the S3 store", () => {
  let server: S3Server;
  let bucket = "";
  let buckets = 0;
  let store: RedriveStore;
  beforeAll(async () => {
    server = await startS3();
    Object.assign(process.env, server.environment);
  });
  beforeEach(() => {
    bucket = `bucket-${buckets++}`;
    server.heal();
    server.calls.splice(0);
    server.s3.store(bucket, "other/1763712345.5", "x");
    store = createS3Store({ bucket, functionArn: ARN });
  });
  afterAll(() => server.stop());

  const soon = (): number => Date.now() + 5_000;
  const place = (name: string, body = "x"): void => server.s3.store(bucket, FOLDER + name, body);
  const keys = (): string[] => server.s3.keys(bucket).filter((key) => key.startsWith(FOLDER));

  it("gives back what was put, and forgets what is removed", async () => {
    await store.put(aFailedBatch("a body", { storedAtUnixMs: 1_763_712_345_678 }), false, soon());
    expect(keys()).toEqual([expect.stringMatching(`^${FOLDER}logs/1763712345678-[0-9a-f]{16}\\.gz$`)]);

    const redrive = await store.open(["logs", "traces"], soon());
    const [batch, ...others] = await claimAll(redrive);
    expect(others).toEqual([]);
    expect(batch).toMatchObject({ kind: "logs", storedAtUnixMs: 1_763_712_345_678, isPossiblyDelivered: false });
    expect(batch?.place).toBe(`s3://${bucket}/${keys()[0]}`);
    expect(storedBody((await batch?.read()) as Buffer)).toBe("a body");
    await batch?.remove();
    await batch?.remove();
    await redrive?.close();
    expect(keys()).toEqual([]);
  });

  it("keeps apart what sending again cannot help", async () => {
    await store.put(aFailedBatch("refused", { kind: "traces" }), true, soon());
    expect(keys()).toEqual([expect.stringMatching(`^${FOLDER}quarantine/traces/1763712345678-`)]);
    expect(await claimAll(await store.open(["logs", "traces", "metrics"], soon()))).toEqual([]);
  });

  it("writes nothing where nothing is to be sent again, and lists once", async () => {
    place("redrive.lease", JSON.stringify({ owner: "dead", expiresAtUnixMs: 1, doubtful: [] }));
    place("quarantine/logs/1763712345.5");
    const redrive = await store.open(["logs", "traces", "metrics"], soon());
    expect(await redrive?.claim()).toEqual([]);
    await redrive?.close();
    expect(server.calls).toEqual([`ListObjectsV2 ${FOLDER}`]);
  });

  it("writes nothing for an empty folder or a lock that the Datadog Forwarder left", async () => {
    place("logs/", "");
    place("logs/lock", "");
    expect(await claimAll(await store.open(["logs"], soon()))).toEqual([]);
    expect(server.calls.filter((call) => !call.startsWith("ListObjectsV2"))).toEqual([]);
  });

  it("hands out the oldest first over all kinds, whoever stored it, eight at a time", async () => {
    const names = [
      "traces/1763712340.25",
      "logs/1763712341000-00.gz",
      "logs/1763712342.678901",
      "metrics/1763712343000-00.gz",
      "traces/1763712344000-00.gz.rest",
      "logs/1763712345.0",
      "traces/1763712346000-00.gz",
      "logs/1763712347000-00.gz",
      "logs/1763712348000-00.gz",
      "logs/1763712349.5",
    ];
    for (const name of [...names].reverse()) place(name);
    const redrive = await store.open(["logs", "traces", "metrics"], soon());
    const claims = [await redrive?.claim(), await redrive?.claim(), await redrive?.claim()];
    const claimed = claims.map((claim) => claim?.map(({ place }) => place.slice(`s3://${bucket}/${FOLDER}`.length)));
    expect(claimed).toEqual([names.slice(0, 8), names.slice(8), []]);
    await redrive?.close();
  });

  it("leaves alone the kinds that it is not asked for", async () => {
    place("metrics/1763712343000-00.gz");
    place("logs/1763712343000-00.gz");
    const kinds = (await claimAll(await store.open(["logs"], soon()))).map(({ kind }) => kind);
    expect(kinds).toEqual(["logs"]);
  });

  it("takes an object with a name of its own for as old as its last change", async () => {
    server.s3.store(bucket, `${FOLDER}logs/é by hand\u0001.gz`, "x", new Date("2025-11-21T08:05:41Z"));
    const [batch] = await claimAll(await store.open(["logs"], soon()));
    expect(batch?.storedAtUnixMs).toBe(Date.parse("2025-11-21T08:05:41Z"));
    await batch?.remove();
    expect(keys().filter((key) => key.includes("by hand"))).toEqual([]);
  });

  it("hands out thousands, each once, in order, from pages of a thousand", async () => {
    const names = Array.from({ length: 2_345 }, (_, index) => `logs/${1_763_712_000_000 + 7 * index}-0f.gz`);
    for (const name of names) place(name);
    const redrive = await store.open(["logs", "traces"], Date.now() + 60_000);
    const claimed = (await claimAll(redrive)).map(({ place }) => place.slice(`s3://${bucket}/${FOLDER}`.length));
    await redrive?.close();
    expect(claimed).toEqual(names);
    // One to see what is there, one to see that it is something, and the pages.
    expect(server.calls.filter((call) => call.startsWith("ListObjectsV2"))).toHaveLength(5);
  });

  it("lets only one redrive at it at once, and the next when that has ended", async () => {
    place("logs/1763712345.5");
    const opened = await Promise.all([store.open(["logs"], soon()), store.open(["logs"], soon())]);
    const redrives = opened.filter((redrive) => redrive !== undefined);
    expect(redrives).toHaveLength(1);
    await redrives[0]?.claim();
    expect(await store.open(["logs"], soon())).toBeUndefined();
    await redrives[0]?.close();
    expect(keys()).toEqual([`${FOLDER}logs/1763712345.5`]);
    expect(await store.open(["logs"], soon())).toBeDefined();
  });

  it.each(["at once", "on the way"])(
    "refuses to read what is larger than anything that was stored: %s",
    async (when) => {
      place("logs/1763712345.5", "x".repeat(64_000_001));
      const [batch] = await claimAll(await store.open(["logs"], soon()));
      server.hooks.afterCall = (_, answer) => {
        if (when === "on the way") answer.headers = { ...answer.headers, "transfer-encoding": "chunked" };
      };
      const problem = await batch?.read().catch(({ message }) => message);
      server.hooks.afterCall = undefined;
      expect(problem).toMatch(
        / it has 64\d{6} bytes or more, and a forwarder stores no more than 64000000; move it out/,
      );
      expect(problem).toContain(`cannot read s3://${bucket}/${FOLDER}logs/1763712345.5: `);
    },
  );

  it("does not wait past the deadline for an object that stops in its middle", async () => {
    place("logs/1763712345.5", "x".repeat(1_000_000));
    const deadlineUnixMs = Date.now() + 800;
    const [batch] = await claimAll(await store.open(["logs"], deadlineUnixMs));
    server.faulty("stall", { operation: "GetObject", isDone: true });
    await expect(batch?.read()).rejects.toThrow("no answer in time");
    expect(Date.now() - deadlineUnixMs).toBeLessThan(3_000);
  });

  it("tries again when an attempt is not answered", async () => {
    const impatient = createS3Store({ bucket, functionArn: ARN, timeouts: { callMs: 5_000, attemptMs: 100 } });
    server.faulty("hang", { times: 1 });
    await impatient.put(aFailedBatch(), false, soon());
    expect(keys()).toHaveLength(1);
    expect(server.calls).toHaveLength(2);
  });

  it("puts at most eight at once", async () => {
    let underWay = 0;
    let most = 0;
    server.hooks.beforeCall = async () => {
      most = Math.max(most, ++underWay);
      // All that may be under way are, however busy the machine is.
      while (most < 8) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    server.hooks.afterCall = () => void underWay--;
    const batches = Array.from({ length: 30 }, (_, index) => aFailedBatch(`batch ${index}`));
    await Promise.all(batches.map((batch) => store.put(batch, false, soon())));
    server.hooks.beforeCall = undefined;
    server.hooks.afterCall = undefined;
    expect(most).toBe(8);
    expect(keys()).toHaveLength(30);
  });

  it("goes on putting after a put that failed", async () => {
    server.faulty("deny", { times: 9 });
    const ends = await Promise.allSettled(Array.from({ length: 12 }, () => store.put(aFailedBatch(), false, soon())));
    expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(9);
    expect(keys()).toHaveLength(3);
  });

  it("ends every put at the deadline when S3 hangs, those in the queue too", async () => {
    server.faulty("hang");
    const deadlineUnixMs = Date.now() + 200;
    const ends = await Promise.allSettled(
      Array.from({ length: 30 }, () => store.put(aFailedBatch(), false, deadlineUnixMs)),
    );
    expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(30);
    expect(Date.now() - deadlineUnixMs).toBeLessThan(3_000);
  });

  it("sends no body in chunks, and asks for no rights but those of an object", async () => {
    const calls = await callsOf(() => store.put(aFailedBatch("a body"), false, soon()));
    const headers = calls.flatMap((call) => [...Object.keys(call.headers), call.headers["x-amz-content-sha256"] ?? ""]);
    expect(headers).toContain("content-length");
    expect(headers.filter((text) => /acl|tagging|STREAMING|encryption|transfer-encoding/.test(text))).toEqual([]);
  });

  it("lists keys in an encoding that has room for every character", async () => {
    const calls = await callsOf(() => store.open(["logs"], soon()));
    expect(calls.map(({ query }) => query.get("encoding-type"))).toEqual(["url"]);
  });

  async function callsOf(run: () => Promise<unknown>): Promise<AwsCall[]> {
    const calls: AwsCall[] = [];
    const { answer } = server.s3;
    server.s3.answer = (call) => {
      calls.push(call);
      return answer(call);
    };
    await run();
    server.s3.answer = answer;
    return calls;
  }
});
