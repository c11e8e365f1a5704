import { PaddedBytes } from "./padded-bytes.ts";

const LEAST_SLOTS = 256;
/** For keys of less than four bytes: which bits of the first four are theirs. */
const OWN_BITS = [0, 0xff, 0xffff, 0xffffff];

/** Tells which of some keys stands at a place, mostly none, by one look at its first bytes. */
export class KeyFinder {
  /** One more than the number of a key; 0 = none. Keys that claim one slot stand in those behind it. */
  readonly #slots: Uint16Array;
  readonly #shift: number;
  readonly #keys: PaddedBytes[];

  /** @param keys all different, none empty */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => new PaddedBytes(Buffer.from(key)));
    const bits = Math.max(Math.log2(LEAST_SLOTS), Math.ceil(Math.log2(keys.length * 8)));
    this.#slots = new Uint16Array(2 ** bits);
    this.#shift = 32 - bits;
    for (const [index, { view, length }] of this.#keys.entries()) {
      let slot = this.#slotOf(view, 0, length);
      while (this.#slots[slot] !== 0) slot = (slot + 1) % this.#slots.length;
      this.#slots[slot] = index + 1;
    }
  }

  /**
   * The number of a key, by its UTF-8; -1 = it is none of them.
   *
   * @param length not zero
   * @param view must hold three bytes behind the key
   */
  find(view: DataView, start: number, length: number): number {
    let slot = this.#slotOf(view, start, length);
    for (;;) {
      const index = (this.#slots[slot] as number) - 1;
      if (index === -1 || this.#isKey(index, view, start, length)) return index;
      slot = (slot + 1) % this.#slots.length;
    }
  }

  #slotOf(view: DataView, start: number, length: number): number {
    const front = view.getInt32(start, true) & (length < 4 ? (OWN_BITS[length] as number) : -1);
    return Math.imul(front ^ length, 0x9e3779b1) >>> this.#shift;
  }

  #isKey(index: number, view: DataView, start: number, length: number): boolean {
    const { view: key, length: keyLength } = this.#keys[index] as PaddedBytes;
    if (keyLength !== length) return false;
    if (length < 4) return ((key.getInt32(0, true) ^ view.getInt32(start, true)) & (OWN_BITS[length] as number)) === 0;
    for (let at = 0; at < length - 4; at += 4) {
      if (key.getInt32(at, true) !== view.getInt32(start + at, true)) return false;
    }
    return key.getInt32(length - 4, true) === view.getInt32(start + length - 4, true);
  }
}
