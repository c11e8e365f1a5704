import { compactJson } from "./compact-json.ts";
import type { LogEvent } from "./deliveries.ts";
import { outputLines } from "./output-lines.ts";
import { detailedStart, shortStart, type TailedStart } from "./tail-formats.ts";

export interface OutputEvent extends LogEvent {
  /** "" = not said. */
  logStream: string;
}

/** The runtimes of Node and Python, and what begins with its time. */
const IN_TEXT = /^(?:\[?[A-Z]{1,10}\]?\t)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)[\t ]/;
/** Lambda's lines in JSON, Powertools, pino. */
const IN_JSON = /"(?:time|timestamp)" ?: ?(?:"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)"|(\d{13})[,}])/;
const MINUTE_MS = 60_000;
/** CloudWatch takes no longer messages; what goes on longer is an event of its own. */
const MAX_MESSAGE_CHARACTERS = 1_000_000;
/** Spread over lines, JSON is several times as long. */
const MAX_SPREAD_CHARACTERS = 16_000_000;

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
  let tailed: (TailedStart & { lines: string[]; characters: number }) | undefined;
  let isShortKnown = false;

  return { push, flush, end };

  function push(chunk: Buffer): void {
    lines.push(chunk);
    giveUndated(now());
  }

  /** Gives a message that may have gone on. */
  function flush(): void {
    if (!tailed) return;
    const { logStream, timestamp, message, lines: further } = tailed;
    tailed = undefined;
    const text = [message, ...further].join("\n");
    const ms = logStream === "" ? withinSecond(timestamp, text) : timestamp;
    give(logStream, ms, isSpread(message) ? compactJson(text) : text);
  }

  function end(): void {
    lines.end();
    flush();
    giveUndated(now());
  }

  function takeLine(line: string): void {
    let start = detailedStart(line);
    if (!start) {
      start = shortStart(line, isShortKnown);
      isShortKnown ||= start !== undefined;
    }
    if (start) {
      flush();
      tailed = { ...start, lines: [], characters: line.length };
    } else if (tailed) goOn(tailed, line);
    else takePlain(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  function goOn(event: NonNullable<typeof tailed>, line: string): void {
    const { timestamp, logStream, message, lines: further } = event;
    event.characters += line.length + 1;
    if (event.characters <= (isSpread(message) ? MAX_SPREAD_CHARACTERS : MAX_MESSAGE_CHARACTERS)) further.push(line);
    else {
      flush();
      tailed = { timestamp, logStream, message: line, lines: [], characters: line.length };
    }
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

/** `--format json` begins JSON in the line after the time and the log stream. */
function isSpread(message: string): boolean {
  return message.trim() === "";
}

/** `--format short` tells no milliseconds; the message often does. */
function withinSecond(ms: number, message: string): number {
  const ownMs = ms % 1000 === 0 ? timeOf(message) : undefined;
  return ownMs !== undefined && ownMs >= ms && ownMs < ms + 1000 ? ownMs : ms;
}

function timeOf(line: string): number | undefined {
  const [, text, number] = (line.startsWith("{") ? IN_JSON.exec(line.slice(0, 1_000)) : IN_TEXT.exec(line)) ?? [];
  const ms = text !== undefined ? Date.parse(text) : Number(number);
  return Number.isFinite(ms) ? ms : undefined;
}
