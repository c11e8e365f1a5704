import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Ledger } from "../../src/delivery/ledger.ts";
import { A_KEY } from "./telemetry.ts";

/** Where the function is built; `npm test` builds it before. */
export const DIST = path.join(__dirname, "../../dist");
export const BUILT = path.join(DIST, "forwarder.mjs");

const run = promisify(execFile);

const PROGRAM = `
  const { handler } = await import(process.argv[1]);
  for (const event of JSON.parse(process.argv[2])) await handler(event, { getRemainingTimeInMillis: () => 5000 });
  process.exit(0);
`;

/** The variables by which Datadog's intakes are those at a port of this machine. */
export function datadogAt({ url, port }: { url: string; port: number }): Record<string, string> {
  return {
    DD_API_KEY: A_KEY,
    DD_URL: "127.0.0.1",
    DD_PORT: String(port),
    DD_NO_SSL: "true",
    DD_TRACE_INTAKE_URL: url,
    DD_API_URL: url,
  };
}

/** Hands events to a built function, in one process, one after the other. @returns a ledger for each */
export async function invokeBuilt(entry: string, events: object[], env: Record<string, string>): Promise<Ledger[]> {
  const { stdout } = await run(
    process.execPath,
    ["--input-type=module", "-e", PROGRAM, entry, JSON.stringify(events)],
    { env: { PATH: process.env.PATH, ...env } },
  );
  const lines = stdout.split("\n").filter((line) => line.includes('"ledger"'));
  return lines.map((line) => (JSON.parse(line) as { ledger: Ledger }).ledger);
}
