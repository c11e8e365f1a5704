/**
 * What takes the place of a match, as `re.sub` of Python writes it: `\1`, `\g<1>` and `\g<name>` are groups, `\n` is a
 * line end, `\\` a backslash.
 */
import { PatternError } from "./python-pattern.ts";

/** Texts, and groups by number; 0 is the whole match. */
export type Replacement = readonly (string | number)[];

const ESCAPE = /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[0-3][0-7]{2})|([1-9][0-9]?)|(.|$))/gs;
const LETTERS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/**
 * @param groupCount of the pattern
 * @param groupNames of the pattern, each with its number
 * @throws {PatternError}
 */
export function replacementOf(
  template: string,
  groupCount: number,
  groupNames: Readonly<Record<string, number>>,
): Replacement {
  const parts: (string | number)[] = [];
  let end = 0;
  for (const match of template.matchAll(ESCAPE)) {
    const [written, reference, octal, number, letter] = match;
    parts.push(template.slice(end, match.index));
    end = match.index + written.length;
    if (octal !== undefined) parts.push(String.fromCharCode(Number.parseInt(octal, 8)));
    else if (letter === undefined) parts.push(groupOf(reference ?? (number as string)));
    else parts.push(textOf(letter));
  }
  parts.push(template.slice(end));
  return parts.filter((part) => part !== "");

  function groupOf(name: string): number {
    const group = /^[0-9]{1,3}$/.test(name) ? Number(name) : Object.hasOwn(groupNames, name) ? groupNames[name] : -1;
    if (group !== undefined && group >= 0 && group <= groupCount) return group;
    const groups = groupCount === 0 ? "no group" : `${groupCount} group${groupCount > 1 ? "s" : ""}`;
    throw new PatternError(
      `refers to a group that is not there, the pattern has ${groups}: write two backslashes for a backslash`,
    );
  }
}

function textOf(letter: string): string {
  if (Object.hasOwn(LETTERS, letter)) return LETTERS[letter] as string;
  if (letter === "" || /[a-zA-Z]/.test(letter)) {
    throw new PatternError("has a backslash before what is no escape: write two backslashes for a backslash");
  }
  return `\\${letter}`;
}
