import fc from "fast-check";
import protobuf from "protobufjs";
import { ByteWriter } from "../../src/destinations/byte-writer.ts";
import { message, putVarint, stringAlways } from "../../src/destinations/protobuf.ts";

describe("a field of a protobuf message", () => {
  it("has its text as protobuf's own reader reads it, whatever the size", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        const writer = new ByteWriter(1);
        stringAlways(writer, 2, text);
        const reader = protobuf.Reader.create(writer.view());
        expect(reader.uint32()).toBe(2 * 8 + 2);
        expect(reader.string()).toBe(text);
        expect(reader.pos).toBe(writer.length);
      }),
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
    "has the shortest length in front of %d bytes",
    (size) => {
      const writer = new ByteWriter(1);
      writer.varint(7);
      message(writer, 1, () => message(writer, 1, () => writer.bytes(Buffer.alloc(size, 1))));
      const inner = protobuf.Writer.create().uint32(10).bytes(Buffer.alloc(size, 1)).finish();
      const whole = protobuf.Writer.create().uint32(7).uint32(10).bytes(inner).finish();
      expect(writer.view().equals(whole)).toBe(true);
    },
  );

  it.each([0, 127, 128, 16_384])("moves where its length takes other room than was expected: %d bytes", (size) => {
    for (const expected of [0, 200, 100_000]) {
      const writer = new ByteWriter(1);
      message(writer, 1, () => writer.bytes(Buffer.alloc(size, 1)), expected);
      writer.varint(5);
      const whole = protobuf.Writer.create().uint32(10).bytes(Buffer.alloc(size, 1)).uint32(5).finish();
      expect(writer.view().equals(whole)).toBe(true);
    }
  });

  it("has its numbers as protobuf's own reader reads them", () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), (value) => {
        const out = new DataView(new ArrayBuffer(8));
        const end = putVarint(out, 1, value);
        const reader = protobuf.Reader.create(new Uint8Array(out.buffer, 1));
        expect(reader.uint32()).toBe(value);
        expect(reader.pos).toBe(end - 1);
      }),
    );
  });
});
