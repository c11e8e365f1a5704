/**
 * What the function would say of its variables when it starts: asked before it is deployed, by the service's checks of
 * parameters, from `dist/cli/deployed-settings.mjs`.
 */
import { ConfigError, parseConfig, settings } from "../config.ts";
import { checkPatterns } from "../handlers/check-patterns.ts";
import { readBackends } from "../handlers/read-backends.ts";
import { compilePattern, PatternError } from "../transforms/pattern.ts";

type Environment = Readonly<Record<string, string>>;

/** A sentence each, which begins with the variable's name. A warning keeps nothing from working. */
export interface SettingFindings {
  problems: string[];
  warnings: string[];
}

/** Any will do: that there is none is for others to say. */
const API_KEY = "0".repeat(32);
/** Longer than any way of writing a switch; what is longer may be a secret in the wrong place. */
const MAX_SHOWN = 10;

/**
 * A switch that is neither true nor false is a problem here, and not in the function, where it has always counted as
 * false: who writes `yes` means true.
 *
 * @param env the function's variables, and those of the function that subscribes log groups, as far as they are known
 *   before they are deployed
 */
export async function findingsOn(env: Environment): Promise<SettingFindings> {
  const found = [checkPatterns(env), await readBackends(env)];
  return {
    problems: [...configProblems(env, found), ...switchProblems(env), ...patternProblems(env.SUBSCRIBE_PATTERN)],
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

function configProblems(env: Environment, found: Parameters<typeof parseConfig>[1][]): readonly string[] {
  try {
    parseConfig({ DD_API_KEY: API_KEY, ...env }, ...found);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

function switchProblems(env: Environment): string[] {
  return Object.values(settings).flatMap((setting) => {
    if (typeof setting.default !== "boolean") return [];
    const variable = setting.variables.find((candidate) => env[candidate]?.trim());
    const given = variable === undefined ? "" : (env[variable] as string).trim();
    if (variable === undefined || /^(?:true|false)$/i.test(given)) return [];
    const shown = given.length > MAX_SHOWN ? `${given.length} characters` : JSON.stringify(given);
    return [`${variable} must be true or false, got ${shown}`];
  });
}

/** The one variable of the function that subscribes which nothing else can look at. */
function patternProblems(pattern = ""): string[] {
  try {
    if (pattern !== "") compilePattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    // What logs are left out by is not what log groups are left out by.
    return [`SUBSCRIBE_PATTERN ${error.message.replace("EXCLUDE_AT_MATCH", "SubscribeExclude")}`];
  }
}
