/** Reads ids of one spelling, of which the last is remembered: the logs of a trace follow each other. */
export class IdReader {
  readonly #read: (text: string) => string | undefined;
  #text = "";
  #id = "";

  /** @param read gives an id's inner form */
  constructor(read: (text: string) => string | undefined) {
    this.#read = read;
  }

  /** The inner form; "" = it is no id. @param text may be cut from a larger one, which the id does not keep alive */
  of(text: string): string {
    if (text === this.#text) return this.#id;
    const id = this.#read(text) ?? "";
    this.#text = text;
    this.#id = id === text ? detached(id) : id;
    return this.#id;
  }
}

/** A copy. V8's substrings keep the text alive that they are cut from, and ids outlive their slice. */
export function detached(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
