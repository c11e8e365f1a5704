/** Sends telemetry to one destination and settles every batch, one way or the other. */
import type { Answer, Destination } from "../destinations/destination.ts";
import type { ResourceTelemetry } from "../telemetry.ts";
import { type Batch, batches } from "./batch.ts";
import { count, type DestinationBooks } from "./ledger.ts";
import { nextDelay } from "./retry.ts";

/** Bodies under way at once: enough to hide the intake's latency behind compressing the next. */
const MAX_IN_FLIGHT = 4;
/** Of one request; a slower intake is as good as none. */
const REQUEST_TIMEOUT_MS = 10_000;

/** What delivering needs of the world. */
export interface World {
  /** Sends one request; never throws. */
  post(request: Request): Promise<Answer>;
  /** The body as it travels, and the header that says so. */
  compress(body: Uint8Array): Promise<{ body: Uint8Array; contentEncoding?: string }>;
  sleep(ms: number): Promise<void>;
  /** Until every send must be settled. */
  msLeft(): number;
  nowUnixMs(): number;
  /** In [0, 1). */
  random(): number;
}

export interface Request {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  timeoutMs: number;
}

/**
 * Returns when every batch is delivered or given up, and has written into `books` which. Batches go out in order, up to
 * four at once; a batch that must wait to be sent again does not hold up the others.
 */
export async function deliver(
  destination: Destination,
  telemetry: ResourceTelemetry[],
  world: World,
  books: DestinationBooks,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for (const batch of batches(destination, telemetry)) {
    books.offered += batch.items;
    const sending = sendBatch(destination, batch, world, books)
      // A body that cannot even be compressed must not keep the others from settling.
      .catch((error: unknown) => count(books.failed, error instanceof Error ? error.name : "unknown", batch.items))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
    if (underWay.size >= MAX_IN_FLIGHT) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

async function sendBatch(destination: Destination, batch: Batch, world: World, books: DestinationBooks): Promise<void> {
  const { body, contentEncoding } = await world.compress(batch.body);
  const headers = contentEncoding
    ? { ...destination.headers, "content-encoding": contentEncoding }
    : destination.headers;
  for (let attempt = 1; ; attempt++) {
    const timeoutMs = Math.min(REQUEST_TIMEOUT_MS, world.msLeft());
    if (timeoutMs <= 0) return count(books.failed, "out of time", batch.items);
    books.requests++;
    const outcome = destination.outcome(await world.post({ url: destination.url, headers, body, timeoutMs }));
    if (outcome.status === "delivered") {
      books.delivered += batch.items;
      books.bytes += body.length;
      return;
    }
    if (outcome.status === "rejected") return count(books.failed, outcome.reason, batch.items);
    const { reason, retryAfter } = outcome;
    const moment = {
      attempt,
      retryAfter,
      msLeft: world.msLeft(),
      nowUnixMs: world.nowUnixMs(),
      random: world.random(),
    };
    const delayMs = nextDelay(moment);
    if (delayMs === undefined) return count(books.failed, reason, batch.items);
    await world.sleep(delayMs);
    count(books.retried, reason, 1);
  }
}
