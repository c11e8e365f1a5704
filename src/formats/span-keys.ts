import type { KeyTable } from "../telemetry.ts";
import { ESCAPED_QUOTE } from "./escaped-json.ts";

/** What is remembered. Spans with other keys are left to the plain reader once it is full. */
const MAX_KEYS = 1024;
const MAX_BYTES = 32 * 1024;
const SLOTS = 4 * MAX_KEYS;
const HASH_SHIFT = 32 - Math.log2(SLOTS);
/** Looks before it gives up: among a hundred keys hardly one takes as many, and keys made to collide cost no more. */
const MAX_LOOKS = 8;
/** For keys of less than four bytes: which bits of the first four are theirs. */
const OWN_BITS = [0, 0xff, 0xffff, 0xffffff];
/** What stands in front of the first key of a map, by the kind of map. */
export const [META_START, METRICS_START] = [MAX_KEYS, MAX_KEYS + 1];

/** What is answered when a key is not taken. */
const NO = -1;

/**
 * Numbers the keys in the maps of spans, of which there are few: whoever looks for one compares numbers. Tells whether a
 * key came twice in one map.
 *
 * Mostly a key is the one that followed the same key the last time; then its bytes are compared, and nothing is searched.
 */
export class SpanKeys implements KeyTable {
  count = 0;
  readonly view = new DataView(new ArrayBuffer(MAX_BYTES + 3));
  readonly starts = new Int32Array(MAX_KEYS);
  readonly lengths = new Int32Array(MAX_KEYS);
  /** Whether a key was refused for want of room. */
  isFull = false;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  #bytes = 0;
  /** One more than the number of a key, by its hash. */
  readonly #slots = new Uint16Array(SLOTS);
  /** By number, the map that had it last. */
  readonly #maps = new Int32Array(MAX_KEYS);
  /** By number, one more than that of the key behind it. */
  readonly #followers = new Uint16Array(MAX_KEYS + 2);
  #map = 1;
  #last = 0;

  /** @param names which get the first numbers: ASCII */
  constructor(names: readonly string[]) {
    for (const name of names) {
      const bytes = Buffer.from(`${name}\0\0\0`, "latin1");
      this.add(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, name.length);
    }
  }

  numberOf(name: string): number {
    return this.#numbers.get(name) ?? NO;
  }

  nameOf(number: number): string {
    return this.#names[number] as string;
  }

  /** @param start `META_START` or `METRICS_START` */
  beginMap(start: number): void {
    this.#map = (this.#map + 1) | 0;
    this.#last = start;
  }

  /** The number of the key that is expected next, where it stands, with a quote behind; -1 where it does not. */
  expected(view: DataView, at: number): number {
    const number = (this.#followers[this.#last] as number) - 1;
    if (number === NO || this.#maps[number] === this.#map) return NO;
    const length = this.lengths[number] as number;
    if (!this.#isAt(view, at, number, length)) return NO;
    if (view.getUint16(at + length, true) !== ESCAPED_QUOTE) return NO;
    this.#maps[number] = this.#map;
    this.#last = number;
    return number;
  }

  /**
   * The number of the key between two places. -1 when the map has it already or there are too many to tell, and for a key
   * that does not keep its place: objects have keys that are digits in front of others.
   */
  add(view: DataView, start: number, end: number): number {
    const front = view.getUint8(start);
    if (end === start || (front >= 0x30 && front <= 0x39)) return NO;
    const number = this.#numberOf(view, start, end - start);
    if (number === NO || this.#maps[number] === this.#map) return NO;
    this.#maps[number] = this.#map;
    this.#followers[this.#last] = number + 1;
    this.#last = number;
    return number;
  }

  #numberOf(view: DataView, start: number, length: number): number {
    // The ends of a key tell most keys apart.
    const ends =
      length < 4 ? view.getUint8(start) : view.getInt32(start, true) ^ (view.getInt32(start + length - 4, true) >>> 3);
    let slot = Math.imul(ends ^ length, 0x9e3779b1) >>> HASH_SHIFT;
    for (let look = 0; look < MAX_LOOKS; look++) {
      const number = (this.#slots[slot] as number) - 1;
      if (number === NO) return this.#addNew(view, slot, start, length);
      if (this.lengths[number] === length && this.#isAt(view, start, number, length)) return number;
      slot = (slot + 1) % SLOTS;
    }
    return NO;
  }

  #addNew(view: DataView, slot: number, start: number, length: number): number {
    this.isFull ||= this.count === MAX_KEYS || this.#bytes + length > MAX_BYTES;
    if (this.isFull) return NO;
    const number = this.count++;
    const name = Buffer.from(view.buffer, view.byteOffset + start, length).toString("latin1");
    for (let at = 0; at < length; at++) this.view.setUint8(this.#bytes + at, view.getUint8(start + at));
    this.starts[number] = this.#bytes;
    this.lengths[number] = length;
    this.#bytes += length;
    this.#slots[slot] = number + 1;
    this.#names.push(name);
    this.#numbers.set(name, number);
    return number;
  }

  /** Whether a key stands at a place. Reads up to three bytes behind it, as far as it does. */
  #isAt(view: DataView, start: number, number: number, length: number): boolean {
    const [keys, key] = [this.view, this.starts[number] as number];
    if (length < 4)
      return ((view.getInt32(start, true) ^ keys.getInt32(key, true)) & (OWN_BITS[length] as number)) === 0;
    for (let at = 0; at < length - 4; at += 4) {
      if (view.getInt32(start + at, true) !== keys.getInt32(key + at, true)) return false;
    }
    return view.getInt32(start + length - 4, true) === keys.getInt32(key + length - 4, true);
  }
}
