/**
 * The parts of JSON text, by position, so that they can be taken out or replaced and the rest stays as it was written.
 *
 * Strings and brackets are followed, in one pass. Whether what stands in a part is JSON is for others to judge.
 */

/** Positions of bytes. */
export interface Part {
  start: number;
  /** Behind the last byte. */
  end: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** From an opening bracket or brace to the one that closes it. */
const TO_CLOSING = 2;

/** What stands between the commas of an array of objects, white space included; undefined for anything else. */
export function objectsIn(array: Uint8Array): Part[] | undefined {
  const parts = partsOf(array, OPENING_BRACKET);
  const isObject = (part: Part): boolean => {
    const { start, end } = trimmed(array, part);
    return array[start] === OPENING_BRACE && array[end - 1] === CLOSING_BRACE;
  };
  return parts?.every(isObject) ? parts : undefined;
}

/** The values of an object's members by name, of several with one name the last; undefined for anything else. */
export function valuesIn(object: Uint8Array): Map<string, Part> | undefined {
  const members = partsOf(object, OPENING_BRACE);
  if (!members) return undefined;
  const values = new Map<string, Part>();
  for (const member of members) {
    const { start, end } = trimmed(object, member);
    const nameEnd = endOfString(object, start) + 1;
    const colon = skipSpace(object, nameEnd, end);
    const name = nameAt(object, start, nameEnd);
    if (name === undefined || object[colon] !== COLON) return undefined;
    values.set(name, { start: skipSpace(object, colon + 1, end), end });
  }
  return values;
}

/** What stands between the commas, which may be nothing; undefined when brackets or quotes do not match. */
function partsOf(bytes: Uint8Array, opening: number): Part[] | undefined {
  const first = skipSpace(bytes, 0, bytes.length);
  const bounds = bytes[first] === opening ? boundsOf(bytes, first) : undefined;
  const last = bounds?.at(-1);
  if (!bounds || last === undefined || skipSpace(bytes, last + 1, bytes.length) < bytes.length) return undefined;
  const parts = bounds.slice(1).map((end, index): Part => ({ start: (bounds[index] as number) + 1, end }));
  const isEmpty = parts.length === 1 && skipSpace(bytes, first + 1, last) === last;
  return isEmpty ? [] : parts;
}

/** A bracket, the commas that are in no other one, and what closes it; undefined when brackets or quotes do not match. */
function boundsOf(bytes: Uint8Array, first: number): number[] | undefined {
  const bounds = [first];
  /** The brackets that are open, the innermost last. */
  let open = Buffer.alloc(64);
  let depth = 0;
  for (let at = first; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
    } else if (byte === COMMA) {
      if (depth === 1) bounds.push(at);
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      if (depth === open.length) open = Buffer.concat([open], depth * 2);
      open[depth++] = byte;
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      depth--;
      if (open[depth] !== byte - TO_CLOSING) return undefined;
      if (depth === 0) return [...bounds, at];
    }
  }
  return undefined;
}

/** The closing quote; the end where there is none. */
function endOfString(bytes: Uint8Array, opening: number): number {
  let at = opening + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** What a string says; undefined when it is none. */
function nameAt(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (bytes[start] !== QUOTE) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) as string;
  } catch {
    return undefined;
  }
}

function trimmed(bytes: Uint8Array, { start, end }: Part): Part {
  let last = end;
  while (last > start && isSpace(bytes[last - 1])) last--;
  return { start: skipSpace(bytes, start, last), end: last };
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
