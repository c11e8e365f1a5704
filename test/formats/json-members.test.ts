import fc from "fast-check";
import { elementsOf, membersOf, withoutMembers } from "../../src/formats/json-members.ts";

const aSpace = fc.stringMatching(/^[ \n\r\t]{0,3}$/);
const aMember = fc.tuple(fc.constantFrom("a", "b", "ddtags", "é,}", '"', "__proto__"), fc.json());
/** An object as text, with white space wherever JSON allows it, and its members. */
const anObject = fc.array(aMember, { maxLength: 6 }).chain((members) =>
  fc.array(aSpace, { minLength: members.length * 4 + 2, maxLength: members.length * 4 + 2 }).map((spaces) => {
    const next = (): string => spaces.pop() as string;
    const parts = members.map(
      ([name, value]) => `${next()}${JSON.stringify(name)}${next()}:${next()}${value}${next()}`,
    );
    return { text: `${next()}{${parts.join(",") || next()}}\n`, members };
  }),
);

describe("the members of a JSON object", () => {
  it("are those that were written, each where it stands", () => {
    fc.assert(
      fc.property(anObject, ({ text, members }) => {
        const found = membersOf(text).map(({ name, start, value, end }) => {
          expect(text.slice(start).startsWith(JSON.stringify(name))).toBe(true);
          return [name, text.slice(value, end)];
        });
        expect(found).toEqual(members);
      }),
    );
  });

  it("are cut out without a change to the others", () => {
    fc.assert(
      fc.property(anObject, ({ text, members }) => {
        const cut = withoutMembers(text, membersOf(text), "ddtags");
        expect(JSON.parse(cut)).toEqual(JSON.parse(`{${membersText(members.filter(([name]) => name !== "ddtags"))}}`));
        const left = membersOf(cut).map(({ name, value, end }) => [name, cut.slice(value, end)]);
        expect(left).toEqual(members.filter(([name]) => name !== "ddtags"));
      }),
    );
  });

  it.each([
    ['{"ddtags":"x","a":1.10}', '{"a":1.10}'],
    ['{"a":1.10,"ddtags":"x"}', '{"a":1.10}'],
    ['{"a":1, "ddtags":"x", "b":[{"ddtags":1}]}\n', '{"a":1, "b":[{"ddtags":1}]}\n'],
    ['{ "ddtags":"x" }', "{  }"],
    ['{"ddtags":1,"ddtags":"x"}', "{}"],
    ["{}", "{}"],
    ['{"a":1}', '{"a":1}'],
  ])("are taken out of %s so that it is %s", (text, expected) => {
    expect(withoutMembers(text, membersOf(text), "ddtags")).toBe(expected);
  });

  it("are found in time that grows with the text alone", () => {
    const deep = `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)},"b":"${'\\"'.repeat(200_000)}"}`;
    expect(membersOf(deep).map(({ name }) => name)).toEqual(["a", "b"]);
  });
});

function membersText(members: [string, string][]): string {
  return members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",");
}

describe("the elements of a JSON array", () => {
  it("are those that were written", () => {
    fc.assert(
      fc.property(fc.array(fc.json()), aSpace, aSpace, (elements, before, behind) => {
        const text = `${before}[${behind}${elements.join(`${before},${behind}`)}${before}]`;
        expect(elementsOf(text)).toEqual(elements);
      }),
    );
  });
});
