/** Values of OpenTelemetry's attributes, from and to those of Datadog's spans and JSON. */
import type { AnyValue, Attributes } from "../telemetry.ts";

/** Deeper values are nobody's. */
const MAX_DEPTH = 64;
/** What stands for a value that is nested deeper. */
const TOO_DEEP = "...";

/** An attribute's own value: keys may be the names of what every object has. */
export function attributeIn(attributes: Attributes, key: string): AnyValue | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

/** Sets one, whatever its key is. Several times as fast as making the object of entries. */
export function setAttribute<Value>(attributes: Record<string, Value>, key: string, value: NoInfer<Value>): void {
  if (key !== "__proto__") attributes[key] = value;
  else Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The same attributes as an object. */
export function attributesIn<Value>(entries: Iterable<[string, Value]>): Record<string, Value> {
  const attributes: Record<string, Value> = {};
  for (const [key, value] of entries) setAttribute(attributes, key, value);
  return attributes;
}

/** An attribute as text; "" where there is none. */
export function textIn(attributes: Attributes, key: string): string {
  const value = attributeIn(attributes, key);
  return value === undefined ? "" : textOf(value);
}

/** A whole number that a double holds exactly is an int, any other a double. */
export function numberValue(number: number): bigint | number {
  return Number.isSafeInteger(number) && !Object.is(number, -0) ? BigInt(number) : number;
}

/** What JSON can say. Anything else, and what is nested deeper than 64 levels, is a text. */
export function anyValueOf(json: unknown, depth = MAX_DEPTH): AnyValue {
  if (typeof json === "number") return numberValue(json);
  if (typeof json === "string" || typeof json === "boolean" || json === null || json === undefined) return json ?? null;
  if (depth === 0) return TOO_DEEP;
  if (Array.isArray(json)) return json.map((item) => anyValueOf(item, depth - 1));
  if (typeof json !== "object") return String(json);
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, anyValueOf(item, depth - 1)]));
}

/** The value as JSON says it: ints that a double does not hold are texts, bytes are base64. */
export function jsonOf(value: AnyValue, depth = MAX_DEPTH): unknown {
  if (typeof value === "bigint") return isExact(value) ? Number(value) : value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (depth === 0) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((item) => jsonOf(item, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item, depth - 1)]));
}

/** The value as text, as Datadog's agent has it: lists and maps are JSON, bytes base64, an empty value is nothing. */
export function textOf(value: AnyValue): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (typeof value !== "object") return String(value);
  const json = jsonOf(value);
  return typeof json === "string" ? json : JSON.stringify(json);
}

/** Whether a double holds the int. */
export function isExact(int: bigint): boolean {
  return int >= BigInt(Number.MIN_SAFE_INTEGER) && int <= BigInt(Number.MAX_SAFE_INTEGER);
}
