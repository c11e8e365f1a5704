import fc from "fast-check";
import { ByteWriter } from "../../src/destinations/byte-writer.ts";
import { messagePack } from "../../src/destinations/message-pack.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

function packed(value: unknown): Buffer {
  const to = new ByteWriter(16);
  messagePack(to, value);
  return Buffer.from(to.view());
}

/** Reads all of MessagePack that JSON can become, by the table of its specification. */
function unpacked(bytes: Buffer): unknown {
  let at = 0;
  const value = next();
  expect(at).toBe(bytes.length);
  return value;

  function next(): unknown {
    const first = bytes[at++] as number;
    if (first < 0x80) return first;
    if (first < 0x90) return map(first & 0x0f);
    if (first < 0xa0) return list(first & 0x0f);
    if (first < 0xc0) return text(first & 0x1f);
    if (first >= 0xe0) return first - 0x100;
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xcb:
        return bytes.readDoubleBE(passed(8));
      case 0xd3:
        return Number(bytes.readBigInt64BE(passed(8)));
      case 0xd9:
        return text(uint(1));
      case 0xda:
        return text(uint(2));
      case 0xdb:
        return text(uint(4));
      case 0xdc:
        return list(uint(2));
      case 0xdd:
        return list(uint(4));
      case 0xde:
        return map(uint(2));
      case 0xdf:
        return map(uint(4));
      default:
        throw new Error(`no JSON becomes ${first.toString(16)}`);
    }
  }
  /** Where something of a size begins. */
  function passed(size: number): number {
    at += size;
    return at - size;
  }
  function uint(size: number): number {
    return bytes.readUIntBE(passed(size), size);
  }
  function text(length: number): string {
    return bytes.toString("utf8", passed(length), at);
  }
  function list(length: number): unknown[] {
    return Array.from({ length }, next);
  }
  function map(length: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length }, () => [next(), next()]));
  }
}

describe("MessagePack", () => {
  it("says of any JSON what the JSON says", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
        expect(unpacked(packed(value))).toEqual(value);
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it.each([31, 32, 255, 256, 65_535, 65_536])("tells texts, lists and maps of length %d apart", (length) => {
    const entries = Array.from({ length }, (_, index): [string, number] => [`k${index}`, index]);
    for (const value of ["x".repeat(length), entries.map(([, index]) => index), Object.fromEntries(entries)]) {
      expect(unpacked(packed(value))).toEqual(value);
    }
  });

  it.each([
    [127, "7f"],
    [128, "d30000000000000080"],
    [-32, "e0"],
    [-33, "d3ffffffffffffffdf"],
    [Number.MAX_SAFE_INTEGER, "d3001fffffffffffff"],
    [0.5, "cb3fe0000000000000"],
    [-0, "cb8000000000000000"],
    [1e300, "cb7e37e43c8800759c"],
    ["é", "a2c3a9"],
    [{}, "80"],
    [[null, true, false], "93c0c3c2"],
  ])("writes %j as %s", (value, hex) => expect(packed(value).toString("hex")).toBe(hex));
});
