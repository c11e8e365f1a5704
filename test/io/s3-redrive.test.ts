import type { RedriveStore, StoredBatch, StoredBatches } from "../../src/delivery/failure-store.ts";
import { layoutFor } from "../../src/io/s3-layout.ts";
import { createS3Store } from "../../src/io/s3-store.ts";
import { aFailedBatch, claimAll, storedBody } from "../helpers/failed-batches.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:forwarder";
const { folder: FOLDER } = layoutFor(ARN);

describe("a redrive from S3", () => {
  let server: S3Server;
  let bucket = "";
  let buckets = 0;
  let store: RedriveStore;
  beforeAll(async () => {
    server = await startS3();
    Object.assign(process.env, server.environment);
  });
  beforeEach(() => {
    newBucket();
    server.heal();
  });
  afterAll(() => server.stop());

  const newBucket = (): void => {
    bucket = `bucket-${buckets++}`;
    store = createS3Store({ bucket, functionArn: ARN });
    server.s3.store(bucket, "x", "");
  };
  const soon = (): number => Date.now() + 5_000;
  const place = (...names: string[]): void => {
    for (const name of names) server.s3.store(bucket, FOLDER + name, `body of ${name}`);
  };
  const names = (): string[] =>
    server.s3
      .keys(bucket)
      .filter((key) => key.startsWith(FOLDER))
      .map((key) => key.slice(FOLDER.length));
  const nameOf = ({ place }: StoredBatch): string => place.slice(`s3://${bucket}/${FOLDER}`.length);
  const open = async (...kinds: ("logs" | "traces")[]): Promise<StoredBatches> => {
    const opened = await store.open(kinds.length > 0 ? kinds : ["logs", "traces"], soon());
    if (!opened) throw new Error("there is another redrive");
    return opened;
  };
  const lease = () => JSON.parse(server.s3.object(bucket, `${FOLDER}redrive.lease`).toString());
  const doubtful = (): string[] => lease().doubtful.map((key: string) => key.slice(FOLDER.length));
  /** As if the time of a redrive that has died were over. */
  const letLeaseExpire = (): void => {
    server.s3.store(bucket, `${FOLDER}redrive.lease`, JSON.stringify({ ...lease(), expiresAtUnixMs: 1 }));
  };

  it("keeps the rest of a batch in place of it, as old as it was", async () => {
    place("logs/1763712345.5");
    const first = await open();
    const [batch] = await first.claim();
    await batch?.replace(aFailedBatch("the rest"));
    await first.close();
    expect(names()).toEqual(["logs/1763712345.5.rest"]);

    const second = await open();
    const [rest] = await second.claim();
    expect(rest).toMatchObject({ storedAtUnixMs: 1_763_712_345_500, isPossiblyDelivered: false });
    expect(storedBody((await rest?.read()) as Buffer)).toBe("the rest");
    await rest?.replace(aFailedBatch("the rest of the rest"));
    await second.close();
    expect(names()).toEqual(["logs/1763712345.5.rest.rest"]);
  });

  it("keeps the rest under the same key when there is no room for a longer one", async () => {
    const name = `logs/${"x".repeat(1024 - FOLDER.length - "logs/".length)}`;
    place(name);
    const [batch] = await (await open()).claim();
    await batch?.replace(aFailedBatch("the rest"));
    expect(storedBody(server.s3.object(bucket, FOLDER + name))).toBe("the rest");
    letLeaseExpire();

    const redrive = await open();
    const [rest] = await redrive.claim();
    await rest?.replace(aFailedBatch("the rest of the rest"));
    await redrive.close();
    expect(doubtful()).toEqual([name]);
  });

  it("deletes an original whose rest is beside it, before it hands the rest out", async () => {
    place(
      "logs/1763712345.5",
      "logs/1763712345.5.rest",
      "traces/1763712345678-0a.gz",
      "traces/1763712345678-0a.gz.rest",
    );
    const redrive = await open();
    const claimed = await redrive.claim();
    expect(claimed.map(nameOf)).toEqual(["logs/1763712345.5.rest", "traces/1763712345678-0a.gz.rest"]);
    expect(names().filter((name) => name !== "redrive.lease")).toEqual(claimed.map(nameOf));
  });

  it("does not hand out a rest while the original cannot be deleted", async () => {
    place("logs/1763712345.5", "logs/1763712345.5.rest", "logs/1763712346.5");
    const redrive = await open();
    server.faulty("deny", { operation: "DeleteObject" });
    await expect(redrive.claim()).rejects.toThrow("the function's role needs s3:DeleteObject");
    place(...Array.from({ length: 3 }, (_, index) => `logs/176371234${7 + index}.5`));
    expect(await redrive.claim().catch(() => "refused")).toBe("refused");
    server.heal();
    await claimAll(redrive);
    expect(names()).not.toContain("logs/1763712345.5");
    expect(names()).toContain("logs/1763712345.5.rest");
  });

  it("moves what nobody understands to the quarantine, as it is, however its key is written", async () => {
    const odd = "logs/a b+c%25&é/d?#.gz";
    place(odd);
    const redrive = await open();
    const [batch] = await redrive.claim();
    await batch?.quarantine();
    await batch?.quarantine();
    await redrive.close();
    expect(names()).toEqual([`quarantine/${odd}`]);
    expect(server.s3.object(bucket, `${FOLDER}quarantine/${odd}`).toString()).toBe(`body of ${odd}`);
    expect(await claimAll(await open())).toEqual([]);
  });

  it("leaves where it is what cannot be copied to the quarantine", async () => {
    place("logs/1763712345.5");
    const [batch] = await (await open()).claim();
    server.faulty("deny", { operation: "CopyObject" });
    await expect(batch?.quarantine()).rejects.toThrow(
      /^cannot copy s3:.*\/logs\/1763712345\.5: access denied; the function's role needs s3:GetObject and s3:PutObject,/,
    );
    expect(names()).toEqual(["logs/1763712345.5", "redrive.lease"]);
  });

  it("looks at what is stored when it has the lease, not before", async () => {
    place("logs/1763712345.5");
    server.hooks.beforeCall = ({ operation }) => {
      if (operation !== "PutObject") return;
      place("logs/1763712345.5.rest");
    };
    const redrive = await open();
    server.hooks.beforeCall = undefined;
    expect((await redrive.claim()).map(nameOf)).toEqual(["logs/1763712345.5.rest"]);
  });

  it("holds what it claims in the lease before it hands it out, and lets go of what is settled", async () => {
    const all = Array.from({ length: 9 }, (_, index) => `logs/176371234${index}.5`);
    place(...all);
    const redrive = await open();
    expect(doubtful()).toEqual([]);
    const [first, second, third, ...others] = await redrive.claim();
    expect(doubtful()).toEqual(all.slice(0, 8));
    await first?.remove();
    await second?.replace(aFailedBatch("rest"));
    await third?.quarantine();
    expect(others).toHaveLength(5);
    await redrive.claim();
    expect(doubtful()).toEqual(all.slice(3));
  });

  it("leaves nothing in doubt when it ends well, even what it left where it was", async () => {
    place("logs/1763712345.5", "logs/1763712346.5");
    const redrive = await open();
    await redrive.claim();
    await redrive.close();
    expect(names()).toEqual(["logs/1763712345.5", "logs/1763712346.5"]);
    expect((await claimAll(await open())).map(({ isPossiblyDelivered }) => isPossiblyDelivered)).toEqual([
      false,
      false,
    ]);
  });

  it("leaves in doubt what it could not remove", async () => {
    place("logs/1763712345.5", "logs/1763712346.5", "logs/1763712347.5");
    const redrive = await open();
    const [first, second] = await redrive.claim();
    server.faulty("deny", { operation: "DeleteObject", times: 2 });
    await expect(first?.remove()).rejects.toThrow(/^cannot delete s3:.*\/logs\/1763712345\.5: access denied/);
    await expect(second?.replace(aFailedBatch("rest"))).rejects.toThrow("cannot delete");
    await redrive.close();
    expect(lease().expiresAtUnixMs).toBe(0);
    const claimed = await claimAll(await open());
    expect(claimed.map((batch) => [nameOf(batch), batch.isPossiblyDelivered])).toEqual([
      ["logs/1763712345.5", true],
      ["logs/1763712346.5.rest", false],
      ["logs/1763712347.5", false],
    ]);
  });

  it("marks what a redrive had claimed and not settled when it died, and nothing else", async () => {
    const all = Array.from({ length: 12 }, (_, index) => `logs/17637123${10 + index}.5`);
    place(...all);
    const [first, second] = await (await open()).claim();
    await first?.remove();
    await second?.replace(aFailedBatch("rest"));
    letLeaseExpire();
    const claimed = await claimAll(await open());
    expect(claimed.map((batch) => [nameOf(batch), batch.isPossiblyDelivered])).toEqual([
      [`${all[1]}.rest`, false],
      ...all.slice(2, 8).map((name) => [name, true]),
      ...all.slice(8).map((name) => [name, false]),
    ]);
  });

  it("keeps in doubt what it did not settle of what was in doubt before", async () => {
    place("logs/1763712345.5", "logs/1763712346.5", "traces/1763712347.5");
    await (await open()).claim();
    letLeaseExpire();
    const redrive = await open("logs");
    const [first] = await redrive.claim();
    await first?.remove();
    await redrive.close();
    expect(doubtful()).toEqual(["logs/1763712346.5", "traces/1763712347.5"]);
    const claimed = await claimAll(await open());
    expect(claimed.map(({ isPossiblyDelivered }) => isPossiblyDelivered)).toEqual([true, true]);
  });

  it("has the rest of what was in doubt in doubt too, even if it dies in between", async () => {
    place("logs/1763712345.5", "logs/1763712346.5");
    await (await open()).claim();
    letLeaseExpire();
    const [first] = await (await open()).claim();
    await first?.replace(aFailedBatch("rest"));
    letLeaseExpire();
    const redrive = await open();
    const [rest, second] = await redrive.claim();
    expect(nameOf(rest as StoredBatch)).toBe("logs/1763712345.5.rest");
    expect([rest, second].map((batch) => batch?.isPossiblyDelivered)).toEqual([true, true]);
    await rest?.replace(aFailedBatch("rest of the rest"));
    await second?.remove();
    await redrive.close();
    expect(doubtful()).toEqual(["logs/1763712345.5.rest.rest"]);
  });

  it("forgets what was in doubt and is gone", async () => {
    place("logs/1763712345.5", "logs/1763712346.5");
    const dead = await open();
    const [first] = await dead.claim();
    await first?.remove();
    letLeaseExpire();
    expect(doubtful()).toContain("logs/1763712345.5");
    const redrive = await open();
    for (const batch of await claimAll(redrive)) await batch.remove();
    await redrive.close();
    expect(names()).toEqual([]);
  });

  it("stops when another has taken over, and leaves everything as it is", async () => {
    const all = Array.from({ length: 12 }, (_, index) => `logs/17637123${10 + index}.5`);
    place(...all);
    const slow = await open();
    await slow.claim();
    letLeaseExpire();
    const other = await open();
    await expect(slow.claim()).rejects.toThrow("another redrive has taken over");
    await expect(slow.claim()).rejects.toThrow("another redrive has taken over");
    await slow.close();
    expect(await store.open(["logs"], soon())).toBeUndefined();
    expect(await claimAll(other)).toHaveLength(12);
    expect(names()).toEqual([...all, "redrive.lease"]);
  });

  it("hands out nothing twice to workers that claim at the same time", async () => {
    place(...Array.from({ length: 40 }, (_, index) => `logs/17637123${10 + index}.5`));
    const redrive = await open();
    const claims = await Promise.all(Array.from({ length: 6 }, () => redrive.claim()));
    expect(new Set(claims.flat().map(nameOf)).size).toBe(40);
    expect(claims.flat()).toHaveLength(40);
    expect(doubtful()).toHaveLength(40);
  });

  it("says that its lease lasts on when it cannot end it", async () => {
    place("logs/1763712345.5");
    const redrive = await open();
    await redrive.claim();
    server.faulty("deny", { operation: "DeleteObject" });
    await expect(redrive.close()).rejects.toThrow(/^cannot delete s3:.*\/redrive\.lease: access denied/);
  });
});
