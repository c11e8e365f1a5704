/** Attribute values between their three forms: OpenTelemetry's `AnyValue`, JSON for the page, and OTLP/JSON. */
import type { AnyValue, Attributes } from "../telemetry.ts";

/** What lies deeper is left out, so that no nesting can exhaust the stack. */
const MAX_DEPTH = 32;

/** JSON as a value: whole numbers stay doubles, as JSON has no others. */
export function valueOfJson(json: unknown, depth = 0): AnyValue {
  if (typeof json === "string" || typeof json === "number" || typeof json === "boolean") return json;
  if (typeof json !== "object" || json === null || depth >= MAX_DEPTH) return null;
  if (Array.isArray(json)) return json.map((item) => valueOfJson(item, depth + 1));
  return attributesOfJson(json as Record<string, unknown>, depth + 1);
}

export function attributesOfJson(json: Record<string, unknown>, depth = 0): Attributes {
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, valueOfJson(value, depth)]));
}

/** As JSON has it: integers that a double would round are text, bytes are base64. */
export function jsonOfValue(value: AnyValue): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  // JSON has no word for them.
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(jsonOfValue);
  return jsonOfAttributes(value);
}

export function jsonOfAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, jsonOfValue(value)]));
}

/** Text for people and for searching; "" for what has none. */
export function textOfValue(value: AnyValue | undefined): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(jsonOfValue(value)) : String(value);
}

/**
 * `KeyValue` list as attributes, of OTLP/JSON or of a decoded protobuf message; anything else in the list is left out.
 * Of equal keys the last one counts.
 */
export function attributesOfKeyValues(list: unknown, depth = 0): Attributes {
  if (!Array.isArray(list)) return {};
  const entries: [string, AnyValue][] = [];
  for (const item of list) {
    const { key, value } = (item ?? {}) as { key?: unknown; value?: unknown };
    if (typeof key === "string") entries.push([key, valueOfOtlp(value, depth)]);
  }
  return Object.fromEntries(entries);
}

export function valueOfOtlp(value: unknown, depth = 0): AnyValue {
  if (typeof value !== "object" || value === null || depth >= MAX_DEPTH) return null;
  const given = value as Record<string, unknown>;
  const has = (key: string): boolean => Object.hasOwn(given, key);
  if (has("stringValue")) return typeof given.stringValue === "string" ? given.stringValue : null;
  if (has("boolValue")) return given.boolValue === true;
  if (has("intValue")) return integerOf(given.intValue) ?? null;
  if (has("doubleValue")) return doubleOf(given.doubleValue);
  if (has("bytesValue")) return bytesOf(given.bytesValue);
  if (has("arrayValue")) {
    const { values } = (given.arrayValue ?? {}) as { values?: unknown };
    return Array.isArray(values) ? values.map((item) => valueOfOtlp(item, depth + 1)) : [];
  }
  if (has("kvlistValue")) {
    return attributesOfKeyValues(((given.kvlistValue ?? {}) as { values?: unknown }).values, depth + 1);
  }
  return null;
}

export function keyValuesOf(attributes: Attributes): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpOfValue(value) }));
}

/** As OTLP/JSON has it: whole numbers as text, bytes as base64. */
export function otlpOfValue(value: AnyValue): Record<string, unknown> {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: value.toString() };
  if (typeof value === "number") return { doubleValue: doubleOfOtlp(value) };
  if (value === null) return {};
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(otlpOfValue) } };
  return { kvlistValue: { values: keyValuesOf(value) } };
}

/** As text what `JSON.stringify` would lose: what is not finite, and minus zero. */
function doubleOfOtlp(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

/** A 64-bit integer of JSON (a number or text) or of a decoded message; undefined where it is none. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value === "string") return /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  // protobufjs gives 64-bit numbers as two halves.
  const { high, low, unsigned } = value as { high?: unknown; low?: unknown; unsigned?: unknown };
  if (typeof high !== "number" || typeof low !== "number") return undefined;
  return (BigInt(unsigned ? high >>> 0 : high) << 32n) | BigInt(low >>> 0);
}

/** As the JSON of protobuf may write one. */
const DOUBLE = /^(?:NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)$/;

function doubleOf(value: unknown): AnyValue {
  if (typeof value === "number") return value;
  return typeof value === "string" && DOUBLE.test(value) ? Number(value) : null;
}

function bytesOf(value: unknown): AnyValue {
  if (value instanceof Uint8Array) return value.slice();
  return typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : null;
}
