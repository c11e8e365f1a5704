/**
 * A short text that is expected at known places. Compared in words of four bytes, of which the last two may overlap, it takes
 * less than half the time of comparing bytes, or strings.
 */
export class FixedText {
  readonly length: number;
  readonly #words: Int32Array;
  /** Where each word stands in the text. */
  readonly #offsets: Int32Array;

  /** @param text of at least four bytes of ASCII */
  constructor(text: string) {
    const bytes = Buffer.from(text, "latin1");
    this.length = bytes.length;
    const count = Math.ceil(bytes.length / 4);
    this.#offsets = Int32Array.from({ length: count }, (_, index) => Math.min(4 * index, bytes.length - 4));
    this.#words = this.#offsets.map((offset) => bytes.readInt32LE(offset));
  }

  standsAt(view: DataView, at: number): boolean {
    if (at < 0 || at + this.length > view.byteLength) return false;
    for (let index = 0; index < this.#words.length; index++) {
      if (view.getInt32(at + (this.#offsets[index] as number), true) !== this.#words[index]) return false;
    }
    return true;
  }
}
