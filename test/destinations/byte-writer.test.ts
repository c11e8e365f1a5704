import fc from "fast-check";
import protobuf from "protobufjs";
import { ByteWriter } from "../../src/destinations/byte-writer.ts";

describe("ByteWriter", () => {
  it("writes what protobuf's own reader reads back, whatever the size", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
        fc.double({ noNaN: true }),
        (small, large, number) => {
          const writer = new ByteWriter(1);
          writer.varint(small);
          writer.varint64(large);
          writer.double(number);
          writer.fixed64(large);
          const reader = protobuf.Reader.create(writer.view());
          expect(BigInt(reader.uint64().toString())).toBe(BigInt(small));
          expect(BigInt(reader.uint64().toString())).toBe(large);
          expect(reader.double()).toBe(number);
          expect(BigInt(reader.fixed64().toString())).toBe(large);
          expect(reader.pos).toBe(writer.length);
        },
      ),
    );
  });

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

  it("copies any range of any source, wherever that stands in memory", () => {
    const sources = fc.uint8Array({ maxLength: 100 }).chain((source) => fc.constantFrom(source, Buffer.from(source)));
    fc.assert(
      fc.property(sources, fc.nat(100), fc.nat(100), fc.nat(20), (source, a, b, before) => {
        const [start, end] = [a, b].map((at) => at % (source.length + 1)).toSorted((x, y) => x - y) as [number, number];
        const writer = new ByteWriter(1);
        writer.bytes(Buffer.alloc(before, 7));
        writer.bytes(source, start, end);
        writer.bytes(source.subarray(start, end));
        const part = source.slice(start, end);
        expect(writer.view().equals(Buffer.concat([Buffer.alloc(before, 7), part, part]))).toBe(true);
      }),
    );
  });

  it("writes any text, short or long, as UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 60 }), (any, ascii) => {
        const writer = new ByteWriter(1);
        writer.utf8(ascii);
        writer.utf8(any);
        expect(writer.view().equals(Buffer.from(ascii + any))).toBe(true);
      }),
    );
  });

  it("begins anew in the same memory", () => {
    const writer = new ByteWriter();
    writer.utf8("before");
    const memory = writer.view().buffer;
    writer.reset();
    expect(writer.length).toBe(0);
    writer.utf8("after");
    expect(writer.view().toString()).toBe("after");
    expect(writer.view().buffer).toBe(memory);
  });

  it("hands out room for bytes that others write", () => {
    const writer = new ByteWriter(1);
    writer.utf8("a");
    writer.reserve(2).setUint8(writer.length++, 0x62);
    writer.utf8("c");
    expect(writer.view().toString()).toBe("abc");
  });
});
