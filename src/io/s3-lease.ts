/** What keeps two redrives from sending the same batches: an object that only one of them can write. */
import { randomUUID } from "node:crypto";
import type { Condition, S3Bucket } from "./s3-bucket.ts";
import { S3Error } from "./s3-error.ts";

/** A lease outlives its redrive by this, so that clocks that differ a little do no harm. */
const MARGIN_MS = 60_000;
/** Some 100,000 keys; a redrive claims fewer in Lambda's quarter of an hour. */
const MAX_LEASE_BYTES = 16_000_000;
const MAX_WRITES = 3;
/** For ending the lease, even after the deadline: a lease that is not ended puts all that was claimed in doubt. */
const LEAST_MS_TO_END = 250;

interface Content {
  owner: string;
  expiresAtUnixMs: number;
  /** Keys of batches that may have reached the intake, if the owner has died. */
  doubtful: string[];
}

/**
 * A lease lasts until a minute after its redrive's deadline and is not renewed: at the deadline Lambda ends the process.
 * Whoever finds an expired lease takes it over, with what was in doubt.
 */
export class Lease {
  /** Left over from redrives that have died. */
  readonly doubtful: readonly string[];
  readonly #bucket: S3Bucket;
  readonly #key: string;
  readonly #owner: string;
  readonly #deadlineUnixMs: number;
  #etag: string;
  #lost: Error | undefined;

  private constructor(
    { bucket, key, owner, deadlineUnixMs }: { bucket: S3Bucket; key: string; owner: string; deadlineUnixMs: number },
    { etag, doubtful }: { etag: string; doubtful: readonly string[] },
  ) {
    this.#bucket = bucket;
    this.#key = key;
    this.#owner = owner;
    this.#deadlineUnixMs = deadlineUnixMs;
    this.#etag = etag;
    this.doubtful = doubtful;
  }

  /**
   * Undefined when somebody else has it.
   *
   * @throws {S3Error} when S3 does not say
   */
  static async take(bucket: S3Bucket, key: string, deadlineUnixMs: number): Promise<Lease | undefined> {
    const owner = randomUUID();
    const own = { bucket, key, owner, deadlineUnixMs };
    const expiresAtUnixMs = deadlineUnixMs + MARGIN_MS;
    let condition: Condition = { ifNoneMatch: "*" };
    let doubtful: string[] = [];
    for (;;) {
      try {
        const body = encode({ owner, expiresAtUnixMs, doubtful });
        return new Lease(own, { etag: await bucket.put(key, body, deadlineUnixMs, condition), doubtful });
      } catch (error) {
        if (!isConditionRefused(error)) throw error;
      }
      const found = await read(bucket, key, deadlineUnixMs);
      // A write whose answer was lost is made again, and then refused because of itself.
      if (found?.owner === owner) return new Lease(own, { etag: found.etag, doubtful });
      if (!found || "ifMatch" in condition || found.expiresAtUnixMs > Date.now()) return undefined;
      condition = { ifMatch: found.etag };
      doubtful = found.doubtful;
    }
  }

  /**
   * Resolves when the next redrive would know of these keys, should this process die now.
   *
   * @throws {Error} when the lease is lost; from then on, always
   */
  async hold(doubtful: Iterable<string>): Promise<void> {
    const expiresAtUnixMs = this.#deadlineUnixMs + MARGIN_MS;
    await this.#write({ owner: this.#owner, expiresAtUnixMs, doubtful: [...doubtful] }, this.#deadlineUnixMs);
  }

  /** Lets the next redrive begin, and tells it what is in doubt. A lost lease is somebody else's to end. */
  async end(doubtful: Iterable<string>): Promise<void> {
    if (this.#lost) return;
    const keys = [...doubtful];
    const deadlineUnixMs = Math.max(this.#deadlineUnixMs, Date.now() + LEAST_MS_TO_END);
    if (keys.length > 0) {
      return this.#write({ owner: this.#owner, expiresAtUnixMs: 0, doubtful: keys }, deadlineUnixMs);
    }
    try {
      await this.#bucket.delete(this.#key, deadlineUnixMs, this.#etag);
    } catch (error) {
      // Either this delete was made twice, or somebody else has taken over.
      if (!isConditionRefused(error)) throw error;
    }
  }

  async #write(content: Content, deadlineUnixMs: number): Promise<void> {
    if (this.#lost) throw this.#lost;
    const body = encode(content);
    for (let writes = 1; ; writes++) {
      try {
        this.#etag = await this.#bucket.put(this.#key, body, deadlineUnixMs, { ifMatch: this.#etag });
        return;
      } catch (error) {
        if (!isConditionRefused(error) || writes === MAX_WRITES) throw error;
      }
      const found = await read(this.#bucket, this.#key, deadlineUnixMs);
      if (found?.owner !== this.#owner) {
        const place = this.#bucket.place(this.#key);
        this.#lost = new Error(
          `another redrive has taken over ${place}, so this one stops; let nothing else write or delete that object, and check that the clocks agree`,
        );
        throw this.#lost;
      }
      this.#etag = found.etag;
    }
  }
}

/** Undefined when there is none. What is not a lease counts as one that has expired. */
async function read(
  bucket: S3Bucket,
  key: string,
  deadlineUnixMs: number,
): Promise<(Content & { etag: string }) | undefined> {
  try {
    const { body, etag } = await bucket.get(key, MAX_LEASE_BYTES, deadlineUnixMs);
    return { ...decode(body), etag };
  } catch (error) {
    if (error instanceof S3Error && error.code === "NoSuchKey") return undefined;
    throw error;
  }
}

function encode(content: Content): Buffer {
  return Buffer.from(JSON.stringify(content));
}

function decode(body: Buffer): Content {
  let content: Partial<Record<keyof Content, unknown>>;
  try {
    content = Object(JSON.parse(body.toString()));
  } catch {
    content = {};
  }
  const { owner, expiresAtUnixMs, doubtful } = content;
  return {
    owner: typeof owner === "string" ? owner : "",
    expiresAtUnixMs: Number.isSafeInteger(expiresAtUnixMs) ? Number(expiresAtUnixMs) : 0,
    doubtful: Array.isArray(doubtful) ? doubtful.filter((key): key is string => typeof key === "string") : [],
  };
}

/** Somebody else has written the object, or deleted it, or is doing so. */
function isConditionRefused(error: unknown): boolean {
  return (
    error instanceof S3Error && ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"].includes(error.code)
  );
}
