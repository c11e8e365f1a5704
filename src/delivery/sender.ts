/** Sends telemetry to one destination and settles every batch, one way or the other. */
import type { Destination, Outcome } from "../destinations/destination.ts";
import type { ResourceTelemetry } from "../telemetry.ts";
import { type Batch, Batcher, type FreeMemory } from "./batch.ts";
import { Gate } from "./gate.ts";
import { count, type DestinationBooks } from "./ledger.ts";
import { nextDelay } from "./retry.ts";
import type { Packed, World } from "./world.ts";

/** Requests under way at once: enough to hide the intake's latency. */
const MAX_REQUESTS = 8;
/** Compressed bodies that wait for the intake before the reading of the event waits with them. */
const MAX_WAITING_BYTES = 8_000_000;
/** Of one request; a slower intake is as good as none. */
const REQUEST_TIMEOUT_MS = 10_000;

export class Sender {
  readonly #destination: Destination;
  readonly #world: World;
  readonly #books: DestinationBooks;
  readonly #batcher: Batcher;
  readonly #waiting = new Gate(MAX_WAITING_BYTES);
  readonly #requests = new Gate(MAX_REQUESTS);
  readonly #underWay = new Set<Promise<void>>();

  /**
   * @param books tell, in the end, what became of every item
   * @param free memory that senders share, one after another and side by side
   */
  constructor(destination: Destination, world: World, books: DestinationBooks, free: FreeMemory) {
    this.#destination = destination;
    this.#world = world;
    this.#books = books;
    this.#batcher = new Batcher(destination, free);
  }

  /** Takes over what the telemetry holds for the destination; resolves when the telemetry is needed no more. */
  async offer(telemetry: ResourceTelemetry): Promise<void> {
    for (const batch of this.#batcher.add(this.#destination.encode(telemetry))) await this.#begin(batch);
  }

  /** Resolves when every batch is delivered or given up. */
  async settle(): Promise<void> {
    for (const batch of this.#batcher.rest()) await this.#begin(batch);
    await Promise.all(this.#underWay);
  }

  /** Resolves when the body is on its way and there may be another. */
  async #begin({ body, items }: Batch): Promise<void> {
    this.#books.offered += items;
    let packed: Packed;
    try {
      packed = this.#world.compress(body);
    } catch (error) {
      // A body that cannot even be compressed must not keep the others from settling.
      return this.#giveUp(reasonOf(error), items);
    }
    const weight = packed.body.length;
    await this.#waiting.enter(weight);
    const sending = this.#post(packed, items)
      .catch((error: unknown) => this.#giveUp(reasonOf(error), items))
      .finally(() => {
        this.#waiting.leave(weight);
        this.#underWay.delete(sending);
      });
    this.#underWay.add(sending);
  }

  async #post(packed: Packed, items: number): Promise<void> {
    const { random, nowUnixMs, msLeft, sleep } = this.#world;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(packed);
      if (outcome.status === "delivered") {
        this.#books.delivered += items;
        this.#books.bytes += packed.body.length;
        return;
      }
      const { reason } = outcome;
      if (outcome.status === "rejected") return this.#giveUp(reason, items);
      const { retryAfter } = outcome;
      const delayMs = nextDelay({ attempt, retryAfter, msLeft: msLeft(), nowUnixMs: nowUnixMs(), random: random() });
      if (delayMs === undefined) return this.#giveUp(reason, items);
      await sleep(delayMs);
      count(this.#books.retried, reason, 1);
    }
  }

  async #attempt({ body, contentEncoding }: Packed): Promise<Outcome> {
    const { url, headers, outcome } = this.#destination;
    const encoded = contentEncoding ? { ...headers, "content-encoding": contentEncoding } : headers;
    await this.#requests.enter();
    try {
      const timeoutMs = Math.min(REQUEST_TIMEOUT_MS, this.#world.msLeft());
      if (timeoutMs <= 0) return { status: "rejected", reason: "out of time" };
      this.#books.requests++;
      return outcome(await this.#world.post({ url, headers: encoded, body, timeoutMs }));
    } finally {
      this.#requests.leave();
    }
  }

  #giveUp(reason: string, items: number): void {
    count(this.#books.failed, reason, items);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
