import fc from "fast-check";
import { isLike, nearest } from "../../../src/cli/live/name-pattern.ts";

describe("names of log groups", () => {
  it("are like a pattern as a regular expression would say", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", "*"), maxLength: 6 });
    fc.assert(
      fc.property(text, pattern, (name, like) => {
        expect(isLike(name, like)).toBe(new RegExp(`^${like.replaceAll("*", ".*")}$`).test(name));
      }),
    );
  });

  it("are near what was typed where they share letters, the nearest first", () => {
    const names = ["/aws/lambda/shop-cart", "/aws/lambda/shop-pay", "/ecs/other", "/aws/lambda/cart-worker"];
    expect(nearest("/aws/lambda/shop-crat", names, 2)).toEqual(["/aws/lambda/shop-cart", "/aws/lambda/shop-pay"]);
    expect(nearest("cart", names, 2)).toEqual(["/aws/lambda/shop-cart", "/aws/lambda/cart-worker"]);
    expect(nearest("zzz", names, 5)).toEqual([]);
  });
});
