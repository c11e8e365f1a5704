import type { Answer } from "../destinations/destination.ts";

/** What delivering needs of the world. */
export interface World {
  /** Sends one request; never throws. */
  post(request: Request): Promise<Answer>;
  compress(body: Uint8Array): Packed;
  sleep(ms: number): Promise<void>;
  /** Until every send must be settled. */
  msLeft(): number;
  nowUnixMs(): number;
  /** In [0, 1). */
  random(): number;
}

/** A body as it travels, in memory of its own, and the header that says how it was made. */
export interface Packed {
  body: Uint8Array;
  contentEncoding?: string;
}

export interface Request {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  timeoutMs: number;
}
