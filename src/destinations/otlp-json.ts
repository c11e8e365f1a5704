/**
 * What OpenTelemetry's messages are made of, in JSON: protobuf's mapping, with 64-bit numbers as texts and bytes in
 * base64, but ids in hex.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import type { AnyValue, Attributes, InstrumentationScope } from "../telemetry.ts";

/** `,"name":value` for each that is something; without the first comma. @param members each value as JSON, or "" = none */
export function objectOf(members: Readonly<Record<string, string>>): string {
  const written = Object.entries(members).flatMap(([name, json]) => (json === "" ? [] : [`"${name}":${json}`]));
  return `{${written.join(",")}}`;
}

/** "" for the default, the empty text. */
export function textJson(text: string): string {
  return text === "" ? "" : stringJson(text);
}

/** Half of a surrogate pair becomes U+FFFD, as in UTF-8. */
export function stringJson(text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** A 32-bit number; "" for the default, zero. */
export function numberJson(value: number): string {
  return value === 0 ? "" : String(value);
}

/** An unsigned 64-bit number; "" for the default, zero. */
export function unsigned64Json(value: bigint): string {
  return value === 0n ? "" : `"${BigInt.asUintN(64, value)}"`;
}

/** "" where there are none. */
export function listJson<Item>(items: readonly Item[], json: (item: Item) => string): string {
  return items.length === 0 ? "" : `[${items.map(json).join(",")}]`;
}

/** `repeated KeyValue`; "" where there are none. */
export function attributesJson(attributes: Attributes): string {
  return listJson(Object.entries(attributes), ([key, value]) =>
    objectOf({ key: textJson(key), value: anyValueJson(value) }),
  );
}

/** `AnyValue`, also where it is empty. */
export function anyValueJson(value: AnyValue): string {
  if (typeof value === "string") return `{"stringValue":${stringJson(value)}}`;
  if (typeof value === "boolean") return `{"boolValue":${value}}`;
  if (typeof value === "bigint") return `{"intValue":"${BigInt.asIntN(64, value)}"}`;
  if (typeof value === "number") return `{"doubleValue":${doubleJson(value)}}`;
  if (value === null) return "{}";
  if (value instanceof Uint8Array) return `{"bytesValue":"${Buffer.from(value).toString("base64")}"}`;
  if (Array.isArray(value)) return `{"arrayValue":${objectOf({ values: listJson(value, anyValueJson) })}}`;
  return `{"kvlistValue":${objectOf({ values: attributesJson(value) })}}`;
}

function doubleJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0" : String(value);
}

export function scopeJson({ name, version, attributes, droppedAttributesCount }: InstrumentationScope): string {
  return objectOf({
    name: textJson(name),
    version: textJson(version),
    attributes: attributesJson(attributes),
    droppedAttributesCount: numberJson(droppedAttributesCount),
  });
}

/** `Resource`. */
export function resourceJson(attributes: Attributes, droppedAttributesCount: number): string {
  return objectOf({
    attributes: attributesJson(attributes),
    droppedAttributesCount: numberJson(droppedAttributesCount),
  });
}
