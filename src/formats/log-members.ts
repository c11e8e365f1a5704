/**
 * The members of a logger's JSON line that tell its request and trace, found where they stand: the object is walked
 * through once, and nothing of it is decoded.
 *
 * What is walked is JSON that `JSON.parse` takes, without white space but spaces. A line that cannot be walked to its
 * end, has a key with escapes, or says one thing twice is left to the complete way.
 */
import type { Slice } from "../telemetry.ts";
import {
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COMMA,
  colon,
  endOfDigits,
  endOfEscapedText,
  endOfPlainText,
  isBlank,
  isDigit,
  isQuote,
  NO,
  OPENING_BRACE,
  OPENING_BRACKET,
  QUOTE,
  spaces,
  stands,
} from "./escaped-json.ts";
import type { IdReader } from "./id-reader.ts";

/** What a member tells: in a `dd` object, or as a member of its own from `FLAT` on. */
export const [TRACE_ID, SPAN_ID, SERVICE, ENV, VERSION] = [0, 1, 2, 3, 4];
export const FLAT = 5;
/** A request id where only the runtime or a Lambda library writes one, and one where others may too. */
export const [CERTAIN_REQUEST_ID, REQUEST_ID, XRAY_TRACE_ID] = [10, 11, 12];
/** As OpenTelemetry writes them. */
export const [OTEL_TRACE_ID, OTEL_SPAN_ID] = [13, 14];
/** Of these the values may be of any kind. */
export const [MESSAGE, TIMESTAMP, LEVEL] = [15, 16, 17];
export const DD = 18;
const UNREAD = 19;

const OF_DD = { trace_id: TRACE_ID, span_id: SPAN_ID, service: SERVICE, env: ENV, version: VERSION };
const flat = (separator: string): Record<string, number> =>
  Object.fromEntries(Object.entries(OF_DD).map(([name, told]) => [`dd${separator}${name}`, FLAT + told]));
const OF_ROOT = {
  ...flat("."),
  ...flat("_"),
  dd: DD,
  ...{ function_request_id: CERTAIN_REQUEST_ID, aws_request_id: CERTAIN_REQUEST_ID },
  ...{ AWSRequestId: CERTAIN_REQUEST_ID, "faas.invocation_id": CERTAIN_REQUEST_ID },
  ...{ requestId: REQUEST_ID, request_id: REQUEST_ID, xray_trace_id: XRAY_TRACE_ID },
  ...{ message: MESSAGE, timestamp: TIMESTAMP, level: LEVEL },
  ...{ trace_id: OTEL_TRACE_ID, span_id: OTEL_SPAN_ID },
  // Rarer names of OpenTelemetry's, others' and the platform's.
  ...{ traceId: UNREAD, otelTraceID: UNREAD, trace: UNREAD, "trace.id": UNREAD, traceparent: UNREAD, record: UNREAD },
};

interface Name {
  bytes: Buffer;
  told: number;
}

/** Names by their first byte and their length, by which most keys are told to be none of them. */
type Names = readonly (readonly Name[] | undefined)[];

const MAX_NAME_BYTES = 31;
const PLACES = 32 * (MAX_NAME_BYTES + 1);
const ROOT_NAMES = namesOf(OF_ROOT);
const DD_NAMES = namesOf(OF_DD);
const NO_NAMES = namesOf({});
/** Deeper objects than loggers write. */
const MAX_DEPTH = 16;
const [TRUE, FALSE, NULL] = ["true", "false", "null"].map((word) => Buffer.from(word)) as [Buffer, Buffer, Buffer];
const [MINUS, DOT, LETTER_T, LETTER_F, LETTER_N] = [0x2d, 0x2e, 0x74, 0x66, 0x6e];
const QUOTE_LENGTH = '\\"'.length;

/** Of one slice. */
export class LogMembers {
  readonly #bytes: Buffer;
  readonly #text: string;
  readonly #view: DataView;
  /** Where what is told begins and ends, without quotes; 0 = it is not told. */
  readonly #starts = new Int32Array(UNREAD);
  readonly #ends = new Int32Array(UNREAD);

  /** @param view of the bytes of the slice */
  constructor({ bytes, text }: Slice, view: DataView) {
    this.#bytes = bytes;
    this.#text = text;
    this.#view = view;
  }

  /** Whether all of a line could be walked through. @param brace where its JSON begins @param end behind the line */
  find(brace: number, end: number): boolean {
    // Every look ahead ends at this quote at the latest, and reaches three bytes behind it at most.
    if (this.#bytes[end] !== QUOTE || end + 4 > this.#bytes.length) return false;
    this.#starts.fill(0);
    const behind = this.#object(brace, ROOT_NAMES, 0);
    return behind !== NO && isBlank(this.#bytes, behind, end);
  }

  has(told: number): boolean {
    return this.#starts[told] !== 0;
  }

  /** Where the value begins. */
  startOf(told: number): number {
    return this.#starts[told] as number;
  }

  /** The value as a reader reads it; "" = it is not told. */
  read(told: number, reader: IdReader): string {
    const start = this.#starts[told] as number;
    return start === 0 ? "" : reader.at(start, this.#ends[told] as number);
  }

  /** The value, bytes as latin1 characters; "" = it is not told. */
  text(told: number): string {
    const start = this.#starts[told] as number;
    return start === 0 ? "" : this.#text.slice(start, this.#ends[told]);
  }

  /** Methods that read something take the position where it begins, and answer the one behind it, or NO. */
  #object(brace: number, names: Names, depth: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    let at = spaces(bytes, brace + 1);
    if (bytes[at] === CLOSING_BRACE) return at + 1;
    while (isQuote(bytes, at)) {
      const key = at + QUOTE_LENGTH;
      const keyEnd = endOfPlainText(view, key);
      // Numbers come before other keys, wherever they stand.
      if (!isQuote(bytes, keyEnd) || isDigit(bytes[key] as number)) return NO;
      const value = colon(bytes, keyEnd + QUOTE_LENGTH);
      if (value === NO) return NO;
      const told = this.#toldBy(names, key, keyEnd - key);
      at = told === NO ? this.#value(value, depth) : this.#note(told, value);
      if (at === NO) return NO;
      at = spaces(bytes, at);
      if (bytes[at] === CLOSING_BRACE) return at + 1;
      if (bytes[at] !== COMMA) return NO;
      at = spaces(bytes, at + 1);
    }
    return NO;
  }

  /** What the key tells that stands here; NO = nothing. */
  #toldBy(names: Names, key: number, length: number): number {
    if (length > MAX_NAME_BYTES) return NO;
    const candidates = names[placeOf(this.#bytes, key, length)];
    if (candidates === undefined) return NO;
    for (const { bytes, told } of candidates) if (stands(bytes, this.#bytes, key)) return told;
    return NO;
  }

  #array(bracket: number, depth: number): number {
    const bytes = this.#bytes;
    let at = spaces(bytes, bracket + 1);
    if (bytes[at] === CLOSING_BRACKET) return at + 1;
    for (;;) {
      at = this.#value(at, depth);
      if (at === NO) return NO;
      at = spaces(bytes, at);
      if (bytes[at] === CLOSING_BRACKET) return at + 1;
      if (bytes[at] !== COMMA) return NO;
      at = spaces(bytes, at + 1);
    }
  }

  #value(at: number, depth: number): number {
    switch (this.#bytes[at]) {
      case OPENING_BRACE:
        return depth === MAX_DEPTH ? NO : this.#object(at, NO_NAMES, depth + 1);
      case OPENING_BRACKET:
        return depth === MAX_DEPTH ? NO : this.#array(at, depth + 1);
      case LETTER_T:
        return this.#word(at, TRUE);
      case LETTER_F:
        return this.#word(at, FALSE);
      case LETTER_N:
        return this.#word(at, NULL);
      default:
        return isQuote(this.#bytes, at) ? this.#string(at) : behindNumber(this.#bytes, at);
    }
  }

  #word(at: number, word: Buffer): number {
    return stands(word, this.#bytes, at) ? at + word.length : NO;
  }

  #string(at: number): number {
    const [bytes, view] = [this.#bytes, this.#view];
    const plainEnd = endOfPlainText(view, at + QUOTE_LENGTH);
    const end = isQuote(bytes, plainEnd) ? plainEnd : endOfEscapedText(view, plainEnd);
    return end === NO ? NO : end + QUOTE_LENGTH;
  }

  /** Notes where a value stands; NO where it is not of the usual kind. */
  #note(told: number, value: number): number {
    if (told === UNREAD || this.has(told)) return NO;
    this.#starts[told] = value;
    if (told === DD) return this.#bytes[value] === OPENING_BRACE ? this.#object(value, DD_NAMES, 0) : NO;
    if (told >= MESSAGE) {
      const isObject = told === MESSAGE && this.#bytes[value] === OPENING_BRACE;
      const behind = isObject ? NO : this.#value(value, 0);
      this.#ends[told] = behind;
      return behind;
    }
    const bytes = this.#bytes;
    if (!isQuote(bytes, value)) return NO;
    const end = endOfPlainText(this.#view, value + QUOTE_LENGTH);
    if (!isQuote(bytes, end)) return NO;
    this.#starts[told] = value + QUOTE_LENGTH;
    this.#ends[told] = end;
    return end + QUOTE_LENGTH;
  }
}

function namesOf(tells: Record<string, number>): Names {
  const names = new Array<Name[] | undefined>(PLACES).fill(undefined);
  for (const [name, told] of Object.entries(tells)) {
    const bytes = Buffer.from(name);
    const place = placeOf(bytes, 0, bytes.length);
    names[place] = [...(names[place] ?? []), { bytes, told }];
  }
  return names;
}

function placeOf(bytes: Uint8Array, at: number, length: number): number {
  return ((bytes[at] as number) & 0x1f) * (MAX_NAME_BYTES + 1) + length;
}

/** A number without an exponent. */
function behindNumber(bytes: Buffer, start: number): number {
  const digits = bytes[start] === MINUS ? start + 1 : start;
  const end = endOfDigits(bytes, digits, bytes.length);
  if (end === NO || bytes[end] !== DOT) return end;
  let at = end + 1;
  while (isDigit(bytes[at] as number)) at++;
  return at === end + 1 ? NO : at;
}
