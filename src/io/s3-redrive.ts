/** One redrive of what is stored in S3: what it has claimed, and what the next one must know of it. */
import type { FailedBatch, StoredBatch, StoredBatches } from "../delivery/failure-store.ts";
import { Gate } from "../delivery/gate.ts";
import { encodeStored } from "../delivery/stored-object.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { S3Error } from "./s3-error.ts";
import { type Layout, restKeyOf } from "./s3-layout.ts";
import type { Lease } from "./s3-lease.ts";
import { type KindListing, type StoredKey, takeOldest } from "./s3-listing.ts";

/** Batches in one claim: as many as are sent at once. */
const MAX_CLAIMED = 8;
/** Of an object; ten times the largest body that is sent, not compressed. */
const MAX_OBJECT_BYTES = 64_000_000;

/** Every method throws an `S3Error` when S3 does not do it in time, and an `Error` when the lease is lost. */
export class S3Redrive implements StoredBatches {
  readonly #bucket: S3Bucket;
  readonly #layout: Layout;
  readonly #lease: Lease;
  readonly #listings: readonly KindListing[];
  readonly #deadlineUnixMs: number;
  /** Claims are made one after the other: each writes the lease. */
  readonly #turn = new Gate(1);
  /** In doubt since an earlier redrive, and not settled yet. */
  readonly #inherited: Set<string>;
  /** Of these, what is still stored. */
  readonly #met = new Set<string>();
  /** Handed out and not settled. */
  readonly #claimed = new Set<string>();
  /** All or part of it is delivered, and the store may not show it. */
  readonly #outdated = new Set<string>();
  /** To be deleted before anything more is handed out. Without its rest beside it, such a batch would count as whole. */
  readonly #superseded: StoredKey[] = [];
  /** To be handed out; what is left of a claim that failed goes with the next. */
  readonly #next: StoredKey[] = [];

  constructor(
    bucket: S3Bucket,
    layout: Layout,
    lease: Lease,
    listings: readonly KindListing[],
    deadlineUnixMs: number,
  ) {
    this.#bucket = bucket;
    this.#layout = layout;
    this.#lease = lease;
    this.#listings = listings;
    this.#deadlineUnixMs = deadlineUnixMs;
    this.#inherited = new Set(lease.doubtful);
  }

  async claim(): Promise<StoredBatch[]> {
    await this.#turn.enter();
    try {
      return await this.#claim();
    } finally {
      this.#turn.leave();
    }
  }

  async close(): Promise<void> {
    await this.#turn.enter();
    try {
      await this.#lease.end([...this.#stillInherited(), ...this.#outdated]);
    } finally {
      this.#turn.leave();
    }
  }

  async #claim(): Promise<StoredBatch[]> {
    while (this.#next.length < MAX_CLAIMED) {
      const oldest = await takeOldest(this.#listings);
      if (!oldest) break;
      if (this.#inherited.has(oldest.key)) this.#met.add(oldest.key);
      (oldest.isSuperseded ? this.#superseded : this.#next).push(oldest);
    }
    if (this.#next.length === 0 && this.#superseded.length === 0) return [];
    await this.#hold();
    for (let old = this.#superseded[0]; old; old = this.#superseded[0]) {
      await this.#bucket.delete(old.key, this.#deadlineUnixMs);
      this.#settle(old.key);
      this.#superseded.shift();
    }
    const batches = this.#next.splice(0);
    for (const { key } of batches) this.#claimed.add(key);
    return batches.map((batch) => this.#batch(batch));
  }

  #batch({ kind, key, storedAtUnixMs }: StoredKey): StoredBatch {
    const bucket = this.#bucket;
    const deadlineUnixMs = this.#deadlineUnixMs;
    return {
      kind,
      place: bucket.place(key),
      storedAtUnixMs,
      isPossiblyDelivered: this.#inherited.has(key),
      read: async () => (await bucket.get(key, MAX_OBJECT_BYTES, deadlineUnixMs)).body,
      remove: async () => {
        this.#outdated.add(key);
        await bucket.delete(key, deadlineUnixMs);
        this.#settle(key);
      },
      replace: async (rest: FailedBatch) => {
        this.#outdated.add(key);
        const restKey = restKeyOf(key);
        const isInherited = this.#inherited.has(key);
        if (isInherited) await this.#inherit(restKey);
        await bucket.put(restKey, encodeStored(rest), deadlineUnixMs);
        if (restKey !== key) await bucket.delete(key, deadlineUnixMs);
        this.#settle(key);
        if (isInherited) this.#inherited.add(restKey);
      },
      quarantine: async () => {
        const name = key.slice(this.#layout.kindFolder(kind).length);
        try {
          await bucket.copy(key, this.#layout.quarantineFolder(kind) + name, deadlineUnixMs);
        } catch (error) {
          // It is there already, or somebody has taken it away.
          if (!(error instanceof S3Error && error.code === "NoSuchKey")) throw error;
        }
        await bucket.delete(key, deadlineUnixMs);
        this.#settle(key);
      },
    };
  }

  /** A rest is in doubt where the whole was. */
  async #inherit(restKey: string): Promise<void> {
    this.#inherited.add(restKey);
    this.#met.add(restKey);
    await this.#turn.enter();
    try {
      await this.#hold();
    } finally {
      this.#turn.leave();
    }
  }

  #hold(): Promise<void> {
    return this.#lease.hold(new Set([...this.#inherited, ...this.#claimed, ...this.#next.map(({ key }) => key)]));
  }

  #settle(key: string): void {
    for (const keys of [this.#inherited, this.#claimed, this.#outdated]) keys.delete(key);
  }

  /** Without the keys that a whole listing did not have. */
  #stillInherited(): string[] {
    return [...this.#inherited].filter(
      (key) => this.#met.has(key) || !this.#listings.some((listing) => listing.has(key) && listing.isAtEnd()),
    );
  }
}
