/** Tries the patterns among the settings. Loaded only where there is one. */
import { type Findings, PATTERN_VARIABLES } from "../config.ts";
import { compilePattern, type Pattern, PatternError } from "../transforms/pattern.ts";

/** A rule written for JSON inside JSON, as the Datadog Forwarder scrubs it. Here rules see the text itself. */
const ESCAPED_QUOTE = '\\\\"';

/** @param env usually `process.env` */
export function checkPatterns(env: Readonly<Record<string, string | undefined>>): Findings {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const variable of PATTERN_VARIABLES) {
    const given = env[variable];
    if (given === undefined) continue;
    const pattern = attempt(variable, () => compilePattern(given));
    if (pattern && variable === "DD_SCRUBBING_RULE") checkReplacement(pattern);
    if (pattern && given.includes(ESCAPED_QUOTE)) {
      warnings.push(
        `${variable} looks for a backslash before a quote: messages are looked at as they were written, not as JSON; write the quote alone`,
      );
    }
  }
  return { problems, warnings };

  function checkReplacement(rule: Pattern): void {
    const variable = "DD_SCRUBBING_RULE_REPLACEMENT";
    attempt(variable, () => rule.replacement(env[variable] ?? ""));
  }

  function attempt<Value>(variable: string, read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      problems.push(`${variable} ${error.message}`);
      return undefined;
    }
  }
}
