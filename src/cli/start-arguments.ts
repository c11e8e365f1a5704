import { parseArgs } from "node:util";
import { UsageError } from "./usage-error.ts";

export interface StartArguments {
  once: boolean;
  json: boolean;
  /** 0 takes any free port. */
  port: number;
}

export const usage = `Usage: npm start -- [options]

Starts an intake that speaks Datadog's logs and trace API, two instrumented functions and the forwarder between them,
all on this machine, and shows the trace that arrives. Repeats every few seconds until Ctrl-C.

  --once      stop after one round
  --json      print the round as one line of JSON and nothing else (npm's own lines: npm start --silent -- --json)
  --port N    port of the intake (default: any free one)
  --help      show this
`;

/** @throws {UsageError} */
export function parseStartArguments(args: string[]): StartArguments {
  const { once, json, port } = parsed(args);
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, got "${port}"`);
  }
  return { once, json, port: Number(port) };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        once: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        port: { type: "string", default: "0" },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
