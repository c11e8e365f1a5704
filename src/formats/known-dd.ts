/**
 * The `dd` object that Datadog's tracers put at the front or at the end of a logger's JSON lines (pino's at the end,
 * winston's, whose keys are sorted, in front), found without reading the rest of the line.
 *
 * Everything in such an object but the two ids is the same from line to line, so it is compared with one that was read
 * before. That it is the line's own `dd`, at the root of a line that is not cut, follows from what the rest lacks:
 *
 * - An unescaped quote with a letter behind it opens a key or a string. So a line that begins with `{\"a` begins with an
 *   object, and `\"dd\":` behind its brace or behind a comma is a key.
 * - Where no brace stands between the line's first one and the one of `dd`, `dd` is a key of that first object. Where it
 *   is followed by the only other brace and the end of the line, the object and the line end there.
 * - Behind a `dd` in front, a last brace that follows a closing quote closes the line's object if it is the only one.
 * - A line without `questId`, `u00` and another `_id` has no other key that would be looked at, nor one in disguise.
 *
 * All this holds for JSON and for pieces of it. Lines for which it cannot be said are decoded.
 */
import type { LogContext, Slice } from "../telemetry.ts";
import { BACKSLASH, CLOSING_BRACE, COMMA, isBlank, isQuote, stands } from "./escaped-json.ts";
import type { IdReader } from "./id-reader.ts";
import { contextOfDatadog } from "./log-context.ts";
import { Needle } from "./needle.ts";

const KEY_TEXT = '\\"dd\\":';
const KEY = Buffer.from(KEY_TEXT);
const OPENING = `${KEY_TEXT}{`;
const ID_KEY_END = '_id\\":\\"';
/** The parts of an object around the values of `trace_id` and `span_id`. */
const AROUND_IDS =
  /^(\{.*?\\"(?:trace|span)_id\\":\\")[0-9a-fA-F]{1,32}(\\".*?\\"(?:trace|span)_id\\":\\")[0-9a-fA-F]{1,32}(\\".*\})$/;
/** Of a `dd` object, in bytes; bounds the search for the parts. */
const MAX_LENGTH = 1_000;
const QUOTE_LENGTH = '\\"'.length;
const MAX_ID_LENGTH = 32;
const MAX_REMEMBERED = 4;
/** What an opening quote stands behind. */
const BEFORE_OPENING = Buffer.from(":,[{ ");

/** A `dd` object that was read before: what stands around its two ids, as it stands in the slice. */
interface Known {
  front: string;
  middle: string;
  back: string;
  /** From the brace to the first `_id`. */
  idKeyOffset: number;
  isTraceFirst: boolean;
  names: Pick<LogContext, "service" | "env" | "version">;
}

/** Reads lines of one slice, in their order. */
export class KnownDd {
  readonly #slice: Slice;
  readonly #idKey: Needle;
  readonly #requestIdKey: Needle;
  readonly #known: Known[] = [];
  readonly #traceIds: IdReader;
  readonly #spanIds: IdReader;
  /** The two ids in the object that was compared last. */
  #first = "";
  #second = "";

  constructor(slice: Slice, idKey: Needle, traceIds: IdReader, spanIds: IdReader) {
    this.#slice = slice;
    this.#traceIds = traceIds;
    this.#spanIds = spanIds;
    this.#idKey = idKey;
    this.#requestIdKey = new Needle(slice.text, "questId", "quest");
  }

  /**
   * What a line says; null where this cannot tell.
   *
   * @param brace where the JSON begins
   * @param requestId the one in the runtime's prefix; "" = none
   */
  read(brace: number, end: number, requestId: string): LogContext | null {
    if (this.#known.length === 0) return null;
    const idKey = this.#idKey.firstFrom(brace);
    if (idKey >= end) return null;
    for (const known of this.#known) {
      const start = idKey - known.idKeyOffset;
      const behind = start - KEY.length > brace ? this.#behindEqual(known, start) : -1;
      if (behind === -1) continue;
      if (!this.#isOnly(brace, start, behind, end)) return null;
      const [trace, span] = known.isTraceFirst ? [this.#first, this.#second] : [this.#second, this.#first];
      const traceId = this.#traceIds.of(trace);
      if (traceId === "") return null;
      return contextOfDatadog(requestId, traceId, this.#spanIds.of(span), known.names);
    }
    return null;
  }

  /** Remembers the `dd` object of a line that was decoded. @param context what the line says */
  learn(brace: number, end: number, { service, env, version }: LogContext): void {
    const line = this.#slice.text.slice(brace, end);
    const opening = line.indexOf(OPENING) + KEY.length;
    const closing = line.indexOf("}", opening);
    if (opening < KEY.length || closing === -1 || closing - opening > MAX_LENGTH) return;
    const [start, behind] = [brace + opening, brace + closing + 1];
    const dd = line.slice(opening, closing + 1);
    // Without other objects and without escapes, all its quotes are those of its own keys and values.
    const match = dd.lastIndexOf("{") > 0 || dd.includes("\\\\") ? null : AROUND_IDS.exec(dd);
    if (!match || !this.#isOnly(brace, start, behind, end)) return;
    const [, front, middle, back] = match as unknown as [string, string, string, string];
    const idKeyOffset = front.length - ID_KEY_END.length;
    const known = { front, middle, back, idKeyOffset, isTraceFirst: front.includes("trace_id") };
    this.#known.unshift({ ...known, names: { service, env, version } });
    if (this.#known.length > MAX_REMEMBERED) this.#known.pop();
  }

  /** Behind the object at `start` if it is the known one but for its ids, else -1. */
  #behindEqual({ front, middle, back }: Known, start: number): number {
    const { bytes, text } = this.#slice;
    if (!stands(KEY, bytes, start - KEY.length)) return -1;
    const first = start + front.length;
    if (text.slice(start, first) !== front) return -1;
    const firstEnd = plainStringEnd(bytes, first, first + MAX_ID_LENGTH + 1);
    const second = firstEnd + middle.length;
    if (firstEnd === -1 || text.slice(firstEnd, second) !== middle) return -1;
    const secondEnd = plainStringEnd(bytes, second, second + MAX_ID_LENGTH + 1);
    const behind = secondEnd + back.length;
    if (secondEnd === -1 || text.slice(secondEnd, behind) !== back) return -1;
    this.#first = text.slice(first, firstEnd);
    this.#second = text.slice(second, secondEnd);
    return behind;
  }

  /** Whether the object between `start` and `behind` is the line's own `dd`, and no other key is looked at. */
  #isOnly(brace: number, start: number, behind: number, end: number): boolean {
    const isInFront = start - KEY.length === brace + 1;
    const isAtEdge = isInFront ? this.#isWholeBehind(behind, end) : this.#isLast(brace, start, behind, end);
    const { text } = this.#slice;
    return isAtEdge && !this.#requestIdKey.isBetween(brace, end) && !text.slice(brace, end).includes("u00");
  }

  /** Whether the `dd` is the last key of the object that is the line. */
  #isLast(brace: number, start: number, behind: number, end: number): boolean {
    const { bytes, text } = this.#slice;
    return (
      bytes[start - KEY.length - 1] === COMMA &&
      isQuote(bytes, brace + 1) &&
      isLetter(bytes[brace + 1 + QUOTE_LENGTH]) &&
      bytes[behind] === CLOSING_BRACE &&
      isBlank(bytes, behind + 1, end) &&
      text.indexOf("{", brace + 1) === start &&
      text.indexOf("}", brace + 1) === behind - 1
    );
  }

  /** Whether what follows a `dd` in front ends the object that is the line, and has no `dd` and no id. */
  #isWholeBehind(behind: number, end: number): boolean {
    const { bytes, text } = this.#slice;
    if (bytes[behind] === CLOSING_BRACE) return isBlank(bytes, behind + 1, end);
    const closing = text.indexOf("}", behind);
    const opening = text.indexOf("{", behind);
    return (
      bytes[behind] === COMMA &&
      closing !== -1 &&
      closing < end &&
      isBlank(bytes, closing + 1, end) &&
      this.#isClosingQuote(closing - QUOTE_LENGTH) &&
      (opening === -1 || opening >= end) &&
      this.#idKey.firstFrom(behind) >= end &&
      !text.slice(behind, end).includes(KEY_TEXT.slice(2))
    );
  }

  #isClosingQuote(at: number): boolean {
    const { bytes } = this.#slice;
    const before = bytes[at - 1] as number;
    return (
      isQuote(bytes, at) && before !== BACKSLASH && bytes[at - 2] !== BACKSLASH && !BEFORE_OPENING.includes(before)
    );
  }
}

/** The closing quote of a string that has no escapes. @param at behind the opening quote */
function plainStringEnd(bytes: Uint8Array, at: number, end: number): number {
  let closing = at;
  while (closing < end && bytes[closing] !== BACKSLASH) closing++;
  return isQuote(bytes, closing) ? closing : -1;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}
