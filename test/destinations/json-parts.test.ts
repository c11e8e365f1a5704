import fc from "fast-check";
import { objectsIn, type Part, valuesIn } from "../../src/destinations/json-parts.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const textAt = (json: string, { start, end }: Part): string => Buffer.from(json).subarray(start, end).toString();

const space = fc.constantFrom("", "", " ", "\n\t", "\r\n  ");
const text = fc.oneof(fc.string(), fc.constantFrom('"', "\\", '\\"', "],[", "},{", "é,💥", "\ud800", "\\u005d"));
const json = fc.jsonValue({ stringUnit: "binary", maxDepth: 4 }).map((value) => JSON.stringify(value));
const values = fc.oneof(
  json,
  text.map((value) => JSON.stringify(value)),
);
const escaped = (name: string): string =>
  name.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const names = fc
  .oneof(text, fc.constantFrom("timestamp", "__proto__", "constructor", ""))
  .chain((name) => fc.constantFrom(JSON.stringify(name), `"${escaped(name)}"`));

/** An object as JSON, and its members as they stand in it. */
const objects = fc.array(fc.tuple(space, names, space, space, values, space), { maxLength: 6 }).map((members) => ({
  members: members.map(([, name, , , value]) => [JSON.parse(name) as string, value] as const),
  json: `{${members.map(([a, name, b, c, value, d]) => `${a}${name}${b}:${c}${value}${d}`).join(",")}}`,
}));

describe("the parts of JSON", () => {
  it("of an array of objects are the objects, with the white space between them", () => {
    const parts = fc.array(
      fc.tuple(space, objects, space).map(([before, object, after]) => before + object.json + after),
    );
    fc.assert(
      fc.property(space, parts, space, (before, given, after) => {
        const array = `${before}[${given.join(",")}]${after}`;
        expect(objectsIn(Buffer.from(array))?.map((part) => textAt(array, part))).toEqual(given);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("of an object are the values by name, as JSON.parse has them", () => {
    fc.assert(
      fc.property(space, objects, space, (before, { json, members }, after) => {
        const object = before + json + after;
        const found = valuesIn(Buffer.from(object));
        expect([...(found ?? [])].map(([name, part]) => [name, textAt(object, part)])).toEqual([...new Map(members)]);
        const parsed = Object.entries(JSON.parse(object));
        expect(new Map(parsed)).toEqual(
          new Map([...new Map(members)].map(([name, value]) => [name, JSON.parse(value)])),
        );
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("are the whole text, or there are none, whatever it is", () => {
    const pieces = fc.constantFrom("[", "]", "{", "}", ",", ":", '"', "\\", "a", " ", "{}", '{"a":1}', '"b"');
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }).map((given) => given.join("")),
        (given) => {
          for (const text of [given, `[${given}]`, `{${given}}`]) {
            const parts = objectsIn(Buffer.from(text));
            if (parts?.length) expect(`[${parts.map((part) => textAt(text, part)).join(",")}]`).toBe(text.trim());
            const found = valuesIn(Buffer.from(text));
            for (const part of found?.values() ?? []) expect(part.end).toBeLessThan(text.length);
          }
        },
      ),
      { numRuns: propertyRuns(500) },
    );
  });

  it.each([
    "",
    " ",
    "[",
    "{}",
    "[}",
    "[1]",
    '["x"]',
    "[null]",
    "[{}",
    "[{},]",
    "[,{}]",
    "[{}]]",
    "[{}]x",
    "[{]}]",
    '[{"a":[}]}]',
    '[{"a]',
  ])("are none of objects in %p", (text) => {
    expect(objectsIn(Buffer.from(text))).toBeUndefined();
  });

  it.each(["", "[]", "{", '{"a":1', "{]", '{"a"}', '{"a" 1}', "{a:1}", '{"\\x":1}', '{"a":1,}', "{1:2}", '{"a":1}}'])(
    "are no values in %p",
    (text) => {
      expect(valuesIn(Buffer.from(text))).toBeUndefined();
    },
  );

  it("are found however deep a part is nested", () => {
    const deep = `{"a":${"[".repeat(300_000)}${"]".repeat(300_000)}}`;
    expect(objectsIn(Buffer.from(`[${deep},{}]`))?.map(({ start, end }) => end - start)).toEqual([deep.length, 2]);
  });
});
