import fc from "fast-check";
import { readExactObject } from "../../src/formats/exact-object.ts";
import type { AnyValue } from "../../src/telemetry.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

/** As JSON.parse would give it. */
function plain(value: AnyValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item as AnyValue)]));
}

describe("a JSON line as OpenTelemetry's values", () => {
  it("is what JSON.parse reads, of anything that programs print", () => {
    const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }));
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1), (given, space) => {
        const text = JSON.stringify(given, null, space);
        const read = readExactObject(text);
        expect(read && plain(read)).toEqual(JSON.parse(text));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("is nothing but what JSON.parse reads too, whatever the text is", () => {
    const piece = fc.constantFrom(...'{}[]:," \\-.0189eEnrtu', "true", "null", '"a"', "\\u0000", '"\\u0000n1"', "1e5");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `{"a":${pieces.join("")}}`;
        const read = readExactObject(text);
        if (read) expect(plain(read)).toEqual(JSON.parse(text));
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it.each([
    ["1", 1n],
    ["-9223372036854775808", -(2n ** 63n)],
    ["1152921504606846976", 2n ** 60n],
    ["0.1", 0.1],
    ["1.0", 1],
    ["-0.0", -0],
    ["-0", -0],
    ["1e+20", 1e20],
    ["1e-05", 1e-5],
    ["1.0E-5", 1e-5],
    ["5e-324", 5e-324],
  ])("has the number %s exactly", (literal, value) => {
    expect(readExactObject(`{"n":${literal}}`)).toEqual({ n: value });
  });

  it.each([
    "1.10",
    "18446744073709551615",
    "18446744073709551616",
    "0.1234567890123456789",
    "1e999",
    "9007199254740993.5",
    "2.50e3",
  ])("is not taken apart where the number %s would change", (literal) => {
    expect(readExactObject(`{"n":[${literal}]}`)).toBeUndefined();
  });

  it("has names that mean something to JavaScript as any others", () => {
    const read = readExactObject('{"__proto__":{"a":1},"constructor":2}') ?? {};
    expect(Object.keys(read)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it("is not taken apart where it is nested deeper than anybody looks, however deep", () => {
    const nested = (depth: number): string => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(readExactObject(nested(30))).toBeDefined();
    for (const depth of [40, 100_000]) expect(readExactObject(nested(depth))).toBeUndefined();
  });
});
