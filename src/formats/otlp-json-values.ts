/** What spans and log records of OpenTelemetry's JSON have in common. All of it throws `MalformedError`. */
import type { AnyValue, Attributes, InstrumentationScope } from "../telemetry.ts";
import { double, int64, isLeftOut, list, object, objects, text, uint32 } from "./json-fields.ts";
import { MalformedError } from "./malformed.ts";

/** Of values in values. The published decoders of protobuf take about as much. */
const MAX_DEPTH = 32;

/** `[{"key":"…","value":{…}}, …]`. Of a key that comes twice the last counts. */
export function attributesOf(value: unknown, depth = 0): Attributes {
  return Object.fromEntries(objects(value).map((entry) => [text(entry.key), anyValueOf(entry.value, depth)]));
}

export function anyValueOf(value: unknown, depth = 0): AnyValue {
  if (depth > MAX_DEPTH) throw new MalformedError();
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = object(value);
  if (!isLeftOut(stringValue)) return text(stringValue);
  if (!isLeftOut(intValue)) return int64(intValue);
  if (!isLeftOut(doubleValue)) return double(doubleValue);
  if (!isLeftOut(arrayValue)) return list(object(arrayValue).values).map((item) => anyValueOf(item, depth + 1));
  if (!isLeftOut(kvlistValue)) return attributesOf(object(kvlistValue).values, depth + 1);
  if (!isLeftOut(bytesValue)) return new Uint8Array(Buffer.from(text(bytesValue), "base64"));
  if (isLeftOut(boolValue)) return null;
  if (typeof boolValue === "boolean") return boolValue;
  throw new MalformedError();
}

export function scopeOf(value: unknown): InstrumentationScope {
  const { name, version, attributes, droppedAttributesCount } = object(value);
  return {
    name: text(name),
    version: text(version),
    attributes: attributesOf(attributes),
    droppedAttributesCount: uint32(droppedAttributesCount),
  };
}

/**
 * The number of an enum's value, given as number or as name; 0 for one that is not known.
 *
 * @param names in the order of their numbers
 */
export function enumOf(value: unknown, names: readonly string[]): number {
  if (typeof value === "string" && !/^\d/.test(value)) return Math.max(0, names.indexOf(value));
  const number = uint32(value);
  return number < names.length ? number : 0;
}
