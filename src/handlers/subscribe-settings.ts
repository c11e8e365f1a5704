/** The variables of the subscribe function. serverless/subscribe.cjs sets them. */
import { type Choice, type ChoiceSettings, choiceOf } from "../subscriptions/choice.ts";
import type { Forwarder } from "../subscriptions/log-groups.ts";

export interface SubscribeSettings {
  forwarder: Forwarder;
  /** What is chosen. @throws {ChoiceError} */
  choice(): Choice;
  replaceable: string[];
  isDryRun: boolean;
  /** Its own log is none of what it subscribes. */
  ownLogGroups: string[];
  /** To go on with the work in a further invocation; "" = it cannot. */
  functionName: string;
}

/**
 * A choice that cannot be used is no reason not to take away what was subscribed, so it is read when it is needed.
 *
 * @param env usually `process.env`
 * @throws when the forwarder is not named
 */
export function subscribeSettings(env: Readonly<Record<string, string | undefined>>): SubscribeSettings {
  const functionArn = env.FORWARDER_FUNCTION_ARN ?? "";
  if (!/^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+$/.test(functionArn)) {
    throw new Error(`FORWARDER_FUNCTION_ARN must be the forwarder's ARN, got ${JSON.stringify(functionArn)}`);
  }
  const functionName = env.AWS_LAMBDA_FUNCTION_NAME ?? "";
  return {
    forwarder: { functionArn, stackName: env.STACK_NAME ?? "" },
    choice: () =>
      choiceOf({
        prefixes: list(env.SUBSCRIBE_PREFIXES),
        pattern: env.SUBSCRIBE_PATTERN ?? "",
        tags: list(env.SUBSCRIBE_TAGS),
        exclude: list(env.SUBSCRIBE_EXCLUDE),
      }),
    replaceable: list(env.SUBSCRIBE_REPLACE),
    isDryRun: env.SUBSCRIBE_DRY_RUN === "true",
    ownLogGroups: functionName ? [`/aws/lambda/${functionName}`] : [],
    functionName,
  };
}

/** The names of a choice that a stack had, whatever it holds now: what cannot be read chose nothing. */
export function formerChoice(properties: Readonly<Record<string, unknown>> | undefined): Choice | undefined {
  if (!properties) return undefined;
  const settings: ChoiceSettings = {
    prefixes: list(properties.Prefixes),
    pattern: typeof properties.Pattern === "string" ? properties.Pattern : "",
    tags: [],
    exclude: [],
  };
  try {
    return choiceOf(settings);
  } catch {
    return undefined;
  }
}

function list(value: unknown): string[] {
  return typeof value === "string"
    ? value
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "")
    : [];
}
