/** Sends telemetry to one destination and settles every batch, one way or the other. */
import type { Destination } from "../destinations/destination.ts";
import type { ResourceTelemetry } from "../telemetry.ts";
import { type Batch, Batcher, type FreeMemory } from "./batch.ts";
import { type Circuits, Courier } from "./courier.ts";
import { deliver } from "./deliver.ts";
import type { FailureStore } from "./failure-store.ts";
import { Gate } from "./gate.ts";
import { count, type DestinationBooks } from "./ledger.ts";
import type { Overflow } from "./overflow.ts";
import type { Packed, World } from "./world.ts";

/** Compressed bodies that wait for the intake before the reading of the event waits with them. */
const MAX_WAITING_BYTES = 8_000_000;

/** Bodies that are put aside at once; each is decompressed for it. */
const MAX_PUT_ASIDE = 8;

/** Where what cannot be delivered goes, and what is remembered of the trouble. */
export interface Refuge {
  openStore(): Promise<FailureStore | null>;
  circuits: Circuits;
  /** Whether there are other backends, which must not wait for this one. */
  isShared?: boolean;
}

export class Sender {
  readonly #destination: Destination;
  readonly #courier: Courier;
  readonly #books: DestinationBooks;
  readonly #refuge: Refuge | null;
  readonly #batcher: Batcher;
  readonly #waiting = new Gate(MAX_WAITING_BYTES);
  /** Of bodies that there was no room for; undefined: there were none. */
  #overflow: Overflow | undefined;
  readonly #puttingAside = new Gate(MAX_PUT_ASIDE);
  readonly #underWay = new Set<Promise<void>>();

  /**
   * @param books tell, in the end, what became of every item
   * @param free memory that senders share, one after another and side by side
   * @param refuge null: what is not delivered has failed
   */
  constructor(
    destination: Destination,
    world: World,
    books: DestinationBooks,
    free: FreeMemory,
    refuge: Refuge | null = null,
  ) {
    this.#destination = destination;
    this.#courier = new Courier(destination, world, books, refuge?.circuits ?? null);
    this.#books = books;
    this.#refuge = refuge;
    this.#batcher = new Batcher(destination, free);
  }

  /** Takes over what the telemetry holds for the destination; resolves when the telemetry is needed no more. */
  async offer(telemetry: ResourceTelemetry): Promise<void> {
    const preparing = this.#destination.prepare?.(telemetry);
    if (preparing) await preparing;
    for (const batch of this.#batcher.add(this.#destination.encode(telemetry))) await this.#begin(batch);
  }

  /** Resolves when every batch is delivered, stored or given up. */
  async settle(): Promise<void> {
    for (const batch of this.#batcher.rest()) await this.#begin(batch);
    await Promise.all(this.#underWay);
  }

  /** Resolves when the body is on its way and there may be another. */
  async #begin({ body, items }: Batch): Promise<void> {
    this.#books.offered += items;
    let packed: Packed;
    try {
      packed = this.#courier.world.compress(body, this.#destination.encoding);
    } catch (error) {
      // A body that cannot even be compressed must not keep the others from settling.
      return count(this.#books.failed, reasonOf(error), items);
    }
    const weight = packed.body.length;
    const gate = await this.#gateFor(weight);
    await gate.enter(weight);
    const sending = this.#deliver(packed, items, gate)
      .catch((error: unknown) => count(this.#books.failed, reasonOf(error), items))
      .finally(() => {
        gate.leave(weight);
        this.#underWay.delete(sending);
      });
    this.#underWay.add(sending);
  }

  /** Where there are others that must not wait for this intake, what it has no room for is put aside. */
  async #gateFor(weight: number): Promise<Gate> {
    const waiting = this.#waiting;
    if (!this.#refuge?.isShared || waiting.isOpen(weight)) return waiting;
    this.#overflow ??= new (await import("./overflow.ts")).Overflow(MAX_WAITING_BYTES);
    return this.#overflow.gateFor(weight, waiting, this.#courier.world);
  }

  async #deliver(packed: Packed, items: number, gate: Gate): Promise<void> {
    const setback =
      gate === this.#waiting
        ? await deliver(this.#courier, packed, items)
        : { reason: "queue full", isItems: false, answer: "" };
    if (!setback) return;
    await this.#puttingAside.enter();
    try {
      const { putAside } = await import("./put-aside.ts");
      const store = (await this.#refuge?.openStore()) ?? null;
      await putAside(setback, packed, items, this.#courier, store);
    } finally {
      this.#puttingAside.leave();
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
