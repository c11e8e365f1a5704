/**
 * Fields of protobuf messages, written by field number.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import { type ByteWriter, varintBytes } from "./byte-writer.ts";

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
  const start = beginMessage(to, field);
  to.utf8(value);
  endMessage(to, start);
}

/** @param expectedBytes of the content; where it is far from true the content moves once it is written */
export function message(to: ByteWriter, field: number, content: () => void, expectedBytes = 0): void {
  const start = beginMessage(to, field, expectedBytes);
  content();
  endMessage(to, start, expectedBytes);
}

/** The same in two steps: what is written next is the content. Returns where it begins, behind the room for its length. */
export function beginMessage(to: ByteWriter, field: number, expectedBytes = 0): number {
  tag(to, field, LENGTH);
  const room = varintBytes(expectedBytes);
  to.reserve(room);
  to.length += room;
  return to.length;
}

/** The content is written. @param start what `beginMessage` said @param expectedBytes what it was told */
export function endMessage(to: ByteWriter, start: number, expectedBytes = 0): void {
  const at = start - varintBytes(expectedBytes);
  const size = to.length - start;
  const content = at + varintBytes(size);
  const view = to.reserve(content - at);
  if (content !== start) {
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).copyWithin(content, start, to.length);
  }
  putVarint(view, at, size);
  to.length = content + size;
}

/** Returns the place behind it. @param value from 0 to 2^32 - 1 */
export function putVarint(out: DataView, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    out.setUint8(at++, (rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.setUint8(at, rest);
  return at + 1;
}

/** One entry of a map field: a message of key and value. */
export function entry(to: ByteWriter, field: number, key: string, value: () => void): void {
  const start = beginMessage(to, field);
  stringAlways(to, 1, key);
  value();
  endMessage(to, start);
}

export function double(to: ByteWriter, field: number, value: number): void {
  tag(to, field, FIXED64);
  to.double(value);
}

export function fixed64(to: ByteWriter, field: number, value: bigint): void {
  tag(to, field, FIXED64);
  to.fixed64(value);
}
