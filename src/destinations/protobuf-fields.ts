/**
 * Where the fields of a protobuf message stand, without knowing what they mean.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5];
const MAX_VARINT_BYTES = 10;

export interface FieldPlace {
  field: number;
  wireType: number;
  /** Where the tag begins. */
  start: number;
  /** Where the value begins; that of a text or message behind its length. */
  value: number;
  /** Behind the value. */
  end: number;
}

/** @throws {Error} when the bytes are no message */
export function* fieldsIn(message: Uint8Array): Generator<FieldPlace> {
  for (let start = 0; start < message.length; ) {
    const tag = varintAt(message, start);
    const [field, wireType] = [Math.floor(tag.value / 8), tag.value % 8];
    const length = wireType === LENGTH ? varintAt(message, tag.end) : undefined;
    const value = length ? length.end : tag.end;
    const end = length ? value + length.value : endOf(message, value, wireType);
    if (field === 0 || end > message.length) throw malformed();
    yield { field, wireType, start, value, end };
    start = end;
  }
}

/** Whether it is a text, bytes, or a message. */
export function isLength({ wireType }: FieldPlace): boolean {
  return wireType === LENGTH;
}

/** The bytes of the value. They share the message's memory. */
export function bytesOf(message: Uint8Array, { value, end }: FieldPlace): Uint8Array {
  return message.subarray(value, end);
}

/** Exact up to 2^53. @throws {Error} when there is none */
export function varintAt(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start; at < start + MAX_VARINT_BYTES; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte % 0x80) * 0x80 ** (at - start);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw malformed();
}

function endOf(message: Uint8Array, start: number, wireType: number): number {
  if (wireType === VARINT) return varintAt(message, start).end;
  if (wireType === FIXED64) return start + 8;
  if (wireType === FIXED32) return start + 4;
  throw malformed();
}

function malformed(): Error {
  return new Error("the bytes are no protobuf message");
}
