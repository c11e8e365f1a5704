/**
 * Reads protobuf messages field by field, in one pass. Everything that is damaged throws `MalformedError`: lengths that
 * reach too far, numbers that do not end, fields of another wire type than is asked for.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import { MalformedError } from "./malformed.ts";

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5];
/** Of messages in messages; the published decoders' own limit. */
const MAX_DEPTH = 100;
/** Of all messages together: an empty one takes two bytes, and what is made of it a hundred. */
const MAX_MESSAGES = 2 ** 18;

export class ProtobufReader {
  readonly #bytes: Buffer;
  #at = 0;
  /** Of the message that is being read. */
  #end: number;
  /** Of the field that is being read. */
  #wireType = -1;
  #depth = 0;
  #messages = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /**
   * Reads the fields of the message it stands in, to its end.
   *
   * @param read is given the number of each field, and takes its value with one of the methods below; what it does not
   * take is passed over
   */
  fields(read: (field: number) => void): void {
    while (this.#at < this.#end) {
      const [low] = this.#varint();
      if (low >>> 3 === 0) throw new MalformedError();
      this.#wireType = low & 7;
      const value = this.#at;
      read(low >>> 3);
      if (this.#at === value) this.#skip();
    }
  }

  /** A message in the message. */
  message(read: (field: number) => void): void {
    const end = this.#endOfLength();
    if (++this.#depth > MAX_DEPTH || ++this.#messages > MAX_MESSAGES) throw new MalformedError();
    const outer = this.#end;
    this.#end = end;
    this.fields(read);
    this.#end = outer;
    this.#depth--;
  }

  /** Bytes that are no UTF-8 become replacement characters. */
  string(): string {
    const end = this.#endOfLength();
    const text = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end;
    return text;
  }

  /** A copy. */
  bytes(): Uint8Array {
    const end = this.#endOfLength();
    const copy = new Uint8Array(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return copy;
  }

  /** Bytes as hex digits, two for each. */
  hex(): string {
    const end = this.#endOfLength();
    const digits = this.#bytes.toString("hex", this.#at, end);
    this.#at = end;
    return digits;
  }

  bool(): boolean {
    const [low, high] = this.#number();
    return low !== 0 || high !== 0;
  }

  /** Also an enum's number, where it is not negative. */
  uint32(): number {
    return this.#number()[0];
  }

  int64(): bigint {
    const [low, high] = this.#number();
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#fixed(FIXED32, 4));
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#fixed(FIXED64, 8));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#fixed(FIXED64, 8));
  }

  #skip(): void {
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#fixed(FIXED64, 8);
    else if (this.#wireType === LENGTH) this.#at = this.#endOfLength();
    else this.#fixed(FIXED32, 4);
  }

  #number(): [low: number, high: number] {
    this.#expect(VARINT);
    return this.#varint();
  }

  /** Where the value of a field begins that has so many bytes, all of which are taken. */
  #fixed(wireType: number, bytes: number): number {
    this.#expect(wireType);
    const start = this.#at;
    this.#advance(bytes);
    return start;
  }

  /** Behind a field that says its length; stands at its first byte then. */
  #endOfLength(): number {
    this.#expect(LENGTH);
    const [length, high] = this.#varint();
    const end = this.#at + length;
    if (high !== 0 || end > this.#end) throw new MalformedError();
    return end;
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw new MalformedError();
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#end) throw new MalformedError();
  }

  /** Both halves of 64 bits, unsigned. */
  #varint(): [low: number, high: number] {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      this.#advance(1);
      const byte = this.#bytes[this.#at - 1] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) [low, high] = [low | (bits << 28), bits >> 4];
      else high |= bits << (shift - 32);
      if (byte < 0x80) return [low >>> 0, high >>> 0];
    }
    throw new MalformedError();
  }
}
