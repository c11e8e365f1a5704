import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { UnreadableEventError } from "../../src/sources/source.ts";
import { packingOf, unpacked, unpackedWhole } from "../../src/sources/unpacked.ts";
import { inPieces } from "../helpers/contents.ts";

async function* streamOf(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

async function all(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const collected: Buffer[] = [];
  for await (const chunk of chunks) collected.push(Buffer.from(chunk));
  return Buffer.concat(collected);
}

describe("what is compressed", () => {
  it("is the same again, in pieces of any size, members and layers", async () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 500 }), { minLength: 1, maxLength: 4 });
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(parts, sizes, fc.integer({ min: 0, max: 2 }), async (parts, sizes, layers) => {
        // A content that is text, so that its own bytes are taken for no format.
        const content = parts.map((part) => Buffer.concat([Buffer.from("text"), part]));
        let packed: Buffer = Buffer.concat(content.map((part) => gzipSync(part)));
        for (let layer = 0; layer < layers; layer++) packed = gzipSync(packed);
        expect(await all(unpacked(streamOf(inPieces(packed, sizes)), 1e6, ""))).toEqual(Buffer.concat(content));
        expect(await all(unpackedWhole(packed, 1e6))).toEqual(Buffer.concat(content));
      }),
      { numRuns: 60 },
    );
  });

  it.each(["BZh is a company", "PAR1 of the list", "ORC attacks", "PK", "Obj: 1", "", "B"])(
    "is not %j, which is text",
    async (text) => {
      expect(packingOf(Buffer.from(text))).toBe("plain");
      expect((await all(unpackedWhole(Buffer.from(text), 100))).toString()).toBe(text);
    },
  );

  it.each([
    ["bzip2", "BZh91AY&SY"],
    ["zip", "PK\x03\x04\x14"],
    ["xz", "\xfd7zXZ\x00"],
    ["Parquet", "PAR1\x15\x04"],
    ["ORC", "ORC\x0e"],
    ["Avro", "Obj\x01"],
    ["snappy", "\xff\x06\x00\x00sNaPpY"],
  ])("as %s is refused by name", (name, front) => {
    expect(() => packingOf(Buffer.from(front, "latin1"))).toThrow(UnreadableEventError);
    expect(() => packingOf(Buffer.from(front, "latin1"))).toThrow(`it is ${name}, which the forwarder does not read`);
  });

  it.each([
    ["text behind it", "its gzip ends, and something that is no gzip stands behind it"],
    ["\n", "its gzip is cut short, or something that is no gzip stands behind it"],
  ])("is refused with %j behind it", async (behind, problem) => {
    const packed = Buffer.concat([gzipSync("text"), Buffer.from(behind)]);
    await expect(all(unpacked(streamOf([packed]), 1_000, ""))).rejects.toThrow(problem);
    await expect(all(unpackedWhole(packed, 1_000))).rejects.toThrow(problem);
  });

  it("may have zeros behind it, as tapes do", async () => {
    const packed = Buffer.concat([gzipSync("text"), Buffer.alloc(512)]);
    expect((await all(unpacked(streamOf([packed]), 1_000, ""))).toString()).toBe("text");
  });

  it("ends at a limit, behind which it may be anything", async () => {
    const bomb = gzipSync(Buffer.alloc(3_000_000));
    await expect(all(unpacked(streamOf([bomb]), 1_000_000, "A_SETTING"))).rejects.toThrow("raise A_SETTING");
    await expect(all(unpackedWhole(gzipSync(Buffer.alloc(9_000_000)), 1_000_000))).rejects.toThrow(
      /more than 1000000 bytes$/,
    );
  });

  it("stops asking for pieces when nobody reads on", async () => {
    let ended = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield gzipSync(Buffer.alloc(100_000, "line\n"));
      } finally {
        ended = true;
      }
    }
    for await (const _ of unpacked(endless(), 1e12, "")) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(true);
  });
});
