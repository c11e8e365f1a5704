/**
 * JSON inside a JSON string, read where it stands: a quote of the inner JSON is `\"`, a backslash of it `\\`.
 *
 * Only what needs no second look is read this way. Escapes of the outer string other than these two are nothing that
 * JSON printers make of printable text, and are left to JSON.parse.
 */

export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
export const OPENING_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING_BRACKET = 0x5d;
export const OPENING_BRACE = 0x7b;
export const CLOSING_BRACE = 0x7d;

/** What reading something answers when it gives up. Positions are never negative. */
export const NO = -1;

/** `\"` as a little-endian number of two bytes. */
export const ESCAPED_QUOTE = 0x225c;

/**
 * The first byte from `at` on that does not stand for itself inside a string: a backslash, a quote, a control character.
 *
 * Looks at four bytes at once: a byte of a word is less than n where `(word - n * 0x01010101) & ~word` has its top bit set.
 * The lowest such bit is exact, and the lowest is what counts. With its second bit turned over a quote is 0x20, and all
 * that are less stay less.
 *
 * @param view must hold such a byte, and three bytes behind it
 */
export function endOfPlainText(view: DataView, at: number): number {
  for (let position = at; ; position += 4) {
    const word = view.getInt32(position, true);
    const backslash = word ^ 0x5c5c5c5c;
    const quote = word ^ 0x02020202;
    const found = (((backslash - 0x01010101) & ~backslash) | ((quote - 0x21212121) & ~quote)) & 0x80808080;
    if (found !== 0) return position + ((31 - Math.clz32(found & -found)) >> 3);
  }
}

/**
 * Where the `\"` stands that closes a string with escapes; NO when it is damaged or has escapes that are not read here.
 *
 * `\u0000` is among those: the plain reader marks numbers with it.
 *
 * @param at the first byte that does not stand for itself
 */
export function endOfEscapedText(view: DataView, at: number): number {
  let position = at;
  for (;;) {
    if (view.getUint8(position) !== BACKSLASH) return NO;
    const next = view.getUint8(position + 1);
    if (next === QUOTE) return position;
    if (next !== BACKSLASH) return NO;
    const escaped = view.getUint8(position + 2);
    if (escaped === BACKSLASH) {
      const inner = view.getUint8(position + 3);
      if (inner !== QUOTE && inner !== BACKSLASH) return NO;
      position += 4;
    } else if (escaped === LETTER_U) {
      if (!isCodeUnit(view, position + 3)) return NO;
      position += 7;
    } else if (isLetterOfEscape(escaped)) {
      position += 3;
    } else {
      return NO;
    }
    position = endOfPlainText(view, position);
  }
}

/** What a string inside a JSON string says. @throws {SyntaxError} when its escapes are damaged */
export function decodeTwice(bytes: Buffer, start: number, end: number): string {
  return JSON.parse(`"${JSON.parse(`"${bytes.toString("utf8", start, end)}"`)}"`) as string;
}

const LETTER_U = 0x75;
const HEX_DIGITS = /* @__PURE__ */ Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** `b f n r t /` */
function isLetterOfEscape(byte: number): boolean {
  return byte === 0x6e || byte === 0x74 || byte === 0x72 || byte === 0x62 || byte === 0x66 || byte === 0x2f;
}

/** Four hex digits that are not all zeros. */
function isCodeUnit(view: DataView, at: number): boolean {
  let value = 0;
  for (let digit = at; digit < at + 4; digit++) {
    const nibble = hexDigit(view.getUint8(digit));
    if (nibble < 0) return false;
    value = value * 16 + nibble;
  }
  return value !== 0;
}

/** Whether a quote, two bytes long, stands here. */
export function isQuote(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === BACKSLASH && bytes[at + 1] === QUOTE;
}

/** Whether nothing but white space stands here: at the end of a line a line feed may. */
export function isBlank(bytes: Buffer, from: number, end: number): boolean {
  return whiteSpace(bytes, from) >= end;
}

/** Whether these few bytes stand here. V8 compares more than a dozen faster as strings. */
export function stands(expected: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** The value of a hex digit; -1 for any other byte. */
export function hexDigit(byte: number): number {
  return HEX_DIGITS[byte] as number;
}

/** A bracket or brace and the spaces behind it; NO when another byte is there. */
export function open(bytes: Buffer, at: number, bracket: number): number {
  return bytes[at] === bracket ? spaces(bytes, at + 1) : NO;
}

/** A colon between spaces. */
export function colon(bytes: Buffer, start: number): number {
  const at = spaces(bytes, start);
  return bytes[at] === COLON ? spaces(bytes, at + 1) : NO;
}

export function spaces(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === SPACE) at++;
  return at;
}

/** Spaces, and tabs and line ends as the outer string has them. */
export function whiteSpace(bytes: Buffer, start: number): number {
  for (let at = spaces(bytes, start); ; at = spaces(bytes, at + 2)) {
    const letter = bytes[at + 1];
    if (bytes[at] !== BACKSLASH || (letter !== 0x6e && letter !== 0x72 && letter !== 0x74)) return at;
  }
}

/** `[]` or `{}`. */
export function nothing(bytes: Buffer, at: number): number {
  const opening = bytes[at];
  if (opening !== OPENING_BRACE && opening !== OPENING_BRACKET) return NO;
  const end = spaces(bytes, at + 1);
  return bytes[end] === opening + 2 ? end + 1 : NO;
}

/** Behind the digits of a whole number, `limit` at most; NO when there are none, or zeros in front of others. */
export function endOfDigits(bytes: Buffer, at: number, limit: number): number {
  let end = at;
  while (end < limit && isDigit(bytes[end] as number)) end++;
  return end === at || (bytes[at] === ZERO && end > at + 1) ? NO : end;
}

/** Behind digits and `+-.eE`, whether that is a number or not. */
export function endOfNumber(bytes: Buffer, at: number): number {
  let end = at;
  while (isOfNumber(bytes[end] as number)) end++;
  return end;
}

function isOfNumber(byte: number): boolean {
  return isDigit(byte) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x65 || byte === 0x45;
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** The first four bytes of a text, as `getInt32(…, true)` reads them. */
export function word(text: string): number {
  return Buffer.from(text, "latin1").readInt32LE();
}
