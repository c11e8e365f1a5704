/** `log-trace-forwarder subscribe`: what the subscribe function does, from the terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import { awsLogGroups } from "../io/log-groups.ts";
import type { Patience } from "../subscriptions/back-off.ts";
import { type Choice, ChoiceError, choiceOf } from "../subscriptions/choice.ts";
import type { Finding } from "../subscriptions/log-groups.ts";
import { type Job, reasonOf, sweep } from "../subscriptions/sweep.ts";
import { counted, type Tally, tallyText } from "../subscriptions/tally.ts";
import type { Terminal } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { coloured, plain } from "./paint.ts";
import { readArguments } from "./read-arguments.ts";
import { findingsText } from "./subscribe/findings-text.ts";
import { awsPermissions, type Permissions } from "./subscribe/invoke-permission.ts";
import { UsageError } from "./usage-error.ts";

export const usage = `Usage: log-trace-forwarder subscribe --prefix <beginning> [--prefix … | --pattern … | --tag … | --all] [options]
       log-trace-forwarder subscribe --remove [options]

Subscribes log groups to a deployed forwarder, and says of each what was done and why not. It replaces no filter of
anybody else's unless it is told to, and never subscribes the forwarder's own log or that of another forwarder. It may be
repeated, and stopped at any time.

  --function NAME    the forwarder, name or ARN (default: log-trace-forwarder-dev)
  --region REGION    where it is (default: the ARN's, or AWS_REGION)
  --prefix TEXT      log groups whose name begins with it; more than one may be given
  --pattern REGEX    and whose name it matches anywhere
  --tag KEY=VALUE    and that have this tag, and all others that are given; KEY alone: with any value
  --all              every log group
  --exclude NAME     not these; * stands for any text; more than one may be given
  --replace NAME     replace filters that lead to this function, stream or destination (name or ARN)
  --dry-run          only say what would be done
  --remove           take away what subscribing to this forwarder has made, in every log group
  --json             print JSON
  --help             show this

Exit codes: 0, 1 when a log group that was meant is not subscribed or something does not work, 2 for a wrong command line.
`;

/** Log groups between two lines of progress. */
const PROGRESS_EVERY = 200;
const DEFAULT_FUNCTION = "log-trace-forwarder-dev";

export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { functionName, region, choice, replaceable, isDryRun, json } = parseSubscribeArguments(args);
  const permissions = awsPermissions(region);
  const forwarder = await permissions.arnOf(functionName);
  const job: Job = {
    // What a stack has made it takes away itself.
    forwarder: { ...forwarder, stackName: "" },
    choice,
    replaceable,
    ownLogGroups: [`/aws/lambda/${forwarder.functionArn.split(":")[6]}-subscribe`],
    isDryRun,
  };
  const remarks: string[] = [];
  if (choice) remarks.push(...(await permitted(permissions, forwarder.functionArn, isDryRun)));
  const findings: Finding[] = [];
  let tally: Tally = {};
  let nextProgress = PROGRESS_EVERY;
  const onlooker = {
    found(finding: Finding): void {
      findings.push(finding);
      tally = counted(tally, finding);
    },
    progress(count: number): void {
      if (count < nextProgress) return;
      nextProgress = count + PROGRESS_EVERY;
      terminal.warn(`${count} log groups looked at: ${tallyText(tally)}\n`);
    },
  };
  try {
    await sweep(job, awsLogGroups(region), PATIENCE, onlooker);
  } catch (error) {
    throw new CommandError(
      `log groups cannot be listed: ${reasonOf(error)}`,
      "Log in to AWS, check the region, and ask for logs:DescribeLogGroups where it is denied.",
      { cause: error },
    );
  }
  const paint = terminal.isColoured ? coloured : plain;
  terminal.print(
    json
      ? `${JSON.stringify({ forwarder: forwarder.functionArn, isDryRun, tally, findings, remarks }, undefined, 2)}\n`
      : `${remarks.map((remark) => `${remark}\n`).join("")}${isDryRun ? "Dry run: nothing is changed.\n" : ""}${findingsText(findings, tally, terminal.columns, paint)}`,
  );
  return tally.failed || tally.left ? 1 : 0;
}

const PATIENCE: Patience = {
  msLeft: () => Number.POSITIVE_INFINITY,
  sleep: async (ms) => void (await sleep(ms)),
  random: Math.random,
};

/** One permission for all log groups: a function's policy has no room for one each. */
async function permitted(permissions: Permissions, functionArn: string, isDryRun: boolean): Promise<string[]> {
  try {
    if (await permissions.has(functionArn)) return [];
    if (!isDryRun) await permissions.add(functionArn);
  } catch (error) {
    throw new CommandError(
      `CloudWatch Logs cannot be allowed to invoke the function: ${reasonOf(error)}`,
      "Ask for lambda:GetPolicy and lambda:AddPermission on it.",
      { cause: error },
    );
  }
  return [
    `CloudWatch Logs ${isDryRun ? "would get" : "has got"} the permission to invoke ${functionArn.split(":")[6]} for every log group.`,
  ];
}

interface SubscribeArguments {
  functionName: string;
  region: string;
  /** Undefined: --remove. */
  choice: Choice | undefined;
  replaceable: string[];
  isDryRun: boolean;
  json: boolean;
}

/** @throws {UsageError} */
export function parseSubscribeArguments(args: string[]): SubscribeArguments {
  const values = parsed(args);
  const { prefix = [], pattern = "", tag = [], exclude = [], replace = [], all = false, remove = false } = values;
  const isChosen = prefix.length > 0 || pattern !== "" || tag.length > 0;
  if (remove && (isChosen || all || exclude.length > 0 || replace.length > 0)) {
    throw new UsageError("--remove takes away everything that subscribing has made: leave the choice out");
  }
  if (!remove && !isChosen && !all) {
    throw new UsageError("Say which log groups: --prefix, --pattern or --tag; or --all");
  }
  if (all && prefix.length > 0) throw new UsageError("Either --all or --prefix");
  const functionName = values.function ?? DEFAULT_FUNCTION;
  return {
    functionName,
    region: values.region ?? (functionName.startsWith("arn:") ? (functionName.split(":")[3] ?? "") : ""),
    choice: remove ? undefined : chosen({ prefixes: prefix, pattern, tags: tag, exclude }),
    replaceable: replace,
    isDryRun: values["dry-run"] ?? false,
    json: values.json ?? false,
  };
}

function chosen(settings: Parameters<typeof choiceOf>[0]): Choice {
  try {
    return choiceOf(settings);
  } catch (error) {
    if (error instanceof ChoiceError) throw new UsageError(error.message);
    throw error;
  }
}

function parsed(args: string[]) {
  return readArguments({
    args,
    options: {
      function: { type: "string" },
      region: { type: "string" },
      prefix: { type: "string", multiple: true },
      pattern: { type: "string" },
      tag: { type: "string", multiple: true },
      all: { type: "boolean" },
      exclude: { type: "string", multiple: true },
      replace: { type: "string", multiple: true },
      "dry-run": { type: "boolean" },
      remove: { type: "boolean" },
      json: { type: "boolean" },
    },
  }).values;
}
