import type { Slice } from "../telemetry.ts";

/** Reads ids and names of one spelling, of which the last is remembered: the logs of a trace follow each other. */
export class IdReader {
  readonly #slice: Slice;
  readonly #read: (text: string) => string | undefined;
  #text = "";
  #id = "";

  /** @param read gives the inner form of what is written, bytes as latin1 characters */
  constructor(slice: Slice, read: (text: string) => string | undefined) {
    this.#slice = slice;
    this.#read = read;
  }

  /** The inner form of what stands between two positions; "" = it has none. It does not keep its slice alive. */
  at(start: number, end: number): string {
    const { bytes, text } = this.#slice;
    if (start === end) return "";
    if (isSame(this.#text, bytes, start, end)) return this.#id;
    this.#text = text.slice(start, end);
    const id = this.#read(this.#text) ?? "";
    this.#id = id === this.#text ? detached(id) : id;
    return this.#id;
  }
}

/** Comparing a few characters in a loop takes less time than making a string of them. */
function isSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

/** A copy. V8's substrings keep the text alive that they are cut from, and ids outlive their slice. */
export function detached(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
