import fc from "fast-check";
import { outputLines } from "../../src/cli/output-lines.ts";

describe("lines of a function's output", () => {
  it("are the same however the bytes arrive", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 9 }), (text, chunkSize) => {
        const expected = text.split("\n");
        if (expected.at(-1) === "") expected.pop();
        expect(linesOf(Buffer.from(text), chunkSize)).toEqual(expected);
      }),
    );
  });

  it("are cut where they are too long, never inside a character, and nothing is lost", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 5 }), fc.integer({ min: 4, max: 12 }), (text, maxBytes) => {
        const line = text.replaceAll("\n", "");
        const pieces = linesOf(Buffer.from(line), 7, maxBytes);
        expect(pieces.join("")).toBe(line);
        for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(maxBytes);
      }),
    );
  });

  it("include empty ones", () => {
    expect(linesOf(Buffer.from("\n\na\n"), 1)).toEqual(["", "", "a"]);
  });
});

function linesOf(bytes: Buffer, chunkSize: number, maxBytes?: number): string[] {
  const lines: string[] = [];
  const output = outputLines((line) => lines.push(line), maxBytes);
  for (let at = 0; at < bytes.length; at += chunkSize) output.push(bytes.subarray(at, at + chunkSize));
  output.end();
  return lines;
}
