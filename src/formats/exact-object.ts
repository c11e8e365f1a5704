/** JSON as OpenTelemetry's values, with every number as it was written. */
import type { AnyValue } from "../telemetry.ts";

/** Texts and numbers; what stands between is never searched twice. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const INTEGER = /^-?\d{1,19}$/;
const [MIN_INT64, MAX_INT64] = [-(2n ** 63n), 2n ** 63n - 1n];
/** Numbers are marked, because JSON.parse would round them, and so are texts that begin as marks do. */
const [MARK, NUMBER_MARK, TEXT_MARK] = ["\0", "\0n", "\0t"];
/** What is nested deeper is data for programs. */
const MAX_DEPTH = 32;
/** Some loggers write one line of many megabytes; nothing reads it as attributes. */
const MAX_CHARACTERS = 1_048_576;

/** What keeps a text from being taken apart. */
class InexactError extends Error {}

/**
 * The members of a JSON object; undefined for anything else, and where something would not arrive as it was written: a
 * number that neither 64 bits nor a double hold, or whose decimals end in a zero that means something (1.10); what is
 * nested more than 32 levels deep. Whole numbers are `bigint`, others `number`.
 */
export function readExactObject(text: string): Record<string, AnyValue> | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  try {
    const object: unknown = JSON.parse(text);
    if (!isObject(object)) return undefined;
    // What JavaScript writes in the same way it has read exactly, and most loggers write as it does. Only where the text
    // is JSON, as is known by now, is every token what it looks like.
    if (JSON.stringify(object) === text) return membersOf(object, 1, false);
    return membersOf(JSON.parse(text.replace(TOKENS, marked)) as Record<string, unknown>, 1, true);
  } catch (error) {
    // A RangeError is of what is nested too deeply even to be written.
    if (error instanceof InexactError || error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function marked(token: string): string {
  if (!token.startsWith('"')) return `"\\u0000n${token}"`;
  return /^"\\u0000/i.test(token) ? `"\\u0000t${token.slice(1)}` : token;
}

/** @param isMarked whether numbers are texts with a mark */
function membersOf(object: Record<string, unknown>, depth: number, isMarked: boolean): Record<string, AnyValue> {
  if (depth > MAX_DEPTH) throw new InexactError();
  const members = Object.entries(object).map(([name, value]): [string, AnyValue] => [
    isMarked ? unmarked(name) : name,
    anyValueOf(value, depth, isMarked),
  ]);
  return Object.fromEntries(members);
}

function anyValueOf(value: unknown, depth: number, isMarked: boolean): AnyValue {
  if (typeof value === "string") {
    if (!isMarked) return value;
    return value.startsWith(NUMBER_MARK) ? numberOf(value.slice(NUMBER_MARK.length)) : unmarked(value);
  }
  if (typeof value === "number") return integerOf(String(value)) ?? value;
  if (Array.isArray(value)) {
    if (depth >= MAX_DEPTH) throw new InexactError();
    return value.map((item) => anyValueOf(item, depth + 1, isMarked));
  }
  return isObject(value) ? membersOf(value, depth + 1, isMarked) : (value as boolean | null);
}

function unmarked(text: string): string {
  return text.startsWith(TEXT_MARK) ? MARK + text.slice(TEXT_MARK.length + MARK.length) : text;
}

function numberOf(literal: string): bigint | number {
  const integer = integerOf(literal);
  if (integer !== undefined) return integer;
  const number = Number(literal);
  if (!Number.isFinite(number) || !isSameDecimal(literal, String(number))) throw new InexactError();
  return number;
}

/** Undefined for what is no whole number of 64 bits. */
function integerOf(literal: string): bigint | undefined {
  if (!INTEGER.test(literal) || literal === "-0") return undefined;
  const integer = BigInt(literal);
  return integer >= MIN_INT64 && integer <= MAX_INT64 ? integer : undefined;
}

/** Whether both spell one number, and the first has no zero at its end that only a decimal would keep. */
function isSameDecimal(literal: string, shortest: string): boolean {
  const [fraction] = /(?<=\.)\d+/.exec(literal) ?? ["0"];
  if (fraction !== "0" && fraction.endsWith("0")) return false;
  const [a, b] = [decimalOf(literal), decimalOf(shortest)];
  return a.digits === b.digits && (a.digits === "" || a.exponent === b.exponent);
}

/** Digits without zeros at either end, times ten to the exponent. */
function decimalOf(literal: string): { digits: string; exponent: number } {
  const [, whole = "", fraction = "", exponent = "0"] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const all = (whole + fraction).replace(/^0+/, "");
  let end = all.length;
  while (end > 0 && all[end - 1] === "0") end--;
  return { digits: all.slice(0, end), exponent: Number(exponent) - fraction.length + all.length - end };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
