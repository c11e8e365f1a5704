/** Which log groups are meant. */
import { compilePattern, type Pattern, PatternError } from "../transforms/pattern.ts";
import { wildcardMatcher } from "./wildcard.ts";

/** As operators give it. */
export interface ChoiceSettings {
  /** A log group's name begins with one of these; none = all names. */
  prefixes: readonly string[];
  /** In Python's syntax, matched anywhere in the name; "" = all names. */
  pattern: string;
  /** `key=value`, or `key` for any value; a log group must have all of them. */
  tags: readonly string[];
  /** Names, in which `*` stands for any text. */
  exclude: readonly string[];
}

export interface Choice {
  prefixes: readonly string[];
  tags: readonly { key: string; value: string | undefined }[];
  /** What the name alone decides. */
  hasName(logGroup: string): boolean;
  isExcluded(logGroup: string): boolean;
}

/** Settings that choose nothing that is meant. The message says which and what to write. */
export class ChoiceError extends Error {
  override name = "ChoiceError";
}

/** What stands in the name of a log group, or at the beginning of one. */
const NAME = /^[\w.\-/#]{1,512}$/;
const NAME_WITH_WILDCARDS = /^[\w.\-/#*]{1,512}$/;

/** @throws {ChoiceError} with every problem */
export function choiceOf({ prefixes, pattern, tags, exclude }: ChoiceSettings): Choice {
  const problems = [
    ...prefixes
      .filter((prefix) => !NAME.test(prefix))
      .map(
        (prefix) => `the prefix ${JSON.stringify(prefix)} cannot begin the name of a log group, as /aws/lambda/ can`,
      ),
    ...tags
      .filter((tag) => tag.startsWith("=") || tag === "")
      .map((tag) => `the tag ${JSON.stringify(tag)} has no key: write key=value, or key for any value`),
    ...exclude
      .filter((name) => !NAME_WITH_WILDCARDS.test(name))
      .map(
        (name) => `the exclusion ${JSON.stringify(name)} is no name of a log group, in which * may stand for any text`,
      ),
  ];
  const compiled = attempt(pattern, problems);
  if (problems.length > 0) throw new ChoiceError(problems.join("; "));
  const exclusions = exclude.map(wildcardMatcher);
  return {
    prefixes,
    tags: tags.map((tag) => {
      const [key = "", ...value] = tag.split("=");
      return { key, value: value.length > 0 ? value.join("=") : undefined };
    }),
    hasName: (logGroup) =>
      (prefixes.length === 0 || prefixes.some((prefix) => logGroup.startsWith(prefix))) &&
      (compiled?.test(logGroup) ?? true),
    isExcluded: (logGroup) => exclusions.some((matches) => matches(logGroup)),
  };
}

function attempt(pattern: string, problems: string[]): Pattern | undefined {
  if (pattern === "") return undefined;
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    problems.push(`the pattern ${error.message}`);
    return undefined;
  }
}

/** Whether a log group has all the tags of a choice. */
export function hasTags({ tags }: Choice, own: ReadonlyMap<string, string>): boolean {
  return tags.every(({ key, value }) => own.has(key) && (value === undefined || own.get(key) === value));
}

/** The fewest prefixes that begin every name which one of the choices could mean; [""] = all names. */
export function sweptPrefixes(choices: readonly Choice[]): string[] {
  if (choices.length === 0 || choices.some(({ prefixes }) => prefixes.length === 0)) return [""];
  const sorted = [...new Set(choices.flatMap(({ prefixes }) => prefixes))].sort();
  return sorted.filter((prefix) => !sorted.some((other) => other !== prefix && prefix.startsWith(other)));
}
