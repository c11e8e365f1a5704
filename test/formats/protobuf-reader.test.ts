import fc from "fast-check";
import protobuf from "protobufjs";
import { MalformedError } from "../../src/formats/malformed.ts";
import { ProtobufReader } from "../../src/formats/protobuf-reader.ts";

/** Everything that a message's fields say, by wire type, as the reader tells it. */
function numbersIn(bytes: Buffer): unknown[] {
  const from = new ProtobufReader(bytes);
  const read: unknown[] = [];
  from.fields((field) => {
    if (field === 1) read.push(from.int64());
    else if (field === 2) read.push(from.uint32());
    else if (field === 3) read.push(from.fixed64());
    else if (field === 4) read.push(from.fixed32());
    else if (field === 5) read.push(from.double());
    else if (field === 6) read.push(from.bool());
    else if (field === 7) read.push(from.string());
    else if (field === 8) read.push([...from.bytes()]);
    else if (field === 9) read.push(from.hex());
  });
  return read;
}

describe("the reader of protobuf", () => {
  it("reads each kind of number and text as another writer wrote it", () => {
    const given = fc.tuple(
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      fc.nat(2 ** 32 - 1),
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.nat(2 ** 32 - 1),
      fc.double(),
      fc.boolean(),
      fc.string({ unit: "grapheme" }),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(given, ([int64, uint32, fixed64, fixed32, double, bool, text, bytes]) => {
        const to = protobuf.Writer.create();
        to.uint32(1 * 8).int64(String(int64) as never);
        to.uint32(2 * 8).uint32(uint32);
        to.uint32(3 * 8 + 1).fixed64(String(fixed64) as never);
        to.uint32(4 * 8 + 5).fixed32(fixed32);
        to.uint32(5 * 8 + 1).double(double);
        to.uint32(6 * 8).bool(bool);
        to.uint32(7 * 8 + 2).string(text);
        to.uint32(8 * 8 + 2).bytes(bytes);
        to.uint32(9 * 8 + 2).bytes(bytes);
        const hex = Buffer.from(bytes).toString("hex");
        expect(numbersIn(Buffer.from(to.finish()))).toEqual([
          int64,
          uint32,
          fixed64,
          fixed32,
          double,
          bool,
          text,
          [...bytes],
          hex,
        ]);
      }),
    );
  });

  it("passes over fields that it does not know, of every wire type", () => {
    const to = protobuf.Writer.create();
    to.uint32(100 * 8).int64(-1);
    to.uint32(101 * 8 + 1).fixed64(7);
    to.uint32(102 * 8 + 2).string("unknown");
    to.uint32(103 * 8 + 5).fixed32(7);
    to.uint32(2 * 8).uint32(5);
    expect(numbersIn(Buffer.from(to.finish()))).toEqual([5]);
  });

  it.each<[string, number[]]>([
    ["a number that does not end", [0x10, 0x80]],
    ["a number of more than ten bytes", [0x10, ...new Array(10).fill(0xff), 0x01]],
    ["a text that reaches too far", [0x3a, 0x05, 0x61]],
    ["a length of more than 32 bits", [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ["a text where a number is expected", [0x12, 0x01, 0x61]],
    ["a number where a text is expected", [0x38, 0x01]],
    ["four bytes where eight are expected", [0x1d, 1, 2, 3, 4]],
    ["eight bytes of which some are missing", [0x19, 1, 2, 3]],
    ["field 0", [0x00, 0x01]],
    ["a group", [0x53, 0x54]],
  ])("refuses %s", (_, bytes) => {
    expect(() => numbersIn(Buffer.from(bytes))).toThrow(MalformedError);
  });

  it("does not let a field reach beyond the message it stands in", () => {
    const from = new ProtobufReader(Buffer.from([0x0a, 0x02, 0x3a, 0x02, 0x61, 0x62]));
    const inner = (field: number): void => {
      if (field === 7) from.string();
    };
    expect(() => from.fields(() => from.message(inner))).toThrow(MalformedError);
  });

  it("refuses what is nested deeper than a hundred messages, and takes a hundred", () => {
    const nested = (depth: number): Buffer => {
      let bytes = Buffer.alloc(0);
      for (let left = depth; left > 0; left--) {
        const to = protobuf.Writer.create();
        to.uint32(0x0a).bytes(bytes);
        bytes = Buffer.from(to.finish());
      }
      return bytes;
    };
    const depthOf = (bytes: Buffer): number => {
      const from = new ProtobufReader(bytes);
      let depth = 0;
      const inner = (): void => {
        depth++;
        from.message(inner);
      };
      from.fields(inner);
      return depth;
    };
    expect(depthOf(nested(100))).toBe(100);
    expect(() => depthOf(nested(101))).toThrow(MalformedError);
    expect(() => depthOf(nested(5_000))).toThrow(MalformedError);
  });

  it("refuses more messages than a line of any tracer holds, however small they are", () => {
    const count = (messages: number): number => {
      const from = new ProtobufReader(Buffer.alloc(messages * 2, Buffer.from([0x0a, 0x00])));
      let read = 0;
      from.fields(() => {
        from.message(() => undefined);
        read++;
      });
      return read;
    };
    expect(count(2 ** 18)).toBe(2 ** 18);
    expect(() => count(2 ** 18 + 1)).toThrow(MalformedError);
  });
});
