import { Recent } from "../../src/transforms/recent.ts";

describe("what is remembered", () => {
  it("is forgotten when there is too much of it, the longest unused first", () => {
    const recent = new Recent<number>(2);
    recent.set("a", 1);
    recent.set("b", 2);
    expect(recent.get("a")).toBe(1);
    recent.set("c", 3);
    expect([recent.get("a"), recent.get("b"), recent.get("c"), recent.size]).toEqual([1, undefined, 3, 2]);
    recent.set("a", 4);
    expect([recent.get("a"), recent.size]).toEqual([4, 2]);
  });

  it("may have any name", () => {
    const recent = new Recent<string>(5);
    expect(recent.get("__proto__")).toBeUndefined();
    recent.set("constructor", "x");
    expect(recent.get("constructor")).toBe("x");
  });
});
