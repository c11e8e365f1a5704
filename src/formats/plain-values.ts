/** Plain JSON as OpenTelemetry's values. */
import type { AnyValue, Attributes } from "../telemetry.ts";
import { MalformedError } from "./malformed.ts";

/** As deep as protobuf's values may be. */
const MAX_DEPTH = 32;

/**
 * A value of parsed JSON: whole numbers are ints, as far as 64 bits go.
 *
 * @throws {MalformedError} where it is nested too deep
 */
export function anyValueOfPlain(value: unknown, depth = 0): AnyValue {
  if (depth > MAX_DEPTH) throw new MalformedError();
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? value : Number(value);
  if (Array.isArray(value)) return value.map((item) => anyValueOfPlain(item, depth + 1));
  if (typeof value === "object" && value !== null) return attributesOfPlain(value, depth + 1);
  return value as AnyValue;
}

/** The members of an object of parsed JSON; those that are null are left out. @throws {MalformedError} */
export function attributesOfPlain(value: object, depth = 0): Attributes {
  const said = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(said.map(([key, item]) => [key, anyValueOfPlain(item, depth)]));
}
