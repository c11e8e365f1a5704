/** Bytes that grow at their end. Items are written straight into the batch they travel in. */
export class ByteWriter {
  /** How many bytes are written. */
  length = 0;
  #bytes: Buffer;

  constructor(capacityBytes = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafe(capacityBytes);
  }

  bytes(source: Uint8Array, start = 0, end = source.length): void {
    this.#reserve(end - start);
    this.#bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.length);
    this.length += end - start;
  }

  utf8(text: string): void {
    this.#reserve(text.length * 3);
    this.length += this.#bytes.write(text, this.length, "utf8");
  }

  double(value: number): void {
    this.#reserve(8);
    this.length = this.#bytes.writeDoubleLE(value, this.length);
  }

  fixed64(value: bigint): void {
    this.#reserve(8);
    this.length = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.length);
  }

  /** An unsigned LEB128, as protobuf has them. @param value a safe integer, not negative */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.length++] = rest;
  }

  /** A 64-bit varint; negative values as their two's complement, ten bytes long. */
  varint64(value: bigint): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#bytes[this.length++] = Number(rest & 0x7fn) + 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.length++] = Number(rest);
  }

  /**
   * Writes what `content` writes, with its length as a varint in front. One byte is kept for the length, which is
   * enough for most; longer content moves up.
   */
  lengthPrefixed(content: () => void): void {
    this.#reserve(1);
    const at = this.length++;
    content();
    const size = this.length - at - 1;
    if (size > 0x7f) {
      const extra = size < 0x4000 ? 1 : size < 0x20_0000 ? 2 : size < 0x1000_0000 ? 3 : 4;
      this.#reserve(extra);
      this.#bytes.copyWithin(at + 1 + extra, at + 1, this.length);
      this.length = at;
      this.varint(size);
      this.length = at + 1 + extra + size;
    } else {
      this.#bytes[at] = size;
    }
  }

  /** What is written from `start` on; valid until the next write. */
  view(start = 0): Buffer {
    return this.#bytes.subarray(start, this.length);
  }

  /** Forgets what is written behind `length`. */
  truncate(length: number): void {
    this.length = length;
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.length + bytes));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }
}
