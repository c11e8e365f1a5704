/**
 * Numbers of payment cards, by the prefixes and lengths that networks give out and the check digit, which one in ten
 * numbers has by chance.
 *
 * @see https://en.wikipedia.org/wiki/Payment_card_number
 */
const [MIN_DIGITS, MAX_DIGITS] = [13, 16];
/** Digits in groups. */
const MAX_CHARACTERS = 24;
const NUMBER = /^[ -]*\d(?:[ -]{0,3}\d)*[ -]*$/;
const NETWORKS = [
  // Visa
  /^4(?:\d{12}|\d{15})$/,
  // Mastercard
  /^(?:5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12})$/,
  // American Express, UATP
  /^(?:3[47]|1\d)\d{13}$/,
  // Diners Club
  /^3(?:0[0-59]|[689]\d)\d{11}$/,
  // JCB, Discover, UnionPay, Maestro
  /^(?:35(?:2[89]|[3-8]\d)\d{12}|6(?:011\d{12}|4[4-9]\d{13}|[25]\d{14}|(?:304|7\d\d)\d{12})|5(?:018|020|038|893)\d{12})$/,
];
/** Attributes whose values are of another kind, whatever they look like. */
const NEVER = new Set([
  "account_id",
  "aws_account",
  "env",
  "error.msg",
  "error.stack",
  "error.type",
  "http.status_code",
  "language",
  "out.host",
  "out.port",
  "request_id",
  "runtime-id",
  "service",
  "span.kind",
  "sql.query",
  "version",
]);

/** A look at a text that is noted, escaped or not; it may be wrong only in saying yes. */
export function mayBeCardNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < MIN_DIGITS) return false;
  const first = bytes[start] as number;
  return (first >= 0x30 && first <= 0x39) || first === 0x20 || first === 0x2d || first === 0x5c;
}

/** Whether an attribute is nothing but the number of a card. */
export function isCardNumber(key: string, value: string): boolean {
  if (value.length < MIN_DIGITS || value.length > MAX_CHARACTERS || !NUMBER.test(value)) return false;
  if (key.startsWith("_") || NEVER.has(key)) return false;
  const digits = value.replaceAll(/[ -]/g, "");
  return digits.length <= MAX_DIGITS && NETWORKS.some((network) => network.test(digits)) && hasCheckDigit(digits);
}

/** @see https://en.wikipedia.org/wiki/Luhn_algorithm */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    sum += at % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}
