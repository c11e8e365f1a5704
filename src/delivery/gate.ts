/** Lets only so much through at once; what comes later waits for its turn. */
export class Gate {
  readonly #capacity: number;
  #inside = 0;
  readonly #waiting: { weight: number; enter: () => void }[] = [];

  /** @param capacity what may be inside at once, in any unit */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether what comes now need not wait. */
  isOpen(weight = 1): boolean {
    return this.#waiting.length === 0 && this.#hasRoom(weight);
  }

  /** Enters, unless it would have to wait. */
  tryEnter(weight = 1): boolean {
    if (!this.isOpen(weight)) return false;
    this.#inside += weight;
    return true;
  }

  /** Resolves when there is room for it. What weighs more than all there is enters alone. */
  async enter(weight = 1): Promise<void> {
    if (this.tryEnter(weight)) return;
    await new Promise<void>((enter) => this.#waiting.push({ weight, enter }));
  }

  /** @param weight as it entered */
  leave(weight = 1): void {
    this.#inside -= weight;
    for (let next = this.#waiting[0]; next && this.#hasRoom(next.weight); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inside += next.weight;
      next.enter();
    }
  }

  #hasRoom(weight: number): boolean {
    return this.#inside === 0 || this.#inside + weight <= this.#capacity;
  }
}
