import type { Courier } from "./courier.ts";
import type { Setback } from "./setback.ts";
import type { Packed } from "./world.ts";

/**
 * Sends a body until the intake takes it, refuses it, or trying again is in vain.
 *
 * @returns what stood in the way; undefined: it is delivered
 */
export async function deliver(courier: Courier, packed: Packed, items: number): Promise<Setback | undefined> {
  const hindrance = courier.hindrance();
  const first = hindrance ? undefined : await courier.attempt(packed, items);
  if (first?.outcome.status === "delivered") return undefined;
  const { persist } = await import("./persist.ts");
  return persist(courier, packed, items, first ?? hindrance);
}
