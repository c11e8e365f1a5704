import fc from "fast-check";
import { ChoiceError, choiceOf, hasTags, sweptPrefixes } from "../../src/subscriptions/choice.ts";
import { wildcardMatcher } from "../../src/subscriptions/wildcard.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const settings = (given: object) => choiceOf({ prefixes: [], pattern: "", tags: [], exclude: [], ...given });
const aName = fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 4 });

describe("a choice of log groups", () => {
  it("is of names that begin with one of the prefixes and match the pattern", () => {
    const { hasName } = settings({ prefixes: ["/aws/lambda/", "/ecs/"], pattern: "prod" });
    expect(["/aws/lambda/prod-a", "/ecs/prod", "/ecs/dev", "/aws/rds/prod"].map(hasName)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("is of log groups that have every tag, with the value if one is given", () => {
    const choice = settings({ tags: ["env=prod", "forward"] });
    const tags = (own: Record<string, string>) => hasTags(choice, new Map(Object.entries(own)));
    expect(tags({ env: "prod", forward: "" })).toBe(true);
    expect(tags({ env: "dev", forward: "" })).toBe(false);
    expect(tags({ env: "prod" })).toBe(false);
  });

  it("keeps an equals sign in a tag's value", () => {
    expect(settings({ tags: ["query=a=b"] }).tags).toEqual([{ key: "query", value: "a=b" }]);
  });

  it("names everything that chooses nothing", () => {
    const wrong = { prefixes: ["arn:aws:logs"], tags: ["=x"], exclude: ["a b"], pattern: "(?=x)" };
    expect(() => settings(wrong)).toThrow(ChoiceError);
    expect(() => settings(wrong)).toThrow(/"arn:aws:logs".*; .*"=x" has no key.*; .*"a b".*; the pattern looks ahead/);
  });

  it("is swept by prefixes that find each name that any of them finds, and none twice", () => {
    const choices = fc.array(fc.array(aName, { maxLength: 4 }), { maxLength: 2 });
    fc.assert(
      fc.property(choices, aName, (given, name) => {
        const swept = sweptPrefixes(given.map((prefixes) => settings({ prefixes })));
        const isChosen = given.some((prefixes) => settings({ prefixes }).hasName(name));
        const finders = swept.filter((prefix) => name.startsWith(prefix)).length;
        expect(finders).toBeLessThanOrEqual(1);
        if (isChosen || given.length === 0) expect(finders).toBe(1);
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});

describe("a wildcard", () => {
  it("matches what a regular expression with .* in its place matches", () => {
    const aPattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 6 });
    const aText = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(aPattern, aText, (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text);
        expect(wildcardMatcher(pattern)(text)).toBe(expected);
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});
