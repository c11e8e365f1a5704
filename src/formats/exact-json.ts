/** A whole number in front of which no quote stands, and that a double may round. */
const MAY_BE_LARGE = /(?:^|[:,[\s])-?\d{16}/;
/** A text, or what begins like a number. In JSON that is whole a text always ends. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const LARGE_INTEGER = /^-?\d{16,20}$/;
/** In front of the digits of a number that was kept as text. JSON cannot say it but in this spelling. */
const [MARK, SPELLED_MARK] = ["\0", "\\u0000"];

/**
 * What `JSON.parse` gives, with whole numbers beyond 2^53 as bigint, up to 20 digits of them. Where the text has a NUL
 * in it, they are rounded as usual.
 *
 * @returns undefined where it is no JSON
 */
export function parseExactly(json: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
    if (!MAY_BE_LARGE.test(json) || json.includes(SPELLED_MARK)) return value;
    return JSON.parse(json.replace(TOKEN, marked), unmarked);
  } catch {
    // Nested too deep for a look at every value, or no JSON.
    return value;
  }
}

function marked(token: string): string {
  return LARGE_INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${SPELLED_MARK}${token}"` : token;
}

function unmarked(_: string, value: unknown): unknown {
  return typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value;
}
