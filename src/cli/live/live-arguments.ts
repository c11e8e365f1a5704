import { readOtlpSettings } from "../../config/otlp.ts";
import { parseQuery, type QueryError } from "../../viewer/query.ts";
import { readArguments } from "../read-arguments.ts";
import { UsageError } from "../usage-error.ts";

/** The options that a profile keeps, in the words of the command line. */
export interface LiveOptions {
  /** Names and ARNs of log groups, names of functions. */
  names: string[];
  patterns: string[];
  stacks: string[];
  region: string;
  /** 0 = from now on. */
  sinceMs: number;
  poll: boolean;
  terminal: boolean;
  query: string;
  /** URL of an OpenTelemetry backend; "" = none. */
  otlp: string;
  /** Of the intake; 0 takes any free port. */
  port: number;
  /** File; "" = none. */
  save: string;
}

export interface LiveArguments {
  given: GivenOptions;
  profile: string;
  saveProfile: string;
}

/** What stands on a command line or in a profile: values are checked when they are put together. */
export interface GivenOptions {
  names?: string[];
  pattern?: string[];
  stack?: string[];
  region?: string;
  since?: string;
  poll?: boolean;
  terminal?: boolean;
  query?: string;
  otlp?: string;
  port?: string;
  save?: string;
}

export const usage = `Usage: log-trace-forwarder live <log group or function> … [options]
       log-trace-forwarder live --pattern '/aws/lambda/shop-*' | --stack NAME | --profile NAME [options]

Follows log groups of CloudWatch through the forwarder on this machine, and shows traces with their logs as they come: on
the page that it serves, or in the terminal. It changes nothing in AWS. docs/live.md says what it costs.

  <name>               a log group, its ARN, or a Lambda function; any number of them
  --pattern PATTERN    the log groups whose whole name is like it; * stands for any characters; may be repeated
  --stack NAME         the functions and log groups of a CloudFormation stack and of the stacks in it; may be repeated
  --since TIME         read back first: 90s, 15m, 2h, 1d (the page keeps the last 15 minutes that arrived)
  --terminal           show traces as waterfalls here, with their logs
  --query QUERY        only what is like it, in the terminal, and what is saved; docs/api.md has the language
  --otlp URL           pass everything on to an OpenTelemetry backend too; OTEL_EXPORTER_OTLP_HEADERS and the others count
  --poll               read log groups every two seconds in place of Live Tail
  --save FILE          at the end, save what is held: log-trace-forwarder start --open FILE shows it again
  --port N             port of the page (default: any free one)
  --region REGION      where the log groups are (default: AWS_REGION or AWS's files)
  --save-profile NAME  keep these options in .log-trace-forwarder.json of this folder
  --profile NAME       take them from there; options given besides win
  --help               show this

AWS's own variables name the account and the endpoint: AWS_PROFILE, AWS_ENDPOINT_URL, …
`;

const OPTIONS = {
  pattern: { type: "string", multiple: true },
  stack: { type: "string", multiple: true },
  region: { type: "string" },
  since: { type: "string" },
  poll: { type: "boolean" },
  terminal: { type: "boolean" },
  query: { type: "string" },
  otlp: { type: "string" },
  port: { type: "string" },
  save: { type: "string" },
  profile: { type: "string" },
  "save-profile": { type: "string" },
} as const;

/** @throws {UsageError} */
export function parseLiveArguments(args: string[]): LiveArguments {
  const { values, positionals } = readArguments({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: OPTIONS,
  });
  const { profile = "", "save-profile": saveProfile = "", ...options } = values;
  return { given: { ...options, ...(positionals.length > 0 && { names: positionals }) }, profile, saveProfile };
}

/**
 * @param given the command line's, which win, and those of a profile
 * @throws {UsageError}
 */
export function liveOptions(...given: GivenOptions[]): LiveOptions {
  const all: GivenOptions = Object.assign({}, ...given.reverse());
  const options: LiveOptions = {
    names: all.names ?? [],
    patterns: all.pattern ?? [],
    stacks: all.stack ?? [],
    region: all.region ?? "",
    sinceMs: durationMs(all.since ?? "0s"),
    poll: all.poll ?? false,
    terminal: all.terminal ?? false,
    query: all.query ?? "",
    otlp: all.otlp ?? "",
    port: portOf(all.port ?? "0"),
    save: all.save ?? "",
  };
  if (options.names.length + options.patterns.length + options.stacks.length === 0) {
    throw new UsageError("Say what to follow: log groups or functions, --pattern, --stack or --profile");
  }
  const { problems } = readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: options.otlp });
  if (problems.length > 0) {
    throw new UsageError("--otlp must be a URL such as http://127.0.0.1:4318, without user, password and fragment");
  }
  try {
    parseQuery(options.query);
  } catch (error) {
    throw new UsageError(`--query: ${(error as QueryError).message}`);
  }
  return options;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationMs(text: string): number {
  const [, number, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text.trim()) ?? [];
  if (number === undefined) throw new UsageError(`--since must be a time such as 90s, 15m, 2h or 1d, got "${text}"`);
  return Number(number) * (UNITS_MS[unit] as number);
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port must be a number from 0 to 65535, got "${text}"`);
}
