import fc from "fast-check";
import protobuf from "protobufjs";
import { ByteWriter } from "../../src/destinations/byte-writer.ts";

describe("ByteWriter", () => {
  it("writes what protobuf's own reader reads back, whatever the size", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.double({ noNaN: true }),
        (small, large, text, number) => {
          const writer = new ByteWriter(1);
          writer.varint(small);
          writer.varint64(large);
          writer.lengthPrefixed(() => writer.utf8(text));
          writer.double(number);
          writer.fixed64(large);
          const reader = protobuf.Reader.create(writer.view());
          expect(BigInt(reader.uint64().toString())).toBe(BigInt(small));
          expect(BigInt(reader.uint64().toString())).toBe(large);
          expect(reader.string()).toBe(text);
          expect(reader.double()).toBe(number);
          expect(BigInt(reader.fixed64().toString())).toBe(large);
          expect(reader.pos).toBe(writer.length);
        },
      ),
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
    "puts the shortest length in front of %d bytes",
    (size) => {
      const writer = new ByteWriter(1);
      writer.varint(7);
      writer.lengthPrefixed(() => {
        writer.lengthPrefixed(() => writer.bytes(Buffer.alloc(size, 1)));
      });
      const reader = protobuf.Reader.create(writer.view(1));
      const inner = protobuf.Reader.create(reader.bytes());
      expect(inner.bytes().length).toBe(size);
      const shortest = protobuf.Writer.create()
        .bytes(protobuf.Writer.create().bytes(Buffer.alloc(size, 1)).finish())
        .finish();
      expect(writer.length - 1).toBe(shortest.length);
    },
  );

  it("writes a negative number as ten bytes of two's complement", () => {
    const writer = new ByteWriter();
    writer.varint64(-1n);
    expect(protobuf.Reader.create(writer.view()).int64().toString()).toBe("-1");
    expect(writer.length).toBe(10);
  });

  it("takes part of a source", () => {
    const writer = new ByteWriter(2);
    writer.bytes(Buffer.from("abcdef"), 2, 4);
    writer.truncate(1);
    writer.utf8("é");
    expect(writer.view().toString()).toBe("cé");
  });
});
