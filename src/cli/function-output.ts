import type { LogEvent } from "./deliveries.ts";
import { outputLines } from "./output-lines.ts";

export interface OutputEvent extends LogEvent {
  /** "" = not said. */
  logStream: string;
}

/** `aws logs tail`: when, the log stream of a function, and the message. */
const TAILED =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00) (\d{4}\/\d\d\/\d\d\/[^\s:*[\]]{0,140}\[[^\s\]]{1,20}\][0-9a-f]{32}) ?/;
/** The runtimes of Node and Python, and what begins with its time. */
const IN_TEXT = /^(?:\[?[A-Z]{1,10}\]?\t)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)[\t ]/;
/** Lambda's lines in JSON, Powertools, pino. */
const IN_JSON = /"(?:time|timestamp)" ?: ?(?:"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)"|(\d{13})[,}])/;
const MINUTE_MS = 60_000;

/**
 * Reads what a function prints, or what `aws logs tail` prints of it, as log events. A line is an event, but for what
 * follows a line of `aws logs tail`, which goes on with its message.
 *
 * Where a line does not say its time, it is that of the line before it (or after it, at the beginning) where that is long
 * ago, otherwise now. Times never go back, as the order of lines is the order of what happened.
 *
 * @param now milliseconds since 1970
 */
export function functionOutput(onEvent: (event: OutputEvent) => void, now: () => number = Date.now) {
  const lines = outputLines(takeLine);
  /** Of the stream without a name, and of those that have one. */
  const lastMs = new Map<string, number>();
  let saidMs: number | undefined;
  let undated: string[] = [];
  let tailed: OutputEvent | undefined;

  return { push, flush, end };

  function push(chunk: Buffer): void {
    lines.push(chunk);
    giveUndated(now());
  }

  /** Gives a message that may have gone on. */
  function flush(): void {
    if (!tailed) return;
    const { message, ...event } = tailed;
    tailed = undefined;
    give(event.logStream, event.timestamp, message);
  }

  function end(): void {
    lines.end();
    flush();
    giveUndated(now());
  }

  function takeLine(line: string): void {
    const found = TAILED.exec(line);
    if (found) {
      flush();
      const [start, time = "", logStream = ""] = found;
      tailed = { logStream, timestamp: Date.parse(time), message: line.slice(start.length) };
    } else if (tailed) tailed.message += `\n${line}`;
    else takePlain(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  function takePlain(line: string): void {
    if (line === "") return;
    const ownMs = timeOf(line);
    const nowMs = now();
    if (ownMs !== undefined) {
      saidMs = Math.min(ownMs, nowMs);
      giveUndated(saidMs);
      give("", saidMs, line);
    } else if (saidMs === undefined) undated.push(line);
    else give("", saidMs < nowMs - MINUTE_MS ? saidMs : nowMs, line);
  }

  function giveUndated(ms: number): void {
    const waiting = undated;
    undated = [];
    for (const line of waiting) give("", ms, line);
  }

  function give(logStream: string, ms: number, line: string): void {
    const timestamp = Math.max(lastMs.get(logStream) ?? 0, ms);
    if (lastMs.size > 1_000) lastMs.clear();
    lastMs.set(logStream, timestamp);
    onEvent({ logStream, timestamp, message: `${line.replace(/[\r\n]{1,100}$/, "")}\n` });
  }
}

function timeOf(line: string): number | undefined {
  const [, text, number] = (line.startsWith("{") ? IN_JSON.exec(line.slice(0, 1_000)) : IN_TEXT.exec(line)) ?? [];
  const ms = text !== undefined ? Date.parse(text) : Number(number);
  return Number.isFinite(ms) ? ms : undefined;
}
