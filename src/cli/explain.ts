/**
 * `log-trace-forwarder explain`: what becomes of each log event of a delivery, and why. It runs the forwarder's own
 * pipeline; nothing is sent, and AWS is not asked.
 */
import { readOtlpSettings } from "../config/otlp.ts";
import { type Config, ConfigError, parseConfig } from "../config.ts";
import { checkPatterns } from "../handlers/check-patterns.ts";
import { remarksOn } from "../handlers/without-effect.ts";
import type { Forwarder } from "../telemetry.ts";
import type { Terminal } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { Explanation } from "./explain/explanation.ts";
import { explanationText } from "./explain/explanation-text.ts";
import { explanationsOf } from "./explain/explanations.ts";
import { readGivenEvent, unreadable } from "./explain/given-event.ts";
import { objectIn } from "./explain/object-file.ts";
import { shadowOf, shadowText } from "./explain/shadow-text.ts";
import { coloured, plain } from "./paint.ts";
import { readArguments } from "./read-arguments.ts";
import { UsageError } from "./usage-error.ts";

declare const __VERSION__: string;

export const usage = `Usage: log-trace-forwarder explain <event.json> [options]

Tells of each log event what it was taken for and why, its request and trace and by what evidence, its source, host,
service and tags and by what rule, what settings did to it, and what would be sent. Nothing is sent.

  <event.json>        a Lambda event, or a decoded delivery, as in events/ and events/decoded/; - for the standard input
  --env KEY=VALUE     a setting of the function, as in docs/settings.md; any number of them
  --object FILE       the content of the object of S3 that the event tells of
  --shadow            instead: how its logs would differ from the Datadog Forwarder's, which docs/shadow.md explains
  --full              show long lines whole
  --json              print one line of JSON for each log event
  --help              show this
`;

const NAME = "log-trace-forwarder";
/** Any will do: it is never shown or sent. */
const DATADOG_KEYS = /^DD_(?:API_KEY(?:_SECRET_ARN|_SSM_NAME)?|KMS_API_KEY)$/;
const API_KEY = "0".repeat(32);

export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { file, object, env, shadow, full, json } = parseExplainArguments(args);
  const config = configOf(env);
  const loadReach = objectIn(object, config);
  for (const remark of [...config.warnings, ...remarksOn(env), ...lookups(config)]) terminal.warn(`${remark}\n`);
  const event = await readGivenEvent(file, terminal.readInput);
  const columns = full ? Number.POSITIVE_INFINITY : terminal.columns;
  const paint = terminal.isColoured ? coloured : plain;
  let before: Explanation | undefined;
  try {
    if (shadow) {
      const { differences, report } = await shadowOf(event, config, (account) => forwarderIn(env, account));
      terminal.print(
        json
          ? [...differences, report].map((line) => `${JSON.stringify(line)}\n`).join("")
          : shadowText(differences, report, columns, paint),
      );
      return 0;
    }
    for await (const explanation of explanationsOf(event, config, forwarderIn(env), loadReach)) {
      terminal.print(
        json
          ? `${JSON.stringify(explanation)}\n`
          : `${before ? "\n" : ""}${explanationText(explanation, before, columns, paint)}`,
      );
      before = explanation;
    }
  } catch (error) {
    throw unreadable(error);
  }
  return 0;
}

interface ExplainArguments {
  file: string;
  object: string | undefined;
  env: Record<string, string>;
  /** Instead of explaining. */
  shadow: boolean;
  full: boolean;
  json: boolean;
}

/** @throws {UsageError} */
export function parseExplainArguments(args: string[]): ExplainArguments {
  const { values, positionals } = parsed(args);
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError("Name one file, or - for the standard input");
  const pairs = (values.env ?? []).map((pair): [string, string] => {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError("--env must be KEY=VALUE");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const { object, shadow = false, full = false, json = false } = values;
  if (shadow && object !== undefined)
    throw new UsageError("--shadow compares what CloudWatch Logs delivers: leave --object out");
  return { file, object, env: Object.fromEntries(pairs), shadow, full, json };
}

function parsed(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: {
      env: { type: "string", multiple: true },
      shadow: { type: "boolean" },
      object: { type: "string" },
      full: { type: "boolean" },
      json: { type: "boolean" },
    },
  });
}

function configOf(env: Record<string, string>): Config {
  try {
    const otlp = readOtlpSettings(env);
    const isForOtlp = Boolean(otlp.otlp) && !Object.keys(env).some((name) => DATADOG_KEYS.test(name));
    return parseConfig(isForOtlp ? env : { DD_API_KEY: API_KEY, ...env }, checkPatterns(env), otlp);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(error.message, "docs/settings.md has a table of the settings.", { cause: error });
  }
}

function lookups({ fetchLambdaTags, fetchLogGroupTags, fetchS3Tags, correlationTable }: Config): string[] {
  const isForTags = fetchLambdaTags || fetchLogGroupTags || fetchS3Tags;
  return [
    ...(isForTags ? ["AWS's tags are not looked up here, so they are missing."] : []),
    ...(correlationTable ? ["The table of traces is not asked here: links are those of this event alone."] : []),
  ];
}

/** A function as the deployment makes it. */
function forwarderIn(env: Record<string, string>, account = "000000000000"): Forwarder {
  const region = env.AWS_REGION || "us-east-1";
  const arn = `arn:aws:lambda:${region}:${account}:function:${NAME}`;
  return {
    functionArn: arn,
    invokedFunctionArn: arn,
    functionName: NAME,
    functionVersion: "",
    region,
    version: __VERSION__,
    logGroup: env.AWS_LAMBDA_LOG_GROUP_NAME || `/aws/lambda/${NAME}`,
  };
}
