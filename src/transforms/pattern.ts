/**
 * Patterns that operators give, in Python's syntax, matched by RE2: time in proportion to the text, whatever the pattern
 * and the text are. Loaded where a setting holds one.
 */
import { RE2JS } from "re2js";
import { PatternError, re2SourceOf } from "../formats/python-pattern.ts";
import { type Replacement, replacementOf } from "../formats/python-replacement.ts";

export { PatternError };

export interface Pattern {
  /** Whether it matches anywhere in a text, as Python's `re.search`. */
  test(text: string): boolean;
  /** The text with each match replaced, as Python's `re.sub`; a match of nothing stays nothing. */
  replace(text: string, replacement: Replacement): string;
  /** @throws {PatternError} when a template refers to what the pattern does not have */
  replacement(template: string): Replacement;
}

/** @throws {PatternError} when the pattern cannot be used */
export function compilePattern(pattern: string): Pattern {
  if (pattern.trim() === "") throw new PatternError("is empty: give a pattern, or remove the variable");
  const { source, mayTakeLastLineEnd, looksBehind } = re2SourceOf(pattern);
  const compiled = compile(source, looksBehind);
  const groupCount = compiled.groupCount();
  return {
    test: (text) => compiled.test(text),
    replacement: (template) => replacementOf(template, groupCount, compiled.namedGroups()),
    replace(text, replacement) {
      // Searching without groups takes a fraction of the time, and most texts have no match.
      if (!compiled.test(text)) return text;
      return compiled.matcher(text).replaceAll((...found: unknown[]) => {
        const groups = found.slice(0, groupCount + 1) as (string | null | undefined)[];
        const match = groups[0] ?? "";
        const isAtEnd = (found[groupCount + 1] as number) + match.length === text.length;
        const lineEnd = mayTakeLastLineEnd && isAtEnd && match.endsWith("\n") ? "\n" : "";
        if (match === lineEnd) return match;
        return replacement.map((part) => (typeof part === "string" ? part : (groups[part] ?? ""))).join("") + lineEnd;
      });
    },
  };
}

function compile(source: string, looksBehind: boolean): RE2JS {
  try {
    // With this flag RE2JS uses its slower engine for patterns that look behind, and for no others.
    return RE2JS.compile(source, looksBehind ? RE2JS.LOOKBEHINDS : 0);
  } catch (error) {
    // The error's own message holds a piece of the pattern.
    const reason = (error as { getDescription?(): string }).getDescription?.() ?? "it cannot be compiled";
    throw new PatternError(`cannot be used: ${reason}; patterns are RE2's, https://github.com/google/re2/wiki/Syntax`);
  }
}
