import fc from "fast-check";
import { spanIdOf, spanKey, spanKeyOf } from "../../src/formats/span-key.ts";

describe("the key of a span id", () => {
  it("is the same from hex digits and from halves, signed or not, and gives the digits back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (id) => {
        const hex = id.toString(16).padStart(16, "0");
        expect(spanKeyOf(hex)).toBe(spanKey(Number(BigInt.asIntN(32, id >> 32n)), Number(BigInt.asIntN(32, id))));
        expect(spanIdOf(spanKeyOf(hex))).toBe(hex);
      }),
    );
  });

  it("is that of zero where there is no id", () => {
    expect(spanKeyOf("")).toBe(spanKey(0, 0));
  });
});
