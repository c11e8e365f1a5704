import fc from "fast-check";
import { type Part, Recent } from "../../src/transforms/recent.ts";

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

  it("is in parts with keys of their own, of which any may hold what goes first", () => {
    const recent = new Recent<number>(2);
    const part: Part<number> = new Map();
    recent.set("a", 1);
    recent.set("a", 2, part);
    expect([recent.get("a", part), recent.get("a"), recent.size]).toEqual([2, 1, 2]);
    recent.set("b", 3, part);
    expect([recent.get("a"), recent.get("a", part), recent.get("b", part), recent.size]).toEqual([1, undefined, 3, 2]);
    expect([recent.forgetOldest(), recent.forgetOldest(), recent.forgetOldest()]).toEqual([1, 3, undefined]);
    expect([recent.size, recent.get("b", part)]).toEqual([0, undefined]);
  });

  it("is what a list in the order of use holds", () => {
    const step = fc.record({ part: fc.nat(1), key: fc.constantFrom("a", "b", "c"), sets: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        const recent = new Recent<number>(limit);
        const parts: Part<number>[] = [new Map(), new Map()];
        let listed: { id: string; value: number }[] = [];
        for (const [value, { part, key, sets }] of steps.entries()) {
          const id = `${part} ${key}`;
          const known = listed.find((it) => it.id === id);
          if (sets) recent.set(key, value, parts[part]);
          else expect(recent.get(key, parts[part])).toBe(known?.value);
          if (!sets && !known) continue;
          listed = [...listed.filter((it) => it !== known), { id, value: sets ? value : (known?.value ?? -1) }];
          listed = listed.slice(-limit);
          expect(recent.size).toBe(listed.length);
        }
        expect(listed.map(() => recent.forgetOldest())).toEqual(listed.map(({ value }) => value));
      }),
    );
  });
});
