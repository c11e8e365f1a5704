/** What delivering and redriving need of a store for batches that an intake did not take. */
import type { Kind } from "../destinations/destination.ts";

export type { Kind };

/** Items of one destination, framed as the body of a request. Nothing in it says where to send it, or with which key. */
export interface FailedBatch {
  kind: Kind;
  /** `Destination.name`. A redrive looks it up, so that it sends with the settings of its own day. */
  destination: string;
  /** `Destination.form`, where it has one. */
  form?: string;
  items: number;
  /** Not compressed. */
  body: Uint8Array;
  /** Why it was not taken: `HTTP 503`, `timeout`, … */
  reason: string;
  /** What the intake said of items that it refuses; "" = nothing. */
  answer: string;
  /** When the batch was first put aside. */
  storedAtUnixMs: number;
}

/** A place for failed batches. Its errors name the place and the remedy, never what was to be stored. */
export interface FailureStore {
  /**
   * Resolves when the batch is safe.
   *
   * @param isRefused whether sending it again is in vain: it is kept for a person, apart from what is redriven
   * @throws {Error} when it is not
   */
  put(batch: FailedBatch, isRefused: boolean, deadlineUnixMs: number): Promise<void>;
}

/** A store whose batches can be taken out again. */
export interface RedriveStore extends FailureStore {
  /**
   * Begins a redrive, unless there is another one; then it gives undefined. What is claimed is nobody else's until the
   * deadline.
   */
  open(kinds: readonly Kind[], deadlineUnixMs: number): Promise<StoredBatches | undefined>;
}

/** What one redrive does with a store. */
export interface StoredBatches {
  /** The next few, oldest first; none when there are no more. */
  claim(): Promise<StoredBatch[]>;
  /** Ends the redrive: what was claimed and neither removed nor replaced stays as it is. */
  close(): Promise<void>;
}

export interface StoredBatch {
  kind: Kind;
  /** Where it is, for people: `s3://bucket/key`. */
  place: string;
  storedAtUnixMs: number;
  /** Whether an earlier redrive may have sent it, and was stopped before it could remove it. */
  isPossiblyDelivered: boolean;
  /** @throws {Error} when it cannot be read, or is larger than anything that was stored */
  read(): Promise<Uint8Array>;
  /** All of it has been delivered, or put elsewhere. */
  remove(): Promise<void>;
  /** Part of it has been delivered: keeps only the rest, in place of it. */
  replace(rest: FailedBatch): Promise<void>;
  /** It cannot be understood: moves it, as it is, to where it holds up nothing. */
  quarantine(): Promise<void>;
}
