/**
 * `log-trace-forwarder migrate`: reads a Datadog Forwarder's configuration and writes what makes this forwarder do the
 * same. It changes nothing in AWS.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Terminal } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { forwarderInAccount, logGroupsNamedBy } from "./migrate/account.ts";
import {
  type DeployCommands,
  deployCommands,
  deployCommandsWithFile,
  parametersFile,
  stageOf,
} from "./migrate/deploy-command.ts";
import { differences } from "./migrate/differences.ts";
import { evidenceOf, isOurs } from "./migrate/evidence.ts";
import { type Migration, migrationOf, type OurParameters } from "./migrate/migration.ts";
import { migrationText, type Report } from "./migrate/migration-text.ts";
import type { OldForwarder } from "./migrate/old-forwarder.ts";
import { parametersIn } from "./migrate/our-parameters.ts";
import { forwarderInFiles } from "./migrate/saved-files.ts";
import { stepsOf } from "./migrate/steps.ts";
import { coloured, plain } from "./paint.ts";
import { readArguments } from "./read-arguments.ts";
import { UsageError } from "./usage-error.ts";

export const usage = `Usage: log-trace-forwarder migrate --function <name or ARN> [options]
       log-trace-forwarder migrate --file <saved.json> [--file <saved.json> …] [options]

Reads the configuration of a Datadog Forwarder, and prints what becomes of each of its settings, the command that
deploys this forwarder with the same ones, the log groups to subscribe, what differs, and the steps. It changes nothing.

  --function NAME   the Datadog Forwarder's function, read with your AWS credentials
  --stack NAME      its CloudFormation stack, where the function's tags do not tell
  --region REGION   where they are (default: the ARN's, or AWS_REGION)
  --file FILE       what these print, in place of --function: aws lambda get-function, get-function-configuration,
                    get-policy, list-event-source-mappings, aws cloudformation describe-stacks
  --out FILE        write the parameters: params.prod.json (or params.dev.json) is what serverless.yml takes for that stage
  --json            print JSON
  --help            show this
`;

export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { json, out, ...where } = parseMigrateArguments(args);
  const forwarder =
    where.files.length > 0
      ? forwarderInFiles(where.files)
      : await forwarderInAccount({ ...where, functionName: where.function });
  const evidence = recognised(forwarder);
  const migration = migrationOf(forwarder, ourParameters(terminal.root));
  const { logGroups, remarks } = logGroupsOf(forwarder);
  const region = where.region || forwarder.functionArn.split(":")[3] || "";
  const commands = commandsFor(migration, logGroups, out, terminal.root, region);
  if (out) write(out, parametersFile(migration.parameters, logGroups));
  const report: Report = {
    forwarder,
    evidence,
    migration,
    logGroups,
    differences,
    steps: stepsOf(forwarder, migration, commands),
    remarks: [...forwarder.remarks, ...remarks, ...remarksOn(commands, migration, out, terminal.root)],
  };
  terminal.print(
    json
      ? migrationJson(report, commands)
      : migrationText(report, terminal.columns, terminal.isColoured ? coloured : plain),
  );
  return 0;
}

interface MigrateArguments {
  function: string;
  stackName: string;
  region: string;
  files: string[];
  /** "" = none. */
  out: string;
  json: boolean;
}

/** @throws {UsageError} */
export function parseMigrateArguments(args: string[]): MigrateArguments {
  const values = parsed(args);
  const files = values.file ?? [];
  if (files.length === 0 && !values.function) throw new UsageError("Say which forwarder: --function or --file");
  if (files.length > 0 && (values.function || values.stack)) {
    throw new UsageError("Either --file, or --function and --stack: both at once may be of two forwarders");
  }
  const { function: name = "", stack: stackName = "", region = "", out = "", json = false } = values;
  return { function: name, stackName, region, files, out, json };
}

function parsed(args: string[]) {
  return readArguments({
    args,
    options: {
      function: { type: "string" },
      stack: { type: "string" },
      region: { type: "string" },
      file: { type: "string", multiple: true },
      out: { type: "string" },
      json: { type: "boolean" },
    },
  }).values;
}

function recognised(forwarder: OldForwarder): string[] {
  const name = forwarder.functionName || forwarder.stackName || "what was saved";
  if (isOurs(forwarder)) {
    throw new CommandError(`${name} is a log-trace-forwarder already`, "Name the Datadog Forwarder that it replaces.");
  }
  const evidence = evidenceOf(forwarder);
  if (evidence.length > 0) return evidence;
  throw new CommandError(
    `${name} is not a Datadog Forwarder: it has neither its tag dd_forwarder_version, its layer, its description nor its variables`,
    "Name the forwarder's own function (DatadogForwarder, unless its stack says FunctionName), or save that and give it with --file.",
  );
}

/** What the deployment itself knows of its parameters. */
export function ourParameters(root: string): OurParameters {
  const require = createRequire(path.join(root, "package.json"));
  type Check = (parameters: object) => string[];
  const checks: Check[] = [require("./serverless/parameter-problems.cjs"), require("./serverless/reach-problems.cjs")];
  return {
    defaults: parametersIn(readFileSync(path.join(root, "serverless.yml"), "utf8")),
    legacy: require("./serverless/legacy-parameters.cjs") as Record<string, string>,
    problemsWith: (parameters) => checks.flatMap((check) => check(parameters)),
  };
}

/** The log groups that this forwarder can subscribe to: of the function's own account and region. */
function logGroupsOf({ subscriptions, triggers, functionArn }: OldForwarder): {
  logGroups: string[];
  remarks: string[];
} {
  if (subscriptions)
    return { logGroups: [...new Set(subscriptions.map(({ logGroup }) => logGroup))].sort(), remarks: [] };
  const arns = (triggers ?? []).filter(({ service }) => service === "logs").map(({ sourceArn }) => sourceArn);
  const [, , , region, account] = functionArn.split(":");
  const isHere = (arn: string): boolean => !account || arn.split(":").slice(3, 5).join(":") === `${region}:${account}`;
  const logGroups = [...new Set(arns.filter(isHere).flatMap((arn) => logGroupsNamedBy([arn]) ?? []))].sort();
  const others = arns.filter((arn) => logGroupsNamedBy([arn]) === undefined || !isHere(arn));
  const remarks = others.map(
    (arn) =>
      `The policy lets ${arn || "all of CloudWatch Logs"} invoke the function, which names no log group of this account and region.`,
  );
  return { logGroups, remarks };
}

function commandsFor(
  { parameters, missing }: Migration,
  logGroups: string[],
  out: string,
  root: string,
  region: string,
): DeployCommands {
  const stage = out ? stageOf(out, root) : undefined;
  return stage
    ? deployCommandsWithFile(stage, missing, logGroups, region)
    : deployCommands(parameters, missing, logGroups, region);
}

function remarksOn({ notCarried }: DeployCommands, { missing }: Migration, out: string, root: string): string[] {
  const remarks: string[] = [];
  if (notCarried.length > 0) {
    remarks.push(
      `${notCarried.join(", ")}: a command line cannot carry the white space in it; --out params.prod.json writes a file that can.`,
    );
  }
  if (out && !stageOf(out, root)) {
    remarks.push(
      `${out} is no file that serverless.yml takes by itself: give its params a line such as "<stage>: \${file(${out})}", or write params.prod.json in this repository.`,
    );
  }
  if (Object.keys(missing).length > 0) {
    remarks.push(
      `${Object.keys(missing).join(", ")}: write what belongs there in place of what stands between < and >.`,
    );
  }
  return remarks;
}

function write(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new CommandError(
      `cannot write ${file}: ${(error as NodeJS.ErrnoException).code}`,
      "Give --out a file in a folder that is there.",
      {
        cause: error,
      },
    );
  }
}

/** Without what may hold secrets: the old function's variables as they are. */
function migrationJson({ forwarder, migration, ...report }: Report, commands: DeployCommands): string {
  const { functionName, functionArn, stackName, triggers, subscriptions } = forwarder;
  const { rows, parameters, missing } = migration;
  const old = { functionName, functionArn, stackName, triggers, subscriptions };
  const { beside, subscribe } = commands;
  return `${JSON.stringify({ forwarder: old, settings: rows, parameters, missing, commands: { beside, subscribe }, ...report }, undefined, 2)}\n`;
}
