import fc from "fast-check";
import { parseExactly } from "../../src/formats/exact-json.ts";

/** JSON of values with bigint in them. */
function written(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${written(item)}`)}}`;
}

describe("exact JSON", () => {
  it("has whole numbers beyond 2^53 as bigint, and everything else as JSON.parse gives it", () => {
    const large = fc.oneof(fc.bigInt(2n ** 53n, 2n ** 64n), fc.bigInt(-(2n ** 63n), -(2n ** 53n)));
    // A NUL is told apart below.
    const text = fc
      .oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom('":1795226069831013037,', "\\", '"', "[1795226069831013037]"),
      )
      .filter((given) => !given.includes("\0"));
    // Larger ones are written without a point.
    const number = fc.double({ noNaN: true, min: -1e15, max: 1e15 }).map((given) => (given === 0 ? 0 : given));
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        large,
        number,
        fc.maxSafeInteger().map((given) => given || 0),
        text,
        fc.constantFrom(true, null),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(text, tie("value"), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        const json = written(given);
        expect(parseExactly(json)).toEqual(given);
        expect(parseExactly(` ${json}\n`)).toEqual(given);
      }),
    );
  });

  it.each<[string, unknown]>([
    ["[1795226069831013037]", [1_795_226_069_831_013_037n]],
    ['{"a":\n-1795226069831013037}', { a: -1_795_226_069_831_013_037n }],
    [
      "[18446744073709551615, 1e30, 1795226069831013037.5]",
      [18_446_744_073_709_551_615n, 1e30, 1_795_226_069_831_013_000],
    ],
    ["[1234567890123456]", [1_234_567_890_123_456]],
    ["1795226069831013037", 1_795_226_069_831_013_037n],
    ['["\\u00001795226069831013037", 1795226069831013037]', ["\x001795226069831013037", 1_795_226_069_831_013_000]],
    ["", undefined],
    ["{", undefined],
    ['{"a":1795226069831013037', undefined],
  ])("of %j is %p", (json, value) => expect(parseExactly(json)).toEqual(value));

  it("of deep nesting is what JSON.parse gives", () => {
    const json = `${"[".repeat(50_000)}1795226069831013037${"]".repeat(50_000)}`;
    expect(Array.isArray(parseExactly(json))).toBe(true);
  });

  it("keeps a key that is called like a part of JavaScript", () => {
    expect(Object.entries(parseExactly('{"__proto__":1795226069831013037}') as object)).toEqual([
      ["__proto__", 1_795_226_069_831_013_037n],
    ]);
  });
});
