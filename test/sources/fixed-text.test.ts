import fc from "fast-check";
import { FixedText } from "../../src/sources/fixed-text.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 4, maxLength: 14 });

describe("a fixed text", () => {
  it("stands where the same bytes stand, and nowhere outside", () => {
    fc.assert(
      fc.property(letters, letters, fc.integer({ min: -5, max: 20 }), (text, around, at) => {
        const bytes = Buffer.from(around + text);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        const expected = at >= 0 && bytes.toString("latin1").startsWith(text, at) && at + text.length <= bytes.length;
        expect(new FixedText(text).standsAt(view, at)).toBe(expected);
        expect(new FixedText(text).standsAt(view, around.length)).toBe(true);
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
