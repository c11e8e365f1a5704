import fc from "fast-check";
import { KeySet } from "../../src/formats/key-set.ts";

/** How many keys of a map a set takes before it refuses one. */
function taken(keys: string[], set = new KeySet()): number {
  const bytes = Buffer.from(`${keys.join("")}....`, "latin1");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const cells = new Int32Array(keys.length * 4);
  set.clear();
  let at = 0;
  for (const [index, key] of keys.entries()) {
    cells[index * 4] = at;
    at += key.length;
    cells[index * 4 + 1] = at;
    if (!set.add(index * 4, cells, view)) return index;
  }
  return keys.length;
}

describe("a set of keys", () => {
  it("takes none twice, in map after map", () => {
    const set = new KeySet();
    const key = fc.string({ unit: fc.constantFrom(..."abcd_."), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        const second = keys.findIndex((given, index) => keys.indexOf(given) < index);
        expect(taken(keys, set)).toBeLessThanOrEqual(second === -1 ? keys.length : second);
      }),
    );
  });

  it("takes as many as the spans of tracers have", () => {
    const keys = Array.from({ length: 150 }, (_, index) => `http.request.headers.x-header-${index * 7919}`);
    expect(taken(keys)).toBe(keys.length);
  });

  it("gives up on keys that are made to collide", () => {
    const keys = Array.from({ length: 100 }, (_, index) => `aaaa${String(index).padStart(9, "0")}bbbb`);
    expect(taken(keys)).toBeLessThan(10);
  });

  it.each(["", "0", "42", "7up"])("leaves %j, which may not keep its place, alone", (key) => {
    expect(taken(["a", key])).toBe(1);
  });
});
