/** Reads ids and names of one spelling, of which the last is remembered: the logs of a trace follow each other. */
export class IdReader {
  readonly #text: string;
  readonly #view: DataView;
  readonly #read: (text: string) => string | undefined;
  /** Where the last stands. */
  #start = 0;
  #length = 0;
  #id = "";

  /**
   * @param text of a slice
   * @param view of the same slice
   * @param read gives the inner form of what is written, bytes as latin1 characters
   */
  constructor(text: string, view: DataView, read: (text: string) => string | undefined) {
    this.#text = text;
    this.#view = view;
    this.#read = read;
  }

  /** The inner form of what stands between two positions; "" = it has none. It does not keep its slice alive. */
  at(start: number, end: number): string {
    const length = end - start;
    if (length === 0 || end > this.#view.byteLength) return "";
    if (length === this.#length && isSame(this.#view, this.#start, start, length)) return this.#id;
    const text = this.#text.slice(start, end);
    const id = this.#read(text) ?? "";
    this.#start = start;
    this.#length = length;
    this.#id = id === text ? detached(id) : id;
    return this.#id;
  }
}

/** Whether the same bytes stand in two places: in words of four bytes, of which the last two may overlap. */
export function isSame(view: DataView, one: number, other: number, length: number): boolean {
  for (let at = 0; at + 4 <= length; at += 4) if (view.getInt32(one + at) !== view.getInt32(other + at)) return false;
  if (length >= 4) return view.getInt32(one + length - 4) === view.getInt32(other + length - 4);
  for (let at = 0; at < length; at++) if (view.getUint8(one + at) !== view.getUint8(other + at)) return false;
  return true;
}

/** A copy. V8's substrings keep the text alive that they are cut from, and ids outlive their slice. */
export function detached(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
