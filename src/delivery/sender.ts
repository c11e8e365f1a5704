/** Sends telemetry to one destination and settles every batch, one way or the other. */
import type { Destination } from "../destinations/destination.ts";
import type { ResourceTelemetry } from "../telemetry.ts";
import { type Batch, Batcher, type FreeMemory } from "./batch.ts";
import { Courier } from "./courier.ts";
import { deliver } from "./deliver.ts";
import { Gate } from "./gate.ts";
import { count, type DestinationBooks } from "./ledger.ts";
import type { Overflow } from "./overflow.ts";
import type { Aside } from "./put-aside.ts";
import type { Refuge } from "./refuge.ts";
import type { Setback } from "./setback.ts";
import type { Packed, World } from "./world.ts";

/** Compressed bodies that wait for the intake before the reading of the event waits with them. */
const MAX_WAITING_BYTES = 8_000_000;

const QUEUE_FULL: Setback = { reason: "queue full", isItems: false, answer: "" };

export class Sender {
  readonly #courier: Courier;
  readonly #free: FreeMemory;
  readonly #refuge: Refuge | null;
  /** Undefined until there is an item: few deliveries have one for each destination. */
  #batcher: Batcher | undefined;
  readonly #waiting = new Gate(MAX_WAITING_BYTES);
  /** Of bodies that there was no room for; undefined: there were none. */
  #overflow: Overflow | undefined;
  /** Undefined: every body was delivered. */
  #aside: Promise<Aside> | undefined;
  /** How many bodies are not settled. */
  #underWay = 0;
  /** Told when none is any more. */
  #onSettled: (() => void) | undefined;

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
    this.#courier = new Courier(destination, world, books, refuge?.circuits ?? null);
    this.#free = free;
    this.#refuge = refuge;
  }

  /** Takes over what the telemetry holds for the destination; resolves when the telemetry is needed no more. */
  async offer(telemetry: ResourceTelemetry): Promise<void> {
    const { destination } = this.#courier;
    const preparing = destination.prepare?.(telemetry);
    if (preparing) await preparing;
    const items = destination.encode(telemetry);
    if (items.count === 0) return;
    this.#batcher ??= new Batcher(destination, this.#free);
    for (const batch of this.#batcher.add(items)) await this.#begin(batch);
  }

  /** Resolves when every batch is delivered, stored or given up; undefined: there was none. */
  settle(): Promise<void> | undefined {
    return this.#batcher && this.#settle(this.#batcher);
  }

  async #settle(batcher: Batcher): Promise<void> {
    for (const batch of batcher.rest()) await this.#begin(batch);
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
    });
  }

  /** Resolves when the body is on its way and there may be another. */
  async #begin({ body, items }: Batch): Promise<void> {
    const { books, world, destination } = this.#courier;
    books.offered += items;
    let packed: Packed;
    try {
      packed = world.compress(body, destination.encoding);
    } catch (error) {
      // A body that cannot even be compressed must not keep the others from settling.
      return count(books.failed, reasonOf(error), items);
    }
    const weight = packed.body.length;
    const hasRoom = !this.#refuge?.isShared || this.#waiting.isOpen(weight);
    const gate = hasRoom ? this.#waiting : await this.#gateFor(weight);
    if (!gate.tryEnter(weight)) await gate.enter(weight);
    this.#underWay++;
    void this.#deliver(packed, items, gate);
  }

  /** Where there are others that must not wait for this intake, what it has no room for is put aside. */
  async #gateFor(weight: number): Promise<Gate> {
    this.#overflow ??= new (await import("./overflow.ts")).Overflow(MAX_WAITING_BYTES);
    return this.#overflow.gateFor(weight, this.#waiting, this.#courier.world);
  }

  /** Settles a body; never rejects. */
  async #deliver(packed: Packed, items: number, gate: Gate): Promise<void> {
    try {
      const setback = gate === this.#waiting ? await deliver(this.#courier, packed, items) : QUEUE_FULL;
      if (setback) {
        this.#aside ??= import("./put-aside.ts").then(({ Aside }) => new Aside(this.#courier, this.#refuge));
        await (await this.#aside).put(setback, packed, items);
      }
    } catch (error) {
      count(this.#courier.books.failed, reasonOf(error), items);
    }
    gate.leave(packed.body.length);
    this.#underWay--;
    if (this.#underWay === 0) this.#onSettled?.();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
