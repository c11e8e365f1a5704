/** Behind every text. A small integer, as all places are, so that V8 has one shape of needles. */
const NOWHERE = 2 ** 30;

/**
 * A text looked for in many ranges of one larger text, from front to back.
 *
 * The search goes on from where the last one ended and is compared with each range, so that ranges without the needle
 * cost a comparison, and all of them together one pass. It is made with a few characters of the needle that begin with
 * a rare one: V8 finds fewer than seven characters with `memchr` for the first.
 */
export class Needle {
  readonly #text: string;
  readonly #whole: string;
  readonly #rare: string;
  readonly #offset: number;
  /** The first place from the last range on, behind the text when there is none. */
  #at = -1;

  /** @param rare the part of `whole` that is searched */
  constructor(text: string, whole: string, rare = whole) {
    this.#text = text;
    this.#whole = whole;
    this.#rare = rare;
    this.#offset = whole.indexOf(rare);
  }

  /** Whether the needle stands between two positions. Ranges are asked for in order. */
  isBetween(start: number, end: number): boolean {
    return this.firstFrom(start) + this.#whole.length <= end;
  }

  /** The first place from a position on, behind the text when there is none. Positions are asked for in order. */
  firstFrom(start: number): number {
    if (this.#at < start) this.#at = this.#next(start);
    return this.#at;
  }

  #next(from: number): number {
    let hit = this.#text.indexOf(this.#rare, from + this.#offset);
    while (hit !== -1 && !this.#text.startsWith(this.#whole, hit - this.#offset)) {
      hit = this.#text.indexOf(this.#rare, hit + 1);
    }
    return hit === -1 ? NOWHERE : hit - this.#offset;
  }
}
