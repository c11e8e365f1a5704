/**
 * Where whole objects of JSON stand in an escaped message, as slices have it: one behind the other, with text between
 * them, over several events.
 */
import { OPENING_BRACE, OPENING_BRACKET } from "./escaped-json.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13 };
/** What stands in JSON outside of strings, besides brackets: white space, numbers, words. */
const OUTSIDE = /[\s,:\w+.-]/;

/** How many characters may still be looked at, so that no line costs more than its share. */
export interface Effort {
  left: number;
}

/** Positions in all that was added. */
export interface Extent {
  from: number;
  to: number;
}

/**
 * Takes a line, and what goes on with it, in one pass. An object is told by its brackets; whether it is JSON is not said.
 * Where one is damaged no more is looked for: what stands within it is none of its own.
 */
export class GluedJson {
  readonly objects: Extent[] = [];
  /** Of all that was added. */
  length = 0;
  readonly #effort: Effort;
  #start = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  /** Whether an object has begun that has no end yet. */
  get isOpen(): boolean {
    return this.#depth > 0;
  }

  /** @param piece an escaped message, whole */
  add(piece: string): void {
    const base = this.length;
    this.length += piece.length;
    this.#effort.left -= piece.length;
    for (let at = 0; at < piece.length && this.#effort.left >= 0; ) {
      if (this.#isInString && !this.#isEscaped) {
        at = piece.indexOf("\\", at);
        if (at === -1) return;
      } else if (this.#depth === 0) {
        at = startOf(piece, at);
        if (at === -1) return;
        this.#start = base + at;
      }
      const unit = unitAt(piece, at);
      at += unit.length;
      if (!this.#take(unit.code, base + at)) {
        this.#close();
        return;
      }
    }
  }

  /** @returns false for what cannot stand in JSON */
  #take(code: number, behind: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) this.#isInString = false;
      else return code >= 0x20;
      return true;
    }
    if (code === QUOTE) {
      this.#isInString = true;
    } else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      this.#depth++;
    } else if (code === OPENING_BRACE + 2 || code === OPENING_BRACKET + 2) {
      this.#depth--;
      if (this.#depth === 0) this.objects.push({ from: this.#start, to: behind });
    } else return OUTSIDE.test(String.fromCharCode(code));
    return true;
  }

  #close(): void {
    this.#depth = 0;
    this.#isInString = false;
    this.#isEscaped = false;
  }
}

/** Where the next object may begin, or an array of objects; -1: nowhere. */
function startOf(piece: string, from: number): number {
  const brace = piece.indexOf("{", from);
  return brace > from && piece[brace - 1] === "[" ? brace - 1 : brace;
}

/** The character that stands at a position, and how many it takes there. */
function unitAt(piece: string, at: number): { code: number; length: number } {
  const code = piece.charCodeAt(at);
  if (code !== BACKSLASH) return { code, length: 1 };
  const letter = piece[at + 1] ?? "";
  if (letter === "u") return { code: Number.parseInt(piece.slice(at + 2, at + 6), 16), length: 6 };
  return { code: ESCAPES[letter] ?? letter.charCodeAt(0), length: 2 };
}
