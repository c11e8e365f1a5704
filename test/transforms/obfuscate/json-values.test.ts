import fc from "fast-check";
import { obfuscateJson } from "../../../src/transforms/obfuscate/json-values.ts";
import { propertyRuns } from "../../helpers/property-runs.ts";

describe("a JSON query", () => {
  it.each([
    ['{"find":"users","filter":{"age":{"$gt":21}}}', '{"find":"?","filter":{"age":{"$gt":"?"}}}'],
    ['{ "a" : [ 1, "two", null, true, {"b": -1.5e3} ] }', '{"a":["?","?","?","?",{"b":"?"}]}'],
    ['{"index":{"_id":1}}\n{"field":"x"}\n', '{"index":{"_id":"?"}}{"field":"?"}'],
    ['{"a":{},"b":[]}', '{"a":{},"b":[]}'],
    ['"secret"', '"?"'],
    ["", ""],
  ])("keeps its keys and loses its values: %s", (json, shown) => {
    expect(obfuscateJson(json)).toBe(shown);
  });

  it.each([
    ['{"a":"sec', '{"a":"?"...'],
    ['{"a":"secret","b":{"c":12', '{"a":"?","b":{"c":"?"...'],
    ['{"a":secret}', '{"a":...'],
    ['{"a":1secret}', '{"a":...'],
    ['{"a" "secret"}', '{"a"...'],
    ['{"a":1 "secret"}', '{"a":"?"...'],
    ["[1,]", '["?",...'],
    ['["a":"secret"]', '["?"...'],
    ["{]secret", "{..."],
    ["secret", "..."],
  ])("shows nothing of what follows a mistake: %s", (json, shown) => {
    expect(obfuscateJson(json)).toBe(shown);
  });

  it("has the same keys as before in the same places, and a mark for every value", () => {
    const masked = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(masked);
      if (typeof value !== "object" || value === null) return "?";
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item)]));
    };
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
        const shown = obfuscateJson(JSON.stringify(value, null, indent));
        expect(shown).toBe(JSON.stringify(masked(value)));
        expect(obfuscateJson(shown)).toBe(shown);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("shows no value, wherever it is cut", () => {
    const value = { zz: "zq", list: ['zq\\"zq', { zy: "zq" }], n: 73.5e-7 };
    const json = JSON.stringify(value);
    for (let end = 0; end <= json.length; end++) expect(obfuscateJson(json.slice(0, end))).not.toMatch(/zq|73/);
  });

  it.each(["[", '{"a":', '"', "1,", "1 ", "\\", '"\\'])(
    "takes no longer than its length asks for: a megabyte of %s",
    (piece) => {
      const json = piece.repeat(2 ** 20 / piece.length);
      expect(obfuscateJson(json).length).toBeLessThanOrEqual(json.length * 3 + 3);
    },
  );
});
