import type { Answer } from "../destinations/destination.ts";

/** What delivering to the destinations of one backend needs of the world. */
export interface World extends Clock {
  /** Sends one request; never throws. */
  post(request: Request): Promise<Answer>;
  /** Why no request can be made at all, such as a missing key; "" = they can. */
  cannotPost: string;
  /** Reads the credentials again, once however often it is asked; whether there are others now. */
  renewCredentials(): Promise<boolean>;
  /** @param encoding gzip unless it says otherwise */
  compress(body: Uint8Array, encoding?: "deflate"): Packed;
  sleep(ms: number): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

/** The time of one invocation. */
export interface Clock {
  nowUnixMs(): number;
  /** Until every send must be settled. */
  msLeft(): number;
  /** Until everything that was not sent must be stored. */
  storeDeadlineUnixMs: number;
}

/** A body as it travels, in memory of its own, and the header that says how it was made. */
export interface Packed {
  body: Uint8Array;
  contentEncoding?: "gzip" | "deflate";
}

export interface Request {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  timeoutMs: number;
  /** How much of the body of a 2xx answer is wanted; absent: nothing. */
  maxAnswerBytes?: number;
}
