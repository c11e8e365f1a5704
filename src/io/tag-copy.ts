/** The copy of tags in S3 that a forwarder's processes share, so that not each of them asks AWS. */
import { createHash, randomUUID } from "node:crypto";
import type { Condition, S3Bucket } from "./s3-bucket.ts";
import { S3Error } from "./s3-error.ts";

/** The Datadog Forwarder's. Whoever takes longer than this has died. */
const LOCK_MS = 60_000;
const MAX_BYTES = 32_000_000;
const MAX_LOCK_BYTES = 1_000;

/** Between tags and what stands in S3. `decode` gives undefined for anything that is not tags. */
export interface Encoding<Tags> {
  encode(tags: Tags): unknown;
  decode(json: unknown): Tags | undefined;
}

export interface Copy<Tags> {
  tags: Tags;
  writtenAtUnixMs: number;
}

/** Null where somebody else refreshes the copy. */
export type Unlock = (() => Promise<void>) | null;

/**
 * Keys in the layout of the Datadog Forwarder, so that one takes over what the other has left:
 * `cache/<SHA-1 of the function's ARN>_lambda.json`, with a `.lock` beside it while somebody refreshes it, and
 * `cache/log-group/<SHA-1>/<ARN of the log group>.json`.
 */
export class TagCopy<Tags> {
  readonly #bucket: S3Bucket;
  readonly #key: string;
  readonly #lockKey: string | undefined;
  readonly #encoding: Encoding<Tags>;

  constructor(bucket: S3Bucket, keys: { key: string; lockKey?: string }, encoding: Encoding<Tags>) {
    this.#bucket = bucket;
    this.#key = keys.key;
    this.#lockKey = keys.lockKey;
    this.#encoding = encoding;
  }

  /**
   * Undefined when there is none.
   *
   * @throws {S3Error} when S3 does not say
   */
  async read(deadlineUnixMs: number): Promise<Copy<Tags> | undefined> {
    try {
      const { body, lastModifiedUnixMs } = await this.#bucket.get(this.#key, MAX_BYTES, deadlineUnixMs);
      const tags = this.#encoding.decode(JSON.parse(body.toString()));
      return tags && { tags, writtenAtUnixMs: lastModifiedUnixMs };
    } catch (error) {
      if (error instanceof SyntaxError || isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** @throws {S3Error} */
  async write(tags: Tags, deadlineUnixMs: number): Promise<void> {
    await this.#bucket.put(this.#key, Buffer.from(JSON.stringify(this.#encoding.encode(tags))), deadlineUnixMs);
  }

  /**
   * Gives what ends the lock, which otherwise ends by itself after a minute.
   *
   * @throws {S3Error} when S3 does not say who has it
   */
  async lock(deadlineUnixMs: number): Promise<Unlock> {
    const key = this.#lockKey;
    if (!key) return async () => {};
    const owner = Buffer.from(randomUUID());
    let condition: Condition = { ifNoneMatch: "*" };
    for (;;) {
      try {
        const etag = await this.#bucket.put(key, owner, deadlineUnixMs, condition);
        return () => this.#bucket.delete(key, deadlineUnixMs, etag).catch(() => {});
      } catch (error) {
        if (!isRefused(error)) throw error;
        if ("ifMatch" in condition) return null;
      }
      const found = await this.#bucket.get(key, MAX_LOCK_BYTES, deadlineUnixMs).catch((error: unknown) => {
        if (isAbsent(error)) return undefined;
        throw error;
      });
      if (!found || found.lastModifiedUnixMs + LOCK_MS > Date.now()) return null;
      condition = { ifMatch: found.etag };
    }
  }
}

/** @param kind `lambda` or `s3` */
export function keysOfType(functionArn: string, kind: string): { key: string; lockKey: string } {
  const beginning = `cache/${hashOf(functionArn)}_${kind}`;
  return { key: `${beginning}.json`, lockKey: `${beginning}.lock` };
}

/**
 * The Datadog Forwarder's name for it, unless the log group has a `_` in its own, which that makes of `/` too: `/a/b` and
 * `/a_b` would share their tags. There it is written `!`, which no log group has.
 */
export function keyOfLogGroup(functionArn: string, logGroupArn: string): { key: string } {
  const name = logGroupArn.replaceAll("_", "!").replaceAll(/[/:]/g, "_");
  return { key: `cache/log-group/${hashOf(functionArn)}/${name}.json` };
}

function hashOf(functionArn: string): string {
  return createHash("sha1").update(functionArn.toLowerCase()).digest("hex");
}

/** Without the right to list, S3 denies an object that is not there. Where rights are missing, writing says so. */
function isAbsent(error: unknown): boolean {
  return error instanceof S3Error && ["NoSuchKey", "NotFound", "AccessDenied"].includes(error.code);
}

/** Somebody else has written the object, or deleted it, or is doing so. */
function isRefused(error: unknown): boolean {
  return (
    error instanceof S3Error && ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"].includes(error.code)
  );
}
