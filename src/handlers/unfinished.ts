/**
 * Objects of S3 that an invocation had no time to read to their end. Where reading goes on is noted in the failure bucket,
 * one object each, and taken up by an invocation that redrives.
 */
import { createHash } from "node:crypto";
import { S3Bucket } from "../io/s3-bucket.ts";
import { layoutFor } from "../io/s3-layout.ts";
import type { Unfinished } from "../pipeline.ts";
import type { Forward, Invocation } from "./invocation.ts";

const VERSION = 1;
const MAX_NOTE_BYTES = 64 * 1024;
/** A claim outlives its invocation by this much. */
const CLAIM_MARGIN_MS = 60_000;
/** Below this, an object is not begun. */
const LEAST_MS = 5_000;

interface Note {
  version: number;
  /** That is forwarded for it. */
  event: object;
  /** Until then it is another invocation's. */
  claimedUntilUnixMs: number;
}

/** @throws {Error} when they cannot be noted */
export async function noteUnfinished(invocation: Invocation, objects: readonly Unfinished[]): Promise<void> {
  const { bucket, folder, deadlineUnixMs } = placeOf(invocation);
  for (const { object, byte, line, event } of objects) {
    await bucket.put(
      folder + nameOf(object),
      encoded({ version: VERSION, event, claimedUntilUnixMs: 0 }),
      deadlineUnixMs,
    );
    invocation.log(
      "INFO",
      `s3://${object.bucket}/${object.key} is read up to byte ${byte}, event ${line}; a redrive goes on with it`,
    );
  }
}

/** Goes on with what was noted while there is time. What fails stays noted, and is reported. */
export async function resumeUnfinished(invocation: Invocation, forward: Forward): Promise<void> {
  const { config, worlds, log } = invocation;
  const { clock } = worlds;
  if (!config.storeFailedEvents || !config.bucket) return;
  const { bucket, folder, deadlineUnixMs } = placeOf(invocation);
  const { objects } = await bucket.list(folder, {}, deadlineUnixMs);
  for (const { key } of objects) {
    if (clock.msLeft() < LEAST_MS) return;
    try {
      await resume(key);
    } catch (error) {
      log("ERROR", error instanceof Error ? error.message : "unknown error");
    }
  }

  async function resume(key: string): Promise<void> {
    const { body, etag } = await bucket.get(key, MAX_NOTE_BYTES, deadlineUnixMs);
    const note = decoded(body);
    if (!note) return log("ERROR", `${bucket.place(key)} is no note of an unfinished object: delete it`);
    if (note.claimedUntilUnixMs > clock.nowUnixMs()) return;
    const claim = { ...note, claimedUntilUnixMs: deadlineUnixMs + CLAIM_MARGIN_MS };
    let held: string;
    try {
      held = await bucket.put(key, encoded(claim), deadlineUnixMs, { ifMatch: etag });
    } catch (error) {
      // Another invocation was faster.
      if ((error as { code?: string }).code === "PreconditionFailed") return;
      throw error;
    }
    await forward(note.event, invocation);
    // Where it did not come to the end either, the place it came to is noted under the same name by now.
    await bucket.delete(key, deadlineUnixMs, held).catch((error: { code?: string }) => {
      if (error.code !== "PreconditionFailed") throw error;
    });
  }
}

function placeOf({ config, forwarder, worlds }: Invocation): {
  bucket: S3Bucket;
  folder: string;
  deadlineUnixMs: number;
} {
  const functionArn = forwarder.functionArn.split(":", 7).join(":");
  return {
    bucket: new S3Bucket(config.bucket, undefined, config.useVpc),
    folder: `${layoutFor(functionArn).folder}unfinished/`,
    deadlineUnixMs: worlds.clock.storeDeadlineUnixMs,
  };
}

/** The same for the same object, so that it is noted once. */
function nameOf({ bucket, key, versionId, etag }: Unfinished["object"]): string {
  const identity = JSON.stringify([bucket, key, versionId, etag]);
  return `${createHash("sha256").update(identity).digest("hex")}.json`;
}

function encoded(note: Note): Buffer {
  return Buffer.from(JSON.stringify(note));
}

function decoded(body: Buffer): Note | undefined {
  try {
    const note = JSON.parse(body.toString()) as Note | null;
    return note?.version === VERSION && typeof note.event === "object" ? note : undefined;
  } catch {
    return undefined;
  }
}
