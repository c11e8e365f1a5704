import { parseArgs } from "node:util";
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
}

export const usage = `Usage: npm start -- [options]

Starts an intake that speaks Datadog's logs, trace and metrics API and OpenTelemetry's protocol, two instrumented functions
and the forwarder between them, all on this machine, and shows the trace that arrives. Repeats every few seconds until
Ctrl-C. The intake answers questions about all that came: docs/api.md.

  --once             stop after one round
  --json             print the round as one line of JSON and nothing else (npm's own lines: npm start --silent -- --json)
  --port N           port of the intake (default: any free one)
  --intake-only      only the intake: send to it what you like
  --host ADDRESS     where the intake listens (default: 127.0.0.1, this machine alone; it asks nobody for a password)
  --allow-host NAME  a name by which others may call it, besides localhost and addresses; may be repeated
  --help             show this
`;

/** @throws {UsageError} */
export function parseStartArguments(args: string[]): StartArguments {
  const { once, json, port, host, "intake-only": intakeOnly, "allow-host": allowedHosts } = parsed(args);
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, got "${port}"`);
  }
  if (intakeOnly && (once || json)) throw new UsageError("--intake-only has no rounds, so neither --once nor --json");
  return {
    once,
    json,
    port: Number(port),
    host,
    allowedHosts: allowedHosts.map((name) => name.toLowerCase()),
    intakeOnly,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        once: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        port: { type: "string", default: "0" },
        host: { type: "string", default: "127.0.0.1" },
        "allow-host": { type: "string", multiple: true, default: [] },
        "intake-only": { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
