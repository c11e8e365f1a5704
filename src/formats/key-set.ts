const SLOTS = 1024;
/** Looks before it gives up: among a hundred keys hardly one takes as many, and keys made to collide cost no more. */
const MAX_LOOKS = 8;

/** Tells whether a key came twice in one map of a span table. */
export class KeySet {
  /** The entry of a key, by its hash, and the map it belongs to. */
  readonly #entries = new Int32Array(SLOTS);
  readonly #maps = new Int32Array(SLOTS);
  #map = 0;

  /** Begins a new map. */
  clear(): void {
    this.#map = (this.#map + 1) | 0;
  }

  /**
   * Adds the key of an entry. False when the map has it already or is too full to tell, and for a key that does not
   * keep its place: objects have keys that are digits in front of others.
   *
   * @param cells of the table. @param view of the bytes the keys stand in
   */
  add(entry: number, cells: Int32Array, view: DataView): boolean {
    const start = cells[entry] as number;
    const length = (cells[entry + 1] as number) - start;
    const front = view.getUint8(start);
    if (length === 0 || (front >= 0x30 && front <= 0x39)) return false;
    // The ends of a key tell most keys apart.
    const ends = length < 4 ? front : view.getInt32(start, true) ^ (view.getInt32(start + length - 4, true) >>> 3);
    let slot = Math.imul(ends ^ length, 0x9e3779b1) >>> 22;
    for (let look = 0; look < MAX_LOOKS; look++) {
      if (this.#maps[slot] !== this.#map) {
        this.#maps[slot] = this.#map;
        this.#entries[slot] = entry;
        return true;
      }
      const other = this.#entries[slot] as number;
      if ((cells[other + 1] as number) - (cells[other] as number) === length) {
        if (areSame(view, start, cells[other] as number, length)) return false;
      }
      slot = (slot + 1) % SLOTS;
    }
    return false;
  }
}

function areSame(view: DataView, a: number, b: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (view.getUint8(a + at) !== view.getUint8(b + at)) return false;
  return true;
}
