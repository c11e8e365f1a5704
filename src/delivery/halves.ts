import { storedItemsOf } from "../destinations/stored-items.ts";
import type { FailedBatch } from "./failure-store.ts";

/**
 * Two batches with the items of one, for a store with a limit; undefined when there is only one item.
 *
 * @throws {Error} when it cannot be told where items begin
 */
export function halves(batch: FailedBatch): [FailedBatch, FailedBatch] | undefined {
  if (batch.items === 1) return undefined;
  const body = Buffer.from(batch.body.buffer, batch.body.byteOffset, batch.body.length);
  const { itemsIn, join } = storedItemsOf(batch.form ?? batch.destination);
  const parts = itemsIn(body);
  const startOf = (index: number): number => (parts[index] as Uint8Array).byteOffset - body.byteOffset;
  const endOf = (index: number): number => startOf(index) + (parts[index] as Uint8Array).length;
  const middle = parts.length >> 1;
  if (join) {
    return [
      { ...batch, items: middle, body: join(parts.slice(0, middle)) },
      { ...batch, items: parts.length - middle, body: join(parts.slice(middle)) },
    ];
  }
  const opening = body.subarray(0, startOf(0));
  const closing = body.subarray(endOf(parts.length - 1));
  return [
    { ...batch, items: middle, body: Buffer.concat([body.subarray(0, endOf(middle - 1)), closing]) },
    { ...batch, items: parts.length - middle, body: Buffer.concat([opening, body.subarray(startOf(middle))]) },
  ];
}
