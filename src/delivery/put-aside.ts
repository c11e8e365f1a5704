/** What becomes of a body that was not delivered. Loaded only when there is one. */
import { type Undelivered, undelivered } from "./bisect.ts";
import type { Courier } from "./courier.ts";
import type { FailedBatch, FailureStore } from "./failure-store.ts";
import { count } from "./ledger.ts";
import type { Setback } from "./setback.ts";
import type { Packed } from "./world.ts";

/**
 * Stores what cannot be delivered of a body; what cannot be stored either has failed.
 *
 * @param store null: there is none
 */
export async function putAside(
  setback: Setback,
  packed: Packed,
  items: number,
  courier: Courier,
  store: FailureStore | null,
): Promise<void> {
  const { books, world } = courier;
  const rest = await undelivered(setback, packed, items, courier);
  await Promise.all(
    rest.map(async (part) => {
      if (!store) return count(books.failed, part.reason, part.items);
      try {
        await store.put(failedBatchOf(part, courier, world.nowUnixMs()), part.isRefused, world.storeDeadlineUnixMs);
        count(books.stored, part.reason, part.items);
      } catch (error) {
        count(books.failed, `${part.reason}, and not stored`, part.items);
        // The store may have it, and only its answer was lost.
        books.possiblyDuplicated += part.items;
        books.storeError ??= error instanceof Error ? error.message : "unknown error";
      }
    }),
  );
}

export function failedBatchOf(part: Undelivered, { destination }: Courier, storedAtUnixMs: number): FailedBatch {
  const { body, items, reason, answer } = part;
  const { kind, name, form } = destination;
  return { kind, destination: name, ...(form && { form }), items, body, reason, answer, storedAtUnixMs };
}
