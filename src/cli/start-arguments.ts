import { parseQuery, type QueryError } from "../viewer/query.ts";
import { readArguments } from "./read-arguments.ts";
import { UsageError } from "./usage-error.ts";

export interface StartArguments {
  once: boolean;
  json: boolean;
  /** 0 takes any free port. */
  port: number;
  host: string;
  /** Names of the intake besides `localhost` and addresses. */
  allowedHosts: string[];
  /** Without the functions and the forwarder. */
  intakeOnly: boolean;
  /** What a function printed: a file, or `-` for the standard input; "" = the sample. */
  source: string;
  /** The log group that the source stands for. */
  logGroup: string;
  /** File with what was saved; "" = none. */
  open: string;
  /** File to save to at the end; "" = none. */
  save: string;
  /** What is shown and saved; "" = everything. */
  query: string;
}

export const usage = `Usage: npm start -- [options]
       … | log-trace-forwarder start - [options]
       log-trace-forwarder start <file> | --open <file> [options]

Starts an intake that speaks Datadog's logs, trace and metrics API and OpenTelemetry's protocol, two instrumented functions
and the forwarder between them, all on this machine, and shows the trace that arrives. Repeats every few seconds until
Ctrl-C. The intake answers questions about all that came: docs/api.md.

With - or a file it reads what a function printed, or what aws logs tail prints, through the forwarder instead.

  --once             stop after one round, or at the end of what is read
  --json             print the round as one line of JSON and nothing else (npm's own lines: npm start --silent -- --json)
  --port N           port of the intake (default: any free one)
  --intake-only      only the intake: send to it what you like
  --host ADDRESS     where the intake listens (default: 127.0.0.1, this machine alone; it asks nobody for a password)
  --allow-host NAME  a name by which others may call it, besides localhost and addresses; may be repeated
  --open FILE        show what was saved: by --save, by live or by the page
  --save FILE        at the end, save what the intake holds, as lines of OTLP/JSON; .gz compresses
  --query QUERY      only what is like it is shown and saved; docs/api.md has the language
  --function NAME    the function that printed what is read, or its log group (default: local)
  --help             show this
`;

/** @throws {UsageError} */
export function parseStartArguments(args: string[]): StartArguments {
  const { values, positionals } = parsed(args);
  const { once, json, port, host, "intake-only": intakeOnly, "allow-host": allowedHosts, open, save, query } = values;
  const [source = ""] = positionals;
  const isRead = source !== "" || open !== "";
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, got "${port}"`);
  }
  if (intakeOnly && (once || json)) throw new UsageError("--intake-only has no rounds, so neither --once nor --json");
  if (positionals.length > 1) throw new UsageError("Name one file, or - for the standard input");
  if (isRead && intakeOnly) throw new UsageError("--intake-only reads nothing, so neither a file, - nor --open");
  if (query && !isRead && !save) throw new UsageError("--query is for what is read, and for --save");
  try {
    parseQuery(query);
  } catch (error) {
    throw new UsageError(`--query: ${(error as QueryError).message}`);
  }
  return {
    once,
    json,
    port: Number(port),
    host,
    allowedHosts: allowedHosts.map((name) => name.toLowerCase()),
    intakeOnly,
    source,
    logGroup: values.function.includes("/") ? values.function : `/aws/lambda/${values.function}`,
    open,
    save,
    query,
  };
}

function parsed(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      host: { type: "string", default: "127.0.0.1" },
      "allow-host": { type: "string", multiple: true, default: [] },
      "intake-only": { type: "boolean", default: false },
      open: { type: "string", default: "" },
      save: { type: "string", default: "" },
      query: { type: "string", default: "" },
      function: { type: "string", default: "local" },
    },
  });
}
