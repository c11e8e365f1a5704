/** Finds where a JSON value ends, in pieces, without decoding it. */

const [QUOTE, BACKSLASH, LINE_FEED] = [0x22, 0x5c, 0x0a];
const [BRACE, CLOSING_BRACE, BRACKET, CLOSING_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/** What a scan came to: behind the value, or where it turned out to be none. */
export type Extent = { end: number } | { brokenAt: number } | undefined;

/** One scan at a time. What it has seen it does not look at again. */
export class JsonExtent {
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** How many bytes behind the value's first byte have been looked at. */
  #seen = 0;

  reset(): void {
    this.#depth = 0;
    this.#isInText = false;
    this.#isEscaped = false;
    this.#seen = 0;
  }

  get seen(): number {
    return this.#seen;
  }

  /** The bytes that were seen are gone: the next scan begins behind them. */
  forget(): void {
    this.#seen = 0;
  }

  /**
   * Looks at the bytes from `start` on, where the value begins; undefined when it does not end in them. A line feed inside
   * a text is no JSON; an object at the beginning of a line, inside of another, is the next one after one that was cut.
   */
  scan(bytes: Buffer, start: number): Extent {
    let at = start + this.#seen;
    let depth = this.#depth;
    let isInText = this.#isInText;
    let isEscaped = this.#isEscaped;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (isInText) {
        if (byte === LINE_FEED) return { brokenAt: at };
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) {
          isInText = false;
          if (depth === 0) return { end: at + 1 };
        }
      } else if (byte === QUOTE) isInText = true;
      else if (byte === BRACE || byte === BRACKET) {
        if (byte === BRACE && depth > 0 && at > start && bytes[at - 1] === LINE_FEED) return { brokenAt: at };
        depth++;
      } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
        depth--;
        if (depth <= 0) return { end: at + 1 };
      }
    }
    this.#depth = depth;
    this.#isInText = isInText;
    this.#isEscaped = isEscaped;
    this.#seen = bytes.length - start;
    return undefined;
  }
}
