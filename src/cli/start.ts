/**
 * `npm start`: the way of a trace from two functions through the forwarder to the intake, all on this machine. It ends
 * after `--once` or a signal.
 */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readPage } from "../viewer/page-files.ts";
import type { Terminal } from "./command.ts";
import { coloured, plain } from "./paint.ts";
import { type Round, roundJson } from "./round.ts";
import { roundText } from "./round-text.ts";
import { saveTelemetry } from "./saved-telemetry.ts";
import { type Session, startLocalIntake, startSession } from "./session.ts";
import { parseStartArguments, type StartArguments, usage } from "./start-arguments.ts";
import { StartError } from "./start-error.ts";
import { runSource } from "./start-source.ts";

export { usage };

const pauseMs = 5_000;
const here = path.dirname(fileURLToPath(import.meta.url));
const hostModule = path.join(here, "function-host.mjs");
const stopping = new AbortController();

/**
 * @throws {UsageError} for a wrong command line
 * @throws {StartError} when something does not work
 */
export async function run(args: string[], { root }: Pick<Terminal, "root">): Promise<number> {
  const settings = parseStartArguments(args);
  checkNode();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  // Whoever reads the output may stop reading: `npm start | head`.
  process.stdout.on("error", () => stopping.abort());
  try {
    if (settings.source || settings.open) return await runSource(root, hostModule, settings, stopping.signal);
    return await (settings.intakeOnly ? runIntake(settings) : runSession(root, settings));
  } catch (error) {
    // What is cut short by its end may fail; what is saved at the end may not.
    if (stopping.signal.aborted && (error as Error).name !== "CommandError") return 0;
    throw error;
  }
}

async function runSession(root: string, settings: StartArguments): Promise<number> {
  const { port, host, allowedHosts } = settings;
  const page = await readPage(path.join(here, "page"));
  const session = await startSession({
    root,
    hostModule,
    port,
    listen: { host, allowedHosts, page },
  });
  let ending: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  stopping.signal.addEventListener("abort", () => void stop().catch(() => undefined));
  try {
    if (!settings.json) process.stdout.write(introduction(session, settings));
    await runRounds(session, settings);
    return 0;
  } finally {
    await stop();
  }

  async function end(): Promise<void> {
    try {
      if (settings.save) await saveTelemetry(session.intakeUrl, settings.save, settings.query);
    } finally {
      await session.stop();
    }
  }
}

async function runIntake({ port, host, allowedHosts, save, query }: StartArguments): Promise<number> {
  const page = await readPage(path.join(here, "page"));
  const intake = await startLocalIntake({ port, host, allowedHosts, page });
  process.stdout.write(`${intakeLine(intake.url)}\nuntil Ctrl-C\n`);
  await new Promise((resolve) => stopping.signal.addEventListener("abort", resolve));
  try {
    if (save) await saveTelemetry(intake.url, save, query);
  } finally {
    await intake.close();
  }
  return 0;
}

function intakeLine(url: string): string {
  return `intake     ${url} (Datadog's logs, trace and metrics API, OTLP/HTTP; in memory)\npage       ${url}/`;
}

async function runRounds(session: Session, { once, json }: StartArguments) {
  while (!stopping.signal.aborted) {
    const round = await session.runRound();
    process.stdout.write(json ? `${roundJson(round)}\n` : text(round));
    if (once) return;
    await sleep(pauseMs, undefined, { signal: stopping.signal });
  }
}

function text(round: Round): string {
  const { isTTY, columns = 100 } = process.stdout;
  return `\n${roundText(round, isTTY ? columns : 160, isTTY && !process.env.NO_COLOR ? coloured : plain)}`;
}

function introduction({ intakeUrl }: Session, { once }: StartArguments): string {
  const lines = [
    intakeLine(intakeUrl),
    "functions  thinker-api, thinker-microservice (examples/thinker)",
    "forwarder  dist/forwarder.mjs",
  ];
  if (!once) lines.push(`a round every ${pauseMs / 1000} seconds until Ctrl-C`);
  return `${lines.join("\n")}\n`;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new StartError(`Node ${process.versions.node} is too old`, "install Node 20.19 or later");
}
