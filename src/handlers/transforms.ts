/** The changes that settings ask for. Loaded only where one does. */
import type { Config } from "../config.ts";
import type { Transform } from "../pipeline.ts";
import { filter } from "../transforms/filter.ts";
import { joinLines } from "../transforms/join-lines.ts";
import type { Pattern } from "../transforms/pattern.ts";
import { redactEmail, redactIp } from "../transforms/redact.ts";
import { type ScrubRule, scrub } from "../transforms/scrub.ts";

/**
 * In the order in which they are applied. Spans are made, and traces are judged, by all logs: before any is left out. Lines
 * are joined before a filter sees them. What is no log (metrics) must have left the logs before they are filtered, and what
 * adds something from outside must have added it before scrubbing, which comes last.
 */
export async function loadTransforms(config: Config): Promise<Transform[]> {
  const transforms: Transform[] = [];
  if (config.functionSpans) transforms.push((await import("../transforms/function-spans.ts")).functionSpans());
  if (config.multilinePattern) {
    const pattern = await patternOf(`^(?:${config.multilinePattern})`);
    transforms.push(joinLines((message) => pattern.test(message)));
  }
  if (config.logSamplingRate < 1 && config.forwardLog) transforms.push(await samplingOf(config));
  if (config.includeAtMatch || config.excludeAtMatch) transforms.push(await filterOf(config));
  if (config.redactIp || config.redactEmail || config.scrubbingRule) transforms.push(scrub(await rulesOf(config)));
  return transforms;
}

async function samplingOf({ logSamplingRate: rate, keepSlowerThanMs }: Config): Promise<Transform> {
  const { sample } = await import("../transforms/sample.ts");
  return sample({ rate, keepSlowerThanMs });
}

async function filterOf({ includeAtMatch, excludeAtMatch }: Config): Promise<Transform> {
  return filter({
    include: includeAtMatch ? await patternOf(includeAtMatch) : undefined,
    exclude: excludeAtMatch ? await patternOf(excludeAtMatch) : undefined,
  });
}

async function rulesOf(config: Config): Promise<ScrubRule[]> {
  const rules: ScrubRule[] = [];
  if (config.redactIp) rules.push(redactIp);
  if (config.redactEmail) rules.push(redactEmail);
  if (config.scrubbingRule) {
    const pattern = await patternOf(config.scrubbingRule);
    const replacement = pattern.replacement(config.scrubbingReplacement);
    rules.push({ mayApply: () => true, apply: (text) => pattern.replace(text, replacement) });
  }
  return rules;
}

async function patternOf(pattern: string): Promise<Pattern> {
  const { compilePattern } = await import("../transforms/pattern.ts");
  return compilePattern(pattern);
}
