/** Bytes that mean something between the values of a content. */

export const [LINE_FEED, RETURN, QUOTE, COMMA] = [0x0a, 0x0d, 0x22, 0x2c];
export const [BRACE, CLOSING_BRACE, BRACKET, CLOSING_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const [TAB, SPACE] = [0x09, 0x20];

export function isBlankInLine(byte: number | undefined): boolean {
  return byte === SPACE || byte === RETURN || byte === TAB;
}

export function isBlank(byte: number | undefined): boolean {
  return isBlankInLine(byte) || byte === LINE_FEED;
}

export function afterBlank(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at;
}
