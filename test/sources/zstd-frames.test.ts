import * as zlib from "node:zlib";
import fc from "fast-check";
import { unpacked } from "../../src/sources/unpacked.ts";
import { isZstd, zstdFrames } from "../../src/sources/zstd-frames.ts";
import { inPieces } from "../helpers/contents.ts";

/** A frame of blocks that are not compressed, which needs no zstd to be made. */
function aFrame({ blocks, dictionary = 0, isSingle = true, hasChecksum = false }: FrameGiven): Buffer {
  const descriptor = (isSingle ? 0x20 : 0) | (hasChecksum ? 4 : 0) | [0, 1, 2, 4].indexOf(dictionary);
  const header = [0x28, 0xb5, 0x2f, 0xfd, descriptor, ...Array<number>(1 + dictionary).fill(1)];
  const written = blocks.flatMap(({ text, isRle }, index) => {
    const block = Buffer.alloc(3);
    block.writeUIntLE((text.length << 3) | (isRle ? 2 : 0) | (index === blocks.length - 1 ? 1 : 0), 0, 3);
    return [block, Buffer.from(isRle ? "r" : text)];
  });
  return Buffer.concat([Buffer.from(header), ...written, Buffer.from(hasChecksum ? "sum!" : "")]);
}

interface FrameGiven {
  blocks: { text: string; isRle: boolean }[];
  dictionary?: number;
  isSingle?: boolean;
  hasChecksum?: boolean;
}

function aSkippable(content: string, kind = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + kind, 0);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, Buffer.from(content)]);
}

async function* streamOf(pieces: Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

async function framesIn(bytes: Buffer, sizes = [bytes.length]): Promise<string[]> {
  const frames: string[] = [];
  for await (const frame of zstdFrames(streamOf(inPieces(bytes, sizes)))) {
    const pieces: Buffer[] = [];
    for await (const piece of frame) pieces.push(piece);
    frames.push(Buffer.concat(pieces).toString("latin1"));
  }
  return frames;
}

describe("frames of zstd", () => {
  const block = fc.record({ text: fc.string({ unit: "binary-ascii", maxLength: 300 }), isRle: fc.boolean() });
  const frame = fc
    .record({
      blocks: fc.array(block, { minLength: 1, maxLength: 4 }),
      dictionary: fc.constantFrom(0, 1, 2, 4),
      isSingle: fc.boolean(),
      hasChecksum: fc.boolean(),
    })
    .map(aFrame);
  const skippable = fc
    .tuple(fc.string({ unit: "binary-ascii", maxLength: 50 }), fc.nat(15))
    .map((given) => ({ skipped: aSkippable(...given) }));
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });

  it("are found one by one in pieces of any size, without what is to be skipped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(frame, skippable), { maxLength: 6 }), sizes, async (given, sizes) => {
        const bytes = Buffer.concat(given.map((one) => ("skipped" in one ? one.skipped : one)));
        const expected = given.flatMap((one) => ("skipped" in one ? [] : [one.toString("latin1")]));
        expect(await framesIn(bytes, sizes)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("that are cut anywhere end there", async () => {
    await fc.assert(
      fc.asyncProperty(frame, fc.nat(), sizes, async (whole, at, sizes) => {
        const cut = whole.subarray(0, 4 + (at % (whole.length - 4)));
        expect(await framesIn(cut, sizes)).toEqual([cut.toString("latin1")]);
      }),
    );
  });

  it.each(["x", "text behind it", "\u0000\u0000\u0000\u0000"])(
    "with %j behind them are no zstd to the end",
    async (behind) => {
      const bytes = Buffer.concat([aFrame({ blocks: [{ text: "a", isRle: false }] }), Buffer.from(behind)]);
      await expect(framesIn(bytes)).rejects.toThrow("something that is no zstd stands behind its zstd");
    },
  );

  it("begin with the one that may be skipped, too", () => {
    expect(isZstd(aSkippable("", 15))).toBe(true);
    expect(isZstd(Buffer.from("P*M"))).toBe(false);
    expect(isZstd(Buffer.from("text"))).toBe(false);
  });

  const { zstdCompressSync } = zlib as { zstdCompressSync?: (text: string) => Buffer };
  (zstdCompressSync ? it : it.skip)("are all decompressed, where the runtime can", async () => {
    const packed = ["one\n", "", "two\n"].map((text) => zstdCompressSync?.(text) ?? Buffer.alloc(0));
    const bytes = Buffer.concat([aSkippable("index"), ...packed, aSkippable("end", 3)]);
    for (const sizes of [[1], [3, 7], [bytes.length]]) {
      let text = "";
      for await (const chunk of unpacked(streamOf(inPieces(bytes, sizes)), 1e6, "")) text += chunk;
      expect(text).toBe("one\ntwo\n");
    }
  });
});
