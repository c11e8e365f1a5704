/**
 * Numbers that look random and are the same for the same seed on every machine and Node version: sfc32, which needs
 * 32-bit integers alone.
 */
export class Random {
  #a;
  #b;
  #c;
  #counter = 1;

  /** @param {number} seed any integer */
  constructor(seed) {
    [this.#a, this.#b, this.#c] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0];
    // The first numbers of neighbouring seeds resemble each other.
    for (let skipped = 0; skipped < 16; skipped++) this.next();
  }

  /** An integer in [0, 2^32). */
  next() {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** An integer from `min` to `max`, both included. */
  between(min, max) {
    return min + (this.next() % (max - min + 1));
  }

  chance(percent) {
    return this.next() % 100 < percent;
  }

  pick(list) {
    return list[this.next() % list.length];
  }

  /** `length` hexadecimal digits. */
  hex(length) {
    let digits = "";
    while (digits.length < length) digits += this.next().toString(16).padStart(8, "0");
    return digits.slice(0, length);
  }

  /** A version 4 UUID, as Lambda's request ids are. */
  uuid() {
    const [a, b, c, d, e] = [8, 4, 3, 3, 12].map((length) => this.hex(length));
    return `${a}-${b}-4${c}-${this.pick("89ab")}${d}-${e}`;
  }
}
