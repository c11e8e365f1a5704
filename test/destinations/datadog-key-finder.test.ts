import fc from "fast-check";
import { KeyFinder } from "../../src/destinations/datadog-key-finder.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

function found(keys: string[], text: string, behind: string): number {
  const bytes = Buffer.from(`#${text}${behind}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return new KeyFinder(keys).find(view, 1, Buffer.byteLength(text));
}

describe("a key finder", () => {
  it("tells which of its keys stands at a place, whatever stands behind", () => {
    const key = fc.oneof(
      fc.string({ minLength: 1, maxLength: 5 }),
      fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength: 1, maxLength: 12 }),
      fc.constantFrom("version", "versiom", "wersion", "_dd.origin", "_dd.xrigin", "toString"),
    );
    const behind = fc.string({ unit: "grapheme-ascii", minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 40 }), key, behind, (keys, text, rest) => {
        expect(found(keys, text, rest)).toBe(keys.indexOf(text));
        for (const [index, each] of keys.entries()) expect(found(keys, each, rest)).toBe(index);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it("has room for thousands of keys", () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `tag-${index}`);
    expect(found(keys, "tag-4999", '":x')).toBe(4_999);
    expect(found(keys, "tag-5000", '":x')).toBe(-1);
  });
});
