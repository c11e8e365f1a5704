/** What one of several backends has no room for. Loaded only where that happens. */
import { Gate } from "./gate.ts";
import type { World } from "./world.ts";

/** For how long, in all, the others wait before what there is no room for is put aside. */
const PATIENCE_MS = 500;

export class Overflow {
  readonly #gate: Gate;
  #hasWaited = false;

  /** @param maxBytes of bodies that are on their way into the store */
  constructor(maxBytes: number) {
    this.#gate = new Gate(maxBytes);
  }

  /** `waiting` again, where there is room in it by now, or the gate of those that are put aside. */
  async gateFor(weight: number, waiting: Gate, { sleep }: Pick<World, "sleep">): Promise<Gate> {
    if (!this.#hasWaited) {
      this.#hasWaited = true;
      const room = waiting.enter(weight).then(() => waiting.leave(weight));
      await Promise.race([room, sleep(PATIENCE_MS)]);
    }
    return waiting.isOpen(weight) ? waiting : this.#gate;
  }
}
