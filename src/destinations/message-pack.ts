/**
 * JSON values as MessagePack, in which Datadog's intake takes structured attributes.
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import type { ByteWriter } from "./byte-writer.ts";

const [NIL, FALSE, TRUE, DOUBLE, INT64] = [0xc0, 0xc2, 0xc3, 0xcb, 0xd3];
/** For each kind of what has a length: its first byte where the length stands in it, how many such, and for longer ones. */
const TEXT = { short: 0xa0, shortLengths: 32, length8: 0xd9, length16: 0xda, length32: 0xdb };
const LIST = { short: 0x90, shortLengths: 16, length8: 0, length16: 0xdc, length32: 0xdd };
const MAP = { short: 0x80, shortLengths: 16, length8: 0, length16: 0xde, length32: 0xdf };

/** @param value as JSON.parse gives it, nested no deeper than calls can be */
export function messagePack(to: ByteWriter, value: unknown): void {
  if (typeof value === "string") {
    head(to, TEXT, Buffer.byteLength(value));
    to.utf8(value);
  } else if (typeof value === "number") {
    number(to, value);
  } else if (Array.isArray(value)) {
    head(to, LIST, value.length);
    for (const item of value) messagePack(to, item);
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    head(to, MAP, entries.length);
    for (const [key, item] of entries) {
      messagePack(to, key);
      messagePack(to, item);
    }
  } else {
    to.bytes(Uint8Array.of(value === true ? TRUE : value === false ? FALSE : NIL));
  }
}

function head(to: ByteWriter, kind: typeof TEXT, length: number): void {
  const bytes = Buffer.alloc(5);
  let end = 1;
  if (length < kind.shortLengths) {
    bytes[0] = kind.short + length;
  } else if (length < 2 ** 8 && kind.length8 !== 0) {
    bytes[0] = kind.length8;
    end = bytes.writeUInt8(length, 1);
  } else if (length < 2 ** 16) {
    bytes[0] = kind.length16;
    end = bytes.writeUInt16BE(length, 1);
  } else {
    bytes[0] = kind.length32;
    end = bytes.writeUInt32BE(length, 1);
  }
  to.bytes(bytes, 0, end);
}

function number(to: ByteWriter, value: number): void {
  const bytes = Buffer.alloc(9);
  let end = 1;
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    bytes[0] = DOUBLE;
    end = bytes.writeDoubleBE(value, 1);
  } else if (value >= -32 && value < 128) {
    bytes[0] = value & 0xff;
  } else {
    bytes[0] = INT64;
    end = bytes.writeBigInt64BE(BigInt(value), 1);
  }
  to.bytes(bytes, 0, end);
}
