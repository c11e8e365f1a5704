/** `start -`, `start <file>` and `start --open <file>`: what was printed or saved, on the page and in the terminal. */
import { createReadStream } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Ledger } from "../delivery/ledger.ts";
import { isTraceLike } from "../viewer/api.ts";
import { readPage } from "../viewer/page-files.ts";
import { matches, parseQuery, type Query } from "../viewer/query.ts";
import { searchableLog } from "../viewer/searchable.ts";
import { receivedTrace, type Snapshot, Store } from "../viewer/store.ts";
import type { LogStream } from "./deliveries.ts";
import type { Feed } from "./feed.ts";
import { functionOutput, type OutputEvent } from "./function-output.ts";
import { newLogStream } from "./lambda-environment.ts";
import { coloured, plain } from "./paint.ts";
import { roundJson } from "./round.ts";
import { openTelemetry, saveTelemetry } from "./saved-telemetry.ts";
import { startLocalIntake } from "./session.ts";
import type { StartArguments } from "./start-arguments.ts";
import { StartError } from "./start-error.ts";
import { aborted } from "./stopping.ts";
import { count } from "./trace-tree.ts";
import { TraceWatch } from "./trace-watch.ts";
import { startViewing, type Viewing } from "./viewing.ts";

/** What was saved is looked at for as long as one likes. */
const AS_LONG_AS_ONE_LIKES_MS = 30 * 86_400_000;
/** After which a message of `aws logs tail` does not go on. */
const MESSAGE_PAUSE_MS = 300;

const print = (text: string): void => void process.stdout.write(text);

/**
 * @param hostModule of the forwarder's process
 * @throws {StartError | CommandError} when something does not work
 */
export async function runSource(
  root: string,
  hostModule: string,
  settings: StartArguments,
  signal: AbortSignal,
): Promise<number> {
  const { port, host, allowedHosts, source, open, json, once, save, query: text } = settings;
  const query = parseQuery(text);
  const store = new Store(source === "-" ? {} : { maxAgeMs: AS_LONG_AS_ONE_LIKES_MS });
  const page = await readPage(path.join(path.dirname(hostModule), "page"));
  const listen = { port, host, allowedHosts, store, page };
  const viewing = source === "" ? undefined : await startViewing({ root, hostModule, listen });
  const intake = viewing?.intake ?? (await startLocalIntake(listen));
  const willEnd = once || json;
  // A page is the better place for much that was saved.
  const isForPage = json || (source === "" && !once && text === "");
  const watch = isForPage ? undefined : watchOf(store, query);
  try {
    if (!willEnd) print(`page       ${intake.url}/\n`);
    if (open) await openFile(intake.url, open, !json);
    if (viewing) await readSource(viewing, settings, signal);
    if (json) print(`${roundJson({ received: likeQuery(store, query), ledger: ledgersOf(store) })}\n`);
    if (!willEnd && !signal.aborted) {
      print("until Ctrl-C\n");
      await aborted(signal);
    }
    watch?.close();
    if (save) await saveTelemetry(intake.url, save, text);
    return 0;
  } finally {
    watch?.close();
    await (viewing?.stop() ?? intake.close());
  }
}

async function openFile(url: string, file: string, isTold: boolean): Promise<void> {
  const { spans, logs, rejected, problems } = await openTelemetry(url, file);
  if (isTold) print(`opened     ${file}: ${count(spans, "span")}, ${count(logs, "log")}\n`);
  if (rejected > 0) {
    process.stderr.write(`${count(rejected, "item")} cannot be used: ${problems.join("; ")}\n`);
  }
}

/** Ends with the source, or at the signal. */
async function readSource({ feed }: Viewing, settings: StartArguments, signal: AbortSignal): Promise<void> {
  const input = inputOf(settings.source);
  const logStream = newLogStream(new Date());
  const stop = (): unknown => input.destroy();
  signal.addEventListener("abort", stop);
  let waiting: OutputEvent[] = [];
  const output = functionOutput((event) => waiting.push(event));
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      output.push(chunk);
      await give();
      timer = setTimeout(() => {
        output.flush();
        // What went wrong is told at the next time.
        give().catch(() => undefined);
      }, MESSAGE_PAUSE_MS);
    }
  } catch (error) {
    if (!signal.aborted) throw inputError(settings.source, error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
  output.end();
  await give();
  await feed.settle();

  async function give(): Promise<void> {
    const events = waiting;
    waiting = [];
    await pushAll(feed, events, { owner: "123456789012", logGroup: settings.logGroup, logStream });
  }
}

async function pushAll(feed: Feed, events: OutputEvent[], stream: LogStream): Promise<void> {
  for (const { logStream, ...event } of events) {
    await feed.push(logStream === "" ? stream : { ...stream, logStream }, event);
  }
}

function inputOf(source: string): Readable {
  if (source === "-") return process.stdin;
  const file = createReadStream(source);
  if (!source.endsWith(".gz")) return file;
  const gunzip = createGunzip();
  file.once("error", (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

function inputError(source: string, error: unknown): Error {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (!/^(?:E[A-Z]+|Z_\w+)$/.test(code)) return error as Error;
  const name = source === "-" ? "the standard input" : source;
  return new StartError(`cannot read ${name}: ${code} ${message}`, "name a file with what a function printed, or -", {
    cause: error,
  });
}

function watchOf(store: Store, query: Query): TraceWatch {
  const { isTTY, columns = 100 } = process.stdout;
  const width = isTTY ? columns : 160;
  return new TraceWatch(store, query, print, {
    quietMs: 1_500,
    rootlessMs: 6_000,
    maxTraces: 1_000,
    columns: width,
    barColumns: width >= 100 ? 24 : 0,
    paint: isTTY && !process.env.NO_COLOR ? coloured : plain,
  });
}

/** What of it is like the query, in the order of arrival. */
function likeQuery(store: Store, query: Query): Snapshot {
  const traces = [...store.tracesNewestFirst()].filter((trace) => isTraceLike(query, trace)).reverse();
  const logs = [...store.logsNewestFirst()].reverse().flatMap(({ log, trace }) => (trace ? [] : [log]));
  const uncorrelatedLogs = logs.filter((log) => matches(query, searchableLog(log)));
  const received = traces.map(receivedTrace);
  const items = [...received.flatMap(({ spans, logs: own }) => [...spans, ...own]), ...uncorrelatedLogs];
  return {
    services: [...new Set(items.map(({ service }) => service).filter(Boolean))].sort(),
    traces: received,
    uncorrelatedLogs,
    dropped: { spans: store.evicted.spans, logs: store.evicted.logs },
  };
}

/** In order; only the last of many. */
function ledgersOf({ ledgers }: Store): Ledger[] {
  return ledgers
    .last(1_000)
    .map(({ ledger }) => ledger as unknown as Ledger)
    .reverse();
}
