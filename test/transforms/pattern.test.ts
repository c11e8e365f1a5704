import fc from "fast-check";
import { compilePattern } from "../../src/transforms/pattern.ts";
import { capturedMessages } from "../helpers/deliveries.ts";

/** The reason for which a pattern cannot be used; "" when it can. */
function reasonAgainst(pattern: string): string {
  try {
    compilePattern(pattern);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

function replaced(pattern: string, template: string, text: string): string {
  const compiled = compilePattern(pattern);
  return compiled.replace(text, compiled.replacement(template));
}

type Case = [pattern: string, text: string, isFound: boolean, replaced: string];

describe("a pattern", () => {
  const cases = capturedMessages("python-re/cases.jsonl").map((line) => JSON.parse(line) as Case);

  it("finds and replaces what Python finds and replaces", () => {
    expect(cases.length).toBeGreaterThan(700);
    const seen = cases.map(([pattern, text]): Case => {
      const compiled = compilePattern(pattern);
      return [pattern, text, compiled.test(text), compiled.replace(text, ["[X]"])];
    });
    expect(seen).toEqual(cases);
  });

  it("leaves the line end of a text that a match would run into at `$`", () => {
    expect(replaced("secret$", "x", "a secret\n")).toBe("a x\n");
    expect(replaced("secret\\s*$", "x", "a secret \n")).toBe("a x\n");
    expect(replaced("$", "x", "a\n")).toBe("a\n");
  });

  it("finds any text that is quoted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.string(), (text, around) => {
        const quoted = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
        if (text.trim() === "") return;
        expect(compilePattern(quoted).test(around + text + around)).toBe(true);
      }),
    );
  });

  it.each([
    ["a(?=b)", "looks ahead with (?=…), which cannot be done in linear time: match what follows too"],
    ["^(?!.*debug)", "looks ahead with (?!…), which cannot be done in linear time: for a log that must not have"],
    ["(a)\\1", "refers back to a group with \\1, which cannot be done in linear time: write out"],
    ["(?P<x>a)(?P=x)", "refers back to a group with (?P=…)"],
    ["(?x) a b", "is verbose, (?x): write it without white space and comments"],
    ["", "is empty: give a pattern, or remove the variable"],
    [" \n", "is empty"],
    ["a\\", "ends in a backslash"],
    ["(a", "cannot be used: missing closing ); patterns are RE2's, https://"],
    ["a++", "cannot be used: invalid nested repetition operator"],
    ["a{2000}", "cannot be used: invalid repeat count"],
    ["\\N{DASH}", "cannot be used: invalid escape sequence"],
  ])("%p is refused with a reason and a remedy", (pattern, reason) => {
    expect(reasonAgainst(pattern)).toContain(reason);
  });

  it("that is refused does not stand in the reason", () => {
    expect(reasonAgainst("hunter2(")).not.toContain("hunter2");
  });

  it("never throws anything but a reason, whatever it is", () => {
    const piece = fc.constantFrom(
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      ",",
      "?",
      "*",
      "\\",
      "$",
      "^",
      "P<a>",
      "?P<",
      "?i",
      "?m:",
      "1",
      "a",
      "-",
      "u00e9",
      "w",
      "|",
      "é",
      "💥",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const pattern = pieces.join("");
        let compiled: ReturnType<typeof compilePattern> | undefined;
        try {
          compiled = compilePattern(pattern);
        } catch (error) {
          expect((error as Error).name).toBe("PatternError");
        }
        expect(typeof compiled?.replace("a1é💥-a\n", ["x"])).toBe(compiled ? "string" : "undefined");
      }),
    );
  });

  it.each(["(a+)+$", "(a|aa)+b", "(.*)*x", "(?<=a.*)b"])("%p takes time in proportion to a text", (pattern) => {
    const compiled = compilePattern(pattern);
    const text = `${"a".repeat(200_000)}!`;
    // Backtracking would not come to an end.
    expect(compiled.test(text)).toBe(compiled.replace(text, ["x"]) !== text);
  });
});

describe("a replacement", () => {
  it.each([
    ["(?P<key>pass\\w*)=(\\w+)", "\\1=x", "pass=a password=b", "pass=x password=x"],
    ["(?P<key>pass)=(\\w+)", "\\g<key>:\\g<2>", "pass=a", "pass:a"],
    ["a(b)?", "[\\1]", "a ab", "[] [b]"],
    ["a", "\\g<0>\\g<0>", "bab", "baab"],
    ["a", "$1$&$$\\\\1\\n\\t\\.\\0", "a", "$1$&$$\\1\n\t\\.\0"],
    ["a", "", "bab", "bb"],
  ])("of %p by %p is Python's", (pattern, template, text, expected) => {
    expect(replaced(pattern, template, text)).toBe(expected);
  });

  it.each([
    ["a", "\\1", "refers to a group that is not there, the pattern has no group"],
    ["(a)", "\\2", "refers to a group that is not there, the pattern has 1 group:"],
    ["(a)", "\\g<name>", "refers to a group that is not there"],
    ["(?P<a>a)(b)", "\\g<constructor>", "the pattern has 2 groups"],
    ["a", "\\q", "has a backslash before what is no escape"],
    ["a", "x\\", "has a backslash before what is no escape"],
  ])("of %p by %p is refused with the remedy", (pattern, template, reason) => {
    expect(() => replaced(pattern, template, "")).toThrow(reason);
    expect(() => replaced(pattern, template, "")).toThrow("write two backslashes for a backslash");
  });
});
