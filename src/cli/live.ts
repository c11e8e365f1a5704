/**
 * `log-trace-forwarder live`: log groups of CloudWatch, followed through the forwarder on this machine. It ends with a
 * signal, and changes nothing in AWS.
 */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readPage } from "../viewer/page-files.ts";
import { parseQuery } from "../viewer/query.ts";
import type { Terminal } from "./command.ts";
import { awsClients } from "./live/aws-clients.ts";
import { findLogGroups } from "./live/find-log-groups.ts";
import { type Following, TIMING } from "./live/follow.ts";
import { followAll } from "./live/follow-all.ts";
import { type LiveOptions, liveOptions, parseLiveArguments, usage } from "./live/live-arguments.ts";
import { accountOf, type LogGroup } from "./live/log-group.ts";
import { readProfile, saveProfile } from "./live/profiles.ts";
import { readBack } from "./live/read-back.ts";
import { SeenEvents } from "./live/seen-events.ts";
import { coloured, plain } from "./paint.ts";
import { saveTelemetry } from "./saved-telemetry.ts";
import { stopSignal } from "./stopping.ts";
import { count } from "./trace-tree.ts";
import { TraceWatch } from "./trace-watch.ts";
import { startViewing, type Viewing } from "./viewing.ts";

export { usage };

/** What still goes to a backend that does not answer is not waited for longer. */
const MAX_SETTLE_MS = 5_000;
const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * @throws {UsageError} for a wrong command line
 * @throws {CommandError} when something does not work
 */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { given, profile, saveProfile: newProfile } = parseLiveArguments(args);
  const kept = profile ? readProfile(profile, process.cwd()) : {};
  const options = liveOptions(given, kept);
  if (newProfile) saveProfile(newProfile, { ...kept, ...given }, process.cwd());
  const signal = stopSignal();
  const clients = awsClients(options.region, terminal.env);
  const say = (text: string): void => terminal.warn(`${text}\n`);
  const { groups, awaited } = await findLogGroups(options, clients, say);
  if (signal.aborted) return 0;
  const viewing = await startViewing({
    root: terminal.root,
    hostModule: path.join(here, "function-host.mjs"),
    listen: { port: options.port, page: await readPage(path.join(here, "page")) },
    environment: passedOn(options, terminal.env),
    region: (groups[0] as LogGroup).arn.split(":")[3] ?? "",
    onFailure: tellOnce((problem) => signal.aborted || say(problem)),
  });
  try {
    await show(viewing, groups, options, terminal, (watching) =>
      followEach({
        clients,
        seen: new SeenEvents(),
        take: (group, { logStream, timestamp, message, id }) =>
          viewing.feed.push(
            { owner: accountOf(group), logGroup: group.name, logStream },
            { timestamp, message, ...(id !== undefined && { id }) },
          ),
        say,
        signal: watching,
        fromMs: Date.now() - options.sinceMs,
        timing: TIMING,
      }),
    );
  } finally {
    await viewing.stop();
  }
  return 0;

  async function show(
    { intake, feed }: Viewing,
    followed: LogGroup[],
    { query, terminal: isHere, save, patterns }: LiveOptions,
    { print, columns, isColoured }: Terminal,
    follow: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    print(`page       ${intake.url}/\nfollowing  ${namesOf(followed)}\n${laterText(patterns)}until Ctrl-C\n`);
    const paint = isColoured ? coloured : plain;
    const barColumns = columns >= 100 ? 24 : 0;
    const watch = isHere
      ? new TraceWatch(intake.store, parseQuery(query), print, {
          quietMs: 1_500,
          rootlessMs: 6_000,
          maxTraces: 1_000,
          columns,
          barColumns,
          paint,
        })
      : undefined;
    // What cannot go on ends the other log groups too.
    const ending = new AbortController();
    const stop = (): void => ending.abort();
    signal.addEventListener("abort", stop);
    try {
      if (!signal.aborted) await follow(ending.signal);
    } finally {
      ending.abort();
      await Promise.race([feed.settle(), sleep(MAX_SETTLE_MS, undefined, { ref: false })]);
      watch?.close();
      if (save) {
        await saveTelemetry(intake.url, save, query);
        say(`saved to ${save}: log-trace-forwarder start --open ${save} shows it again`);
      }
      const { traces, spans, logs } = intake.store.received;
      const received = [count(traces, "trace"), count(spans, "span"), count(logs, "log")].join(", ");
      say(`${count(feed.events, "log event")}: ${received}`);
    }
  }

  async function followEach(world: Following): Promise<void> {
    const coveredMs = Date.now();
    if (options.sinceMs > 0) await readBack(groups, world, progressTo(terminal));
    await followAll({ groups, awaited, ...options }, coveredMs, world);
    if (!world.signal.aborted) say("there is nothing left to follow");
  }
}

/** In place, where the terminal can. */
function progressTo({ warn, isColoured }: Terminal): (text: string, isDone: boolean) => void {
  let toldMs = 0;
  return (text, isDone) => {
    const nowMs = Date.now();
    if (isColoured) warn(`\r\u001b[K${text}${isDone ? "\n" : ""}`);
    else if (isDone || nowMs - toldMs > 2_000) {
      warn(`${text}\n`);
      toldMs = nowMs;
    }
  };
}

/** A backend that is away says the same of each delivery. */
function tellOnce(say: (text: string) => unknown): (problem: string) => void {
  let told = "";
  return (problem) => {
    if (problem !== told) say(problem);
    told = problem;
  };
}

const PASSED_ON = /^OTEL_EXPORTER_OTLP_(?:\w+_)?(?:HEADERS|PROTOCOL|COMPRESSION|TIMEOUT|CERTIFICATE|CLIENT_KEY)$/;

/** Settings of the forwarder, for what goes to an OpenTelemetry backend. */
function passedOn({ otlp }: LiveOptions, env: Terminal["env"]): Record<string, string> {
  if (!otlp) return {};
  const given = Object.entries(env).filter(
    (entry): entry is [string, string] => PASSED_ON.test(entry[0]) && Boolean(entry[1]),
  );
  return { ...Object.fromEntries(given), OTEL_EXPORTER_OTLP_ENDPOINT: otlp };
}

function namesOf(groups: readonly LogGroup[]): string {
  const names = groups.slice(0, 10).map(({ name }) => name);
  const more = groups.length - names.length;
  return `${names.join("\n           ")}${more > 0 ? `\n           and ${more} more` : ""}`;
}

/** Said before, as it asks AWS again and again. */
function laterText(patterns: readonly string[]): string {
  const seconds = TIMING.lookMs / 1000;
  return patterns.length > 0
    ? `           and what is made later like ${patterns.join(", ")}, looked for every ${seconds} s\n`
    : "";
}
