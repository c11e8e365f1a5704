import { BACKSLASH, OPENING_BRACE, SPACE } from "./escaped-json.ts";
import { traceFormats } from "./index.ts";
import { Needle } from "./needle.ts";
import type { SearchedText, TraceFormat } from "./trace-format.ts";

const NONE: readonly TraceFormat[] = [];

/**
 * Looks for the lines of all trace formats in one slice. Lines are asked for in their order.
 *
 * A slice without any costs one search for each needle, and a slice without JSON none: lines up to the first needle are
 * told by a comparison.
 */
export class TraceLines {
  readonly #text: string;
  #needles: Map<SearchedText, Needle> | undefined;
  /** No needle begins in front of it. */
  #next = 0;

  /** @param text of the slice */
  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The formats that a line may be of, in the order in which they are to be asked.
   *
   * @param from where the escaped message begins, without its quote
   * @param to where it ends
   */
  formatsOf(from: number, to: number): readonly TraceFormat[] {
    const text = this.#text;
    if (this.#next >= to || !isJson(text, from)) return NONE;
    this.#needles ??= new Map(traceFormats.map(({ needle }) => [needle, new Needle(text, ...needle)]));
    this.#next = Number.POSITIVE_INFINITY;
    for (const needle of this.#needles.values()) this.#next = Math.min(this.#next, needle.firstFrom(from));
    if (this.#next >= to) return NONE;
    const line = text.slice(from, to);
    const needles = this.#needles;
    return traceFormats.filter(
      ({ needle, also }) => (needles.get(needle)?.firstFrom(from) as number) < to && also?.test(line) !== false,
    );
  }
}

/** Whether a line begins as JSON does: with a brace, an array of objects, or white space. */
function isJson(text: string, from: number): boolean {
  const first = text.charCodeAt(from);
  return first === OPENING_BRACE || first === BACKSLASH || first === SPACE || text.startsWith("[{", from);
}
