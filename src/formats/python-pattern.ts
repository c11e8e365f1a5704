/**
 * Patterns as Python's `re` writes them, in the syntax of RE2, which matches in linear time.
 *
 * @see https://docs.python.org/3/library/re.html
 * @see https://github.com/google/re2/wiki/Syntax
 */

/** Its message says what is wrong with a pattern and what to do, and shows nothing of the pattern but its syntax. */
export class PatternError extends Error {
  override name = "PatternError";
}

export interface Re2Source {
  source: string;
  /** Whether `$` may take the line end at the end of a text into a match: Python's looks at it and leaves it. */
  mayTakeLastLineEnd: boolean;
  looksBehind: boolean;
}

/** Python's classes hold the letters of all languages, RE2's those of ASCII. */
const LETTERS = "_\\p{L}\\p{N}";
const SPACES = "\\s\\x0b\\x1c-\\x1f\\x{85}\\p{Z}";
const UNICODE_CLASSES: Readonly<Record<string, string>> = {
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: `[${LETTERS}]`,
  W: `[^${LETTERS}]`,
  s: `[${SPACES}]`,
  S: `[^${SPACES}]`,
};
/** RE2 has no class without what another class holds: `\W` and `\S` in brackets are those of ASCII. */
const IN_BRACKETS: Readonly<Record<string, string>> = {
  b: "\\x08",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: LETTERS,
  s: SPACES,
};

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[0-7]{3}|0[0-7]?|[1-9][0-9]?|.)/suy;
const FLAGS = /\(\?([aiLmsux]*)(?:-([imsx]+))?([:)])/y;
const COMMENT = /\(\?#[^)]*\)/y;
const AT_MOST = /\{,([0-9]+)\}/y;

/** @throws {PatternError} at what cannot be matched in linear time; other mistakes are left to RE2 */
export function re2SourceOf(pattern: string): Re2Source {
  let source = "";
  let at = 0;
  let isInBrackets = false;
  let isAscii = false;
  let mayTakeLastLineEnd = false;
  let looksBehind = false;
  /** Whether `$` is the end of each line, of the open groups the innermost last. */
  const multiline = [false];

  while (at < pattern.length) {
    const character = pattern.charAt(at);
    if (character === "\\") readEscape();
    else if (isInBrackets) readInBrackets(character);
    else if (character === "[") openBrackets();
    else if (character === "(") readGroup();
    else if (character === "{") readRepetition();
    else if (character === "$") readEnd();
    else {
      if (character === ")" && multiline.length > 1) multiline.pop();
      copy(1);
    }
  }
  return { source, mayTakeLastLineEnd, looksBehind };

  function copy(length: number): void {
    source += pattern.slice(at, at + length);
    at += length;
  }

  function take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = at;
    return expression.exec(pattern);
  }

  function readEscape(): void {
    const match = take(ESCAPE);
    if (!match) throw new PatternError("ends in a backslash: write two for a backslash of the text");
    const [written, short, long] = match;
    const letter = written.slice(1);
    at += written.length;
    if (!isInBrackets && /^[1-9][0-9]?$/.test(letter)) throw backReference(`\\${letter}`);
    const classes = isInBrackets ? IN_BRACKETS : UNICODE_CLASSES;
    if (short ?? long) source += `\\x{${short ?? long}}`;
    else if (letter === "Z") source += "\\z";
    else if (!isAscii && Object.hasOwn(classes, letter)) source += classes[letter];
    else source += letter >= "\u0080" ? letter : written;
  }

  function openBrackets(): void {
    isInBrackets = true;
    copy(pattern.startsWith("[^", at) ? 2 : 1);
    // One that comes first is a bracket of the text.
    if (pattern.charAt(at) === "]") copy(1);
  }

  function readInBrackets(character: string): void {
    if (character === "]") isInBrackets = false;
    // Not the beginning of `[:alpha:]`, which Python does not have.
    if (character === "[") source += "\\";
    copy(1);
  }

  function readGroup(): void {
    const comment = take(COMMENT);
    const flags = take(FLAGS);
    if (comment) at += comment[0].length;
    else if (flags) readFlags(flags);
    else {
      const begins = (text: string): boolean => pattern.startsWith(text, at);
      if (begins("(?=") || begins("(?!")) throw lookAhead(pattern.slice(at, at + 3));
      if (begins("(?P=")) throw backReference("(?P=…)");
      looksBehind ||= begins("(?<=") || begins("(?<!");
      multiline.push(multiline.at(-1) as boolean);
      copy(begins("(?") ? 2 : 1);
    }
  }

  function readFlags([whole, on = "", off = "", end]: RegExpExecArray): void {
    if (on.includes("x")) throw new PatternError("is verbose, (?x): write it without white space and comments");
    at += whole.length;
    isAscii ||= on.includes("a");
    const isMultiline = on.includes("m") || ((multiline.at(-1) as boolean) && !off.includes("m"));
    if (end === ":") multiline.push(isMultiline);
    else multiline[multiline.length - 1] = isMultiline;
    const known = on.replace(/[aLu]/g, "") + (off && `-${off.replace("x", "")}`).replace(/^-$/, "");
    if (known || end === ":") source += `(?${known}${end}`;
  }

  function readRepetition(): void {
    const [written, atMost] = take(AT_MOST) ?? ["{"];
    source += atMost === undefined ? written : `{0,${atMost}}`;
    at += written.length;
  }

  /** Python's `$` is the end of the text, and the place before a line end there. */
  function readEnd(): void {
    at++;
    const isOfLine = multiline.at(-1) as boolean;
    mayTakeLastLineEnd ||= !isOfLine;
    source += isOfLine ? "$" : "(?:\\n?\\z)";
  }
}

function lookAhead(opening: string): PatternError {
  const remedy =
    opening === "(?!"
      ? "for a log that must not have something, give that to EXCLUDE_AT_MATCH"
      : "match what follows too; a group and \\1 in a replacement keep it";
  return new PatternError(`looks ahead with ${opening}…), which cannot be done in linear time: ${remedy}`);
}

function backReference(reference: string): PatternError {
  return new PatternError(
    `refers back to a group with ${reference}, which cannot be done in linear time: write out what the group may be`,
  );
}
