/** Finds the items that an intake refuses among those that it takes. Loaded only when an intake refuses a body. */
import { unzipSync } from "node:zlib";
import type { Destination, Framing } from "../destinations/destination.ts";
import { storedItemsOf } from "../destinations/stored-items.ts";
import type { Courier } from "./courier.ts";
import { deliver } from "./deliver.ts";
import type { Setback } from "./setback.ts";
import type { Packed } from "./world.ts";

/** Items that were not delivered, framed as a body. */
export interface Undelivered {
  body: Uint8Array;
  items: number;
  reason: string;
  /** Whether the intake refuses just these items, so that sending them again is in vain. */
  isRefused: boolean;
  /** What the intake said; "" = nothing. */
  answer: string;
}

/**
 * What is left of a body that met a setback. Where its items are at fault, it is cut in halves until the culprits stand
 * alone, and the others are delivered.
 */
export async function undelivered(
  setback: Setback,
  packed: Packed,
  items: number,
  courier: Courier,
): Promise<Undelivered[]> {
  const body = packed.contentEncoding ? unzipSync(packed.body) : packed.body;
  const whole = { body, items, reason: setback.reason, isRefused: setback.isItems, answer: setback.answer };
  if (!setback.isItems || items === 1) return [whole];
  const parts = storedItemsOf(formOf(courier.destination)).itemsIn(body);
  const middle = parts.length >> 1;
  const rest: Undelivered[] = [];
  // One after the other: a body that is refused is rare, and its halves need not press the intake.
  for (const half of [parts.slice(0, middle), parts.slice(middle)]) {
    rest.push(...(await deliverItems(half, courier)));
  }
  return rest;
}

/** Sends items in one body; gives what is not delivered. */
export async function deliverItems(parts: Uint8Array[], courier: Courier): Promise<Undelivered[]> {
  const packed = courier.world.compress(bodyOf(parts, courier.destination), courier.destination.encoding);
  const setback = await deliver(courier, packed, parts.length);
  return setback ? undelivered(setback, packed, parts.length, courier) : [];
}

/** A body of these items of a destination. */
export function bodyOf(parts: readonly Uint8Array[], destination: Destination): Uint8Array {
  return storedItemsOf(formOf(destination)).join?.(parts) ?? framed(parts, destination.framing);
}

/** By which its items are found in a body. */
export function formOf({ form, name }: Destination): string {
  return form ?? name;
}

/** Items in a framing. */
export function framed(parts: readonly Uint8Array[], { opening, separator, closing }: Framing): Uint8Array {
  const between = parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
  return Buffer.concat([opening, ...between, closing]);
}
