/**
 * Fields of protobuf messages, written by field number.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import type { ByteWriter } from "./byte-writer.ts";

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

function tag(to: ByteWriter, field: number, wireType: number): void {
  to.varint(field * 8 + wireType);
}

/** A field that is left out when it has its default, zero. */
export function integer(to: ByteWriter, field: number, value: bigint): void {
  if (value === 0n) return;
  tag(to, field, VARINT);
  to.varint64(value);
}

/** A field that is left out when it has its default, the empty string. */
export function string(to: ByteWriter, field: number, value: string): void {
  if (value !== "") stringAlways(to, field, value);
}

export function stringAlways(to: ByteWriter, field: number, value: string): void {
  message(to, field, () => to.utf8(value));
}

/** @param expectedBytes of the content; where it is far from true the content moves once it is written */
export function message(to: ByteWriter, field: number, content: () => void, expectedBytes = 0): void {
  tag(to, field, LENGTH);
  to.lengthPrefixed(content, expectedBytes);
}

/** One entry of a map field: a message of key and value. */
export function entry(to: ByteWriter, field: number, key: string, value: () => void): void {
  message(to, field, () => {
    stringAlways(to, 1, key);
    value();
  });
}

export function double(to: ByteWriter, field: number, value: number): void {
  tag(to, field, FIXED64);
  to.double(value);
}

export function fixed64(to: ByteWriter, field: number, value: bigint): void {
  tag(to, field, FIXED64);
  to.fixed64(value);
}
