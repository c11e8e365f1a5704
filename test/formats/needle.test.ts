import fc from "fast-check";
import { Needle } from "../../src/formats/needle.ts";

describe("a needle", () => {
  it("is found in the ranges that hold it, and in no other", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "_", "_id", "trace_id"), { maxLength: 40 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 20 }), (haystack, places) => {
        const ends = [...places.map((place) => Math.min(place, haystack.length))].sort((a, b) => a - b);
        const needle = new Needle(haystack, "trace_id", "_id");
        for (let i = 1; i < ends.length; i++) {
          const [start, end] = [ends[i - 1] as number, ends[i] as number];
          expect(needle.isBetween(start, end)).toBe(haystack.slice(start, end).includes("trace_id"));
        }
      }),
    );
  });
});
