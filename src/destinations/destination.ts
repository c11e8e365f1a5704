import type { ResourceTelemetry } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";

/**
 * Where telemetry goes: facts and pure functions. A body is an opening, items with separators between them, and a
 * closing, so that whoever sends decides what travels together.
 */
export interface Destination {
  /** As it appears in the ledger; stored batches name it. */
  name: string;
  url: string;
  /** Without credentials and content encoding. */
  headers: Readonly<Record<string, string>>;
  limits: Limits;
  framing: Framing;
  encode(telemetry: ResourceTelemetry): Items;
  outcome(answer: Answer): Outcome;
}

/** Of one request. Bytes are before compression. */
export interface Limits {
  maxItems: number;
  maxBytes: number;
}

export interface Framing {
  opening: Uint8Array;
  separator: Uint8Array;
  closing: Uint8Array;
}

/** The items one resource gives a destination; each stands for one log event. */
export interface Items {
  count: number;
  /** Appends item `index`. */
  write(index: number, to: ByteWriter): void;
}

/** What came back: a status, or why nothing did. */
export type Answer = { status: number; retryAfter?: string | undefined } | { error: string };

/** The three ends of a request. */
export type Outcome =
  | { status: "delivered" }
  | { status: "retryable"; reason: string; retryAfter?: string | undefined }
  | { status: "rejected"; reason: string };
