/**
 * What OpenTelemetry's messages are made of, in protobuf.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto
 */
import type { AnyValue, Attributes, InstrumentationScope } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { double, integer, message, string, stringAlways } from "./protobuf.ts";

const [VARINT, LENGTH, FIXED32] = [0, 2, 5];

/** `repeated KeyValue`. */
export function attributesTo(to: ByteWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) keyValueTo(to, field, key, value);
}

function keyValueTo(to: ByteWriter, field: number, key: string, value: AnyValue): void {
  message(to, field, () => {
    string(to, 1, key);
    anyValueTo(to, 2, value);
  });
}

/** `AnyValue`, also where it is empty. */
export function anyValueTo(to: ByteWriter, field: number, value: AnyValue): void {
  message(to, field, () => {
    if (typeof value === "string") stringAlways(to, 1, value);
    else if (typeof value === "boolean") varintTo(to, 2, value ? 1n : 0n);
    else if (typeof value === "bigint") varintTo(to, 3, BigInt.asIntN(64, value));
    else if (typeof value === "number") double(to, 4, value);
    else if (value instanceof Uint8Array) bytesTo(to, 7, value);
    else if (Array.isArray(value)) message(to, 5, () => value.forEach((item) => void anyValueTo(to, 1, item)));
    else if (value !== null) message(to, 6, () => attributesTo(to, 1, value));
  });
}

export function scopeTo(to: ByteWriter, field: number, scope: InstrumentationScope): void {
  message(to, field, () => {
    string(to, 1, scope.name);
    string(to, 2, scope.version);
    attributesTo(to, 3, scope.attributes);
    integer(to, 4, BigInt(scope.droppedAttributesCount));
  });
}

/** `Resource`. */
export function resourceTo(
  to: ByteWriter,
  field: number,
  attributes: Attributes,
  droppedAttributesCount: number,
): void {
  message(to, field, () => {
    attributesTo(to, 1, attributes);
    integer(to, 2, BigInt(droppedAttributesCount));
  });
}

/** A trace or span id; left out where it is "". @param hex an even number of digits */
export function idTo(to: ByteWriter, field: number, hex: string): void {
  if (hex !== "") bytesTo(to, field, Buffer.from(hex, "hex"));
}

function bytesTo(to: ByteWriter, field: number, bytes: Uint8Array): void {
  to.varint(field * 8 + LENGTH);
  to.varint(bytes.length);
  to.bytes(bytes);
}

function varintTo(to: ByteWriter, field: number, value: bigint): void {
  to.varint(field * 8 + VARINT);
  to.varint64(value);
}

/** A field that is left out when it has its default, zero. @param value from 0 to 2^32 - 1 */
export function fixed32To(to: ByteWriter, field: number, value: number): void {
  if (value === 0) return;
  to.varint(field * 8 + FIXED32);
  to.reserve(4).setUint32(to.length, value, true);
  to.length += 4;
}

/**
 * A tag and room for the length of what follows, which `fillLength` fills in: a varint with needless bytes, which every
 * reader takes.
 *
 * @returns where the room begins
 */
export function beginLength(to: ByteWriter, field: number, roomBytes: number): number {
  to.varint(field * 8 + LENGTH);
  const room = to.length;
  to.reserve(roomBytes);
  to.length += roomBytes;
  return room;
}

/** Says that what stands behind the room ends where the writer does. It may be said again. */
export function fillLength(to: ByteWriter, room: number, roomBytes: number): void {
  const view = to.reserve(0);
  let rest = to.length - room - roomBytes;
  for (let at = 0; at < roomBytes; at++) {
    view.setUint8(room + at, (rest & 0x7f) | (at < roomBytes - 1 ? 0x80 : 0));
    rest >>>= 7;
  }
}
