/**
 * Fields of parsed JSON, as protobuf maps them: what is left out or null has its default, a number may be text.
 *
 * @see https://protobuf.dev/programming-guides/json/
 */
import { isJsonObject } from "./json-object.ts";
import { MalformedError } from "./malformed.ts";

export type JsonObject = Record<string, unknown>;

const MAX_UINT64 = 2n ** 64n - 1n;
const [MIN_INT64, MAX_INT64] = [-(2n ** 63n), 2n ** 63n - 1n];
const INTEGER = /^-?\d{1,20}$/;

/** "" where there is none. */
export function text(value: unknown): string {
  if (isLeftOut(value)) return "";
  if (typeof value === "string") return value;
  throw new MalformedError();
}

/** Empty where there is none. */
export function list(value: unknown): unknown[] {
  if (isLeftOut(value)) return [];
  if (Array.isArray(value)) return value;
  throw new MalformedError();
}

/** Empty where there is none. */
export function object(value: unknown): JsonObject {
  if (isLeftOut(value)) return {};
  if (isJsonObject(value)) return value;
  throw new MalformedError();
}

/** Of a list, which has no empty places. */
export function objects(value: unknown): JsonObject[] {
  const items = list(value);
  if (items.every(isJsonObject)) return items;
  throw new MalformedError();
}

/** 0 where there is none. */
export function uint32(value: unknown): number {
  const number = integer(value);
  if (number >= 0n && number < 2n ** 32n) return Number(number);
  throw new MalformedError();
}

/** 0 where there is none. */
export function uint64(value: unknown): bigint {
  const number = integer(value);
  if (number >= 0n && number <= MAX_UINT64) return number;
  throw new MalformedError();
}

/** 0 where there is none. */
export function int64(value: unknown): bigint {
  const number = integer(value);
  if (number >= MIN_INT64 && number <= MAX_INT64) return number;
  throw new MalformedError();
}

/** 0 where there is none. */
export function double(value: unknown): number {
  if (isLeftOut(value)) return 0;
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw new MalformedError();
  return number;
}

export function isLeftOut(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function integer(value: unknown): bigint {
  if (isLeftOut(value)) return 0n;
  if (typeof value === "bigint") return value;
  if (Number.isInteger(value) || (typeof value === "string" && INTEGER.test(value))) return BigInt(value as number);
  throw new MalformedError();
}
