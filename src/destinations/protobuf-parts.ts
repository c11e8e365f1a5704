/** The parts of a protobuf message, by position, so that they can be taken out byte for byte. */

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5];
const MAX_VARINT_BYTES = 10;

/**
 * The messages in a field of a message, each with tag and length. They share its memory.
 *
 * @param complaint of the error, when it is no protobuf message or the field is none
 */
export function messagesIn(body: Uint8Array, wanted: number, complaint: string): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let start = 0; start < body.length; ) {
    const tag = varintAt(body, start);
    const field = tag && Math.floor(tag.value / 8);
    const wireType = tag && tag.value % 8;
    const end = tag && endOfValue(body, tag.end, wireType);
    if (!field || end === undefined || end > body.length || (field === wanted && wireType !== LENGTH)) {
      throw new Error(complaint);
    }
    if (field === wanted) items.push(body.subarray(start, end));
    start = end;
  }
  return items;
}

function endOfValue(body: Uint8Array, start: number, wireType: number | undefined): number | undefined {
  if (wireType === VARINT) return varintAt(body, start)?.end;
  if (wireType === FIXED64) return start + 8;
  if (wireType === FIXED32) return start + 4;
  const length = wireType === LENGTH ? varintAt(body, start) : undefined;
  return length && length.end + length.value;
}

/** Exact up to 2^53. Undefined where there is none. */
function varintAt(body: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start; at < start + MAX_VARINT_BYTES; at++) {
    const byte = body[at];
    if (byte === undefined) break;
    value += (byte % 0x80) * 0x80 ** (at - start);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}
