/** What becomes of a body that was not delivered. Loaded only when there is one. */
import { type Undelivered, undelivered } from "./bisect.ts";
import type { Courier } from "./courier.ts";
import type { FailedBatch, FailureStore } from "./failure-store.ts";
import { Gate } from "./gate.ts";
import { count } from "./ledger.ts";
import type { Refuge } from "./refuge.ts";
import type { Setback } from "./setback.ts";
import type { Packed } from "./world.ts";

/** Bodies that are put aside at once; each is decompressed for it. */
const MAX_AT_ONCE = 8;

/** Where the bodies of one destination go that were not delivered. */
export class Aside {
  readonly #courier: Courier;
  readonly #refuge: Refuge | null;
  readonly #gate = new Gate(MAX_AT_ONCE);

  /** @param refuge null: what is not delivered has failed */
  constructor(courier: Courier, refuge: Refuge | null) {
    this.#courier = courier;
    this.#refuge = refuge;
  }

  /** Stores what cannot be delivered of a body; what cannot be stored either has failed. */
  async put(setback: Setback, packed: Packed, items: number): Promise<void> {
    await this.#gate.enter();
    try {
      const store = (await this.#refuge?.openStore()) ?? null;
      const rest = await undelivered(setback, packed, items, this.#courier);
      await Promise.all(rest.map((part) => this.#store(part, store)));
    } finally {
      this.#gate.leave();
    }
  }

  async #store(part: Undelivered, store: FailureStore | null): Promise<void> {
    const { books, world } = this.#courier;
    if (!store) return count(books.failed, part.reason, part.items);
    const batch = failedBatchOf(part, this.#courier, world.nowUnixMs());
    try {
      await store.put(batch, part.isRefused, world.storeDeadlineUnixMs);
      count(books.stored, part.reason, part.items);
    } catch (error) {
      count(books.failed, `${part.reason}, and not stored`, part.items);
      // The store may have it, and only its answer was lost.
      books.possiblyDuplicated += part.items;
      books.storeError ??= error instanceof Error ? error.message : "unknown error";
    }
  }
}

export function failedBatchOf(part: Undelivered, { destination }: Courier, storedAtUnixMs: number): FailedBatch {
  const { body, items, reason, answer } = part;
  const { kind, name, form } = destination;
  return { kind, destination: name, ...(form && { form }), items, body, reason, answer, storedAtUnixMs };
}
