/** Span ids as four characters of 16 bits, to be compared and not to be read. Zero is four zeros. */

export function spanKey(high: number, low: number): string {
  return String.fromCharCode(high >>> 16, high & 0xffff, low >>> 16, low & 0xffff);
}

/** @param spanId 16 hex digits; "" counts as zero */
export function spanKeyOf(spanId: string): string {
  return spanKey(Number.parseInt(spanId.slice(0, 8) || "0", 16), Number.parseInt(spanId.slice(8) || "0", 16));
}

/** 16 hex digits. */
export function spanIdOf(key: string): string {
  return [0, 1, 2, 3].map((at) => key.charCodeAt(at).toString(16).padStart(4, "0")).join("");
}
