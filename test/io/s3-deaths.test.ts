import fc from "fast-check";
import type { RedriveStore, StoredBatch } from "../../src/delivery/failure-store.ts";
import { encodeStored } from "../../src/delivery/stored-object.ts";
import { layoutFor } from "../../src/io/s3-layout.ts";
import { createS3Store } from "../../src/io/s3-store.ts";
import { AwsError } from "../emulator/service.ts";
import { aFailedBatch, storedBody } from "../helpers/failed-batches.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const BUCKET = "a-bucket";
const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:forwarder";
const { folder: FOLDER, lease: LEASE, kindFolder } = layoutFor(ARN);

/** What becomes of a batch in the hands of a redrive. */
type Fate = "all delivered" | "part delivered" | "refused" | "left";

interface Seen {
  delivered: Set<string>;
  /** Items that were delivered again, out of a batch that was not marked. */
  unmarked: string[];
}

describe("redrives that die", () => {
  let server: S3Server;
  let store: RedriveStore;
  beforeAll(async () => {
    server = await startS3();
    Object.assign(process.env, server.environment);
    store = createS3Store({ bucket: BUCKET, functionArn: ARN });
  });
  afterAll(() => server.stop());

  const fate = fc.constantFrom<Fate>("all delivered", "all delivered", "part delivered", "refused", "left");
  const death = fc.record({
    atCall: fc.integer({ min: 1, max: 30 }),
    isCallDone: fc.boolean(),
    fates: fc.array(fate, { minLength: 1, maxLength: 10 }),
  });

  it("lose nothing, and let nothing be delivered twice unmarked, at whichever call it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.array(death, { maxLength: 3 }), async (batches, deaths) => {
        const items = fill(batches);
        const seen: Seen = { delivered: new Set(), unmarked: [] };
        for (const { atCall, isCallDone, fates } of deaths) {
          dieAt(atCall, isCallDone);
          await redrive(seen, fates).catch(() => {});
          live();
          letLeaseExpire();
        }
        await redrive(seen, ["all delivered"]);

        // A lease may be left over where nothing else is.
        const left = keysBut(LEASE).map((key) => key.slice(FOLDER.length));
        expect(left.filter((name) => !name.startsWith("quarantine/"))).toEqual([]);
        const quarantined = left.flatMap((name) => itemsOf(server.s3.object(BUCKET, FOLDER + name)));
        const kept = new Set([...seen.delivered, ...quarantined]);
        expect(items.filter((item) => !kept.has(item))).toEqual([]);
        expect(seen.unmarked).toEqual([]);
      }),
      { numRuns: propertyRuns(15) },
    );
  }, 600_000);

  /** An empty bucket, and then batches of three items each in it. */
  function fill(batches: number): string[] {
    server.s3.store(BUCKET, LEASE, "");
    for (const key of server.s3.keys(BUCKET)) server.s3.remove(BUCKET, key);
    return Array.from({ length: batches }, (_, index) => {
      const items = [0, 1, 2].map((item) => `${index}.${item}`);
      const key = `${kindFolder(index % 3 === 0 ? "traces" : "logs")}${1_763_712_345_000 + index}-0a.gz`;
      server.s3.store(BUCKET, key, encodeStored(aFailedBatch(JSON.stringify(items))));
      return items;
    }).flat();
  }

  function keysBut(other: string): string[] {
    return server.s3.keys(BUCKET).filter((key) => key !== other);
  }

  /** From the given call on, S3 does nothing more for this process. */
  function dieAt(atCall: number, isCallDone: boolean): void {
    let calls = 0;
    const die = (isDead: boolean): void => {
      if (isDead) throw new AwsError("Dead", "Dead");
    };
    server.hooks.beforeCall = () => die(++calls > atCall || (calls === atCall && !isCallDone));
    server.hooks.afterCall = () => die(calls >= atCall);
  }

  function live(): void {
    server.hooks.beforeCall = undefined;
    server.hooks.afterCall = undefined;
  }

  function letLeaseExpire(): void {
    if (!server.s3.keys(BUCKET).includes(LEASE)) return;
    const lease = JSON.parse(server.s3.object(BUCKET, LEASE).toString());
    server.s3.store(BUCKET, LEASE, JSON.stringify({ ...lease, expiresAtUnixMs: 1 }));
  }

  async function redrive(seen: Seen, fates: Fate[]): Promise<void> {
    const opened = await store.open(["logs", "traces"], Date.now() + 60_000);
    if (!opened) throw new Error("there is another redrive");
    let handedOut = 0;
    for (let claimed = await opened.claim(); claimed.length > 0; claimed = await opened.claim()) {
      const meetingFates = claimed.map((batch) => meet(batch, fates[handedOut++ % fates.length] as Fate, seen));
      for (const end of await Promise.allSettled(meetingFates)) if (end.status === "rejected") throw end.reason;
    }
    await opened.close();
  }

  async function meet(batch: StoredBatch, fate: Fate, seen: Seen): Promise<void> {
    const items = itemsOf(await batch.read());
    if (fate === "left") return;
    if (fate === "refused") return batch.quarantine();
    const isWhole = fate === "all delivered" || items.length === 1;
    const delivered = isWhole ? items : items.slice(1);
    for (const item of delivered) {
      if (seen.delivered.has(item) && !batch.isPossiblyDelivered) seen.unmarked.push(item);
      seen.delivered.add(item);
    }
    if (isWhole) await batch.remove();
    else await batch.replace(aFailedBatch(JSON.stringify(items.slice(0, 1))));
  }
});

function itemsOf(stored: Uint8Array): string[] {
  return JSON.parse(storedBody(stored));
}
