/**
 * Records that the Kinesis Producer Library put together: a mark, a protobuf message, and its MD5.
 *
 * @see https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 */
import { createHash } from "node:crypto";
import { UnreadableEventError } from "./source.ts";

const MARK = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);
const MD5_BYTES = 16;
/** Fields of `AggregatedRecord` and of `Record` in it, with their wire type, as they stand before a value. */
const [RECORDS_FIELD, DATA_FIELD] = [3, 3];

/** The records in it; undefined for a record that is one itself. @throws {UnreadableEventError} */
export function deaggregated(record: Buffer): Buffer[] | undefined {
  if (record.length < MARK.length + MD5_BYTES || !record.subarray(0, MARK.length).equals(MARK)) return undefined;
  const message = record.subarray(MARK.length, -MD5_BYTES);
  const md5 = createHash("md5").update(message).digest();
  if (!md5.equals(record.subarray(-MD5_BYTES))) throw new UnreadableEventError("its aggregation is damaged");
  return fieldsOf(message, RECORDS_FIELD).flatMap((inner) => fieldsOf(inner, DATA_FIELD));
}

/** The values of a field that has bytes. */
function fieldsOf(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = varint();
      if (at + length > message.length) throw new UnreadableEventError("its aggregation is cut short");
      if (tag >>> 3 === wanted) found.push(message.subarray(at, at + length));
      at += length;
    } else throw new UnreadableEventError("its aggregation is of no known shape");
  }
  return found;

  function varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) throw new UnreadableEventError("its aggregation is cut short");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new UnreadableEventError("its aggregation is of no known shape");
  }
}
