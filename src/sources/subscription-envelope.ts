/**
 * The JSON inside a CloudWatch Logs delivery, read without decoding its messages.
 *
 * `readEnvelope` finds the events by searching the bytes. It relies on one fact of JSON: inside a string every quote
 * stands behind a backslash, so `,"` and `{"` are part of a message only where its closing quote is the one they end
 * with. An envelope that CloudWatch did not write in its usual shape (other key order, white space) is parsed, and its
 * events are written again in the usual shape.
 */
import type { LogEvent, LogEventBatch } from "../telemetry.ts";
import { type Delivery, type Origin, UnreadableEventError } from "./source.ts";

const EVENTS = '"logEvents":[';
const EVENT_START = '{"id":"';
const TIMESTAMP = '","timestamp":';
const MESSAGE = ',"message":"';
const NEXT_EVENT = '},{"id":"';
const [QUOTE, BACKSLASH, CLOSING_BRACE] = [0x22, 0x5c, 0x7d];
/** What may follow the last event. */
const TAIL = /^\](?:,"policyLevel":"[A-Z_]{1,64}")?\}\s*$/;

interface Envelope {
  messageType: string;
  owner: string;
  logGroup: string;
  logStream: string;
}

/**
 * @param bytes the decompressed JSON
 * @throws {UnreadableEventError} when the bytes are no JSON, or no envelope of CloudWatch Logs
 */
export function readEnvelope(bytes: Buffer): Delivery {
  return readUsualShape(bytes) ?? readAnyShape(bytes);
}

/** Log group and stream, where the front of a damaged envelope tells them. */
export function originIn(text: string): Origin {
  const front = text.slice(0, 4096);
  return {
    logGroup: /"logGroup"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(front)?.[1],
    logStream: /"logStream"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(front)?.[1],
  };
}

function readUsualShape(bytes: Buffer): Delivery | undefined {
  const text = bytes.toString("latin1");
  const eventsAt = text.indexOf(EVENTS);
  if (eventsAt === -1) return undefined;
  const envelope = readHead(bytes, eventsAt);
  if (!envelope) return undefined;
  const closing = text.lastIndexOf("]");
  if (!TAIL.test(text.slice(closing))) return undefined;
  const logEvents = findEvents(text, eventsAt + EVENTS.length, closing);
  return logEvents && delivery(envelope, { slice: { bytes, text }, logEvents });
}

/** Everything before the events, which is small. */
function readHead(bytes: Buffer, eventsAt: number): Envelope | undefined {
  try {
    return envelopeIn(JSON.parse(`${bytes.toString("utf8", 0, eventsAt)}${EVENTS}]}`));
  } catch {
    return undefined;
  }
}

/** The positions of the events between `from` and `to`; undefined when any has another shape than CloudWatch writes. */
function findEvents(text: string, from: number, to: number): LogEvent[] | undefined {
  const events: LogEvent[] = [];
  if (from === to) return events;
  let start = from;
  for (;;) {
    if (!text.startsWith(EVENT_START, start)) return undefined;
    const idEnd = text.indexOf('"', start + EVENT_START.length);
    if (!text.startsWith(TIMESTAMP, idEnd)) return undefined;
    const timestampEnd = text.indexOf(",", idEnd + TIMESTAMP.length);
    if (!text.startsWith(MESSAGE, timestampEnd)) return undefined;
    if (!areDigits(text, idEnd + TIMESTAMP.length, timestampEnd)) return undefined;
    const message = timestampEnd + MESSAGE.length;
    const next = text.indexOf(NEXT_EVENT, message);
    const last = next === -1 || next > to ? to - 1 : next;
    const messageEnd = findMessageEnd(text, message, last);
    if (messageEnd === -1 || messageEnd >= last) return undefined;
    const isLastKey = messageEnd + 1 === last;
    if (!isLastKey && !areKeys(text.slice(messageEnd + 1, last))) return undefined;
    if (text.charCodeAt(last) !== CLOSING_BRACE) return undefined;
    events.push({ start, message, messageEnd, end: last });
    if (last === to - 1) return events;
    start = last + 2;
  }
}

/**
 * The closing quote of the message. It usually is the quote before `last`, where the event should end, unless further
 * keys (`,"`) or events of another shape (`{"`) lie between. Looking at every quote of a message that is JSON itself
 * would take longer than all other searches together.
 */
function findMessageEnd(text: string, message: number, last: number): number {
  const firstQuote = text.indexOf('"', message);
  if (firstQuote === -1 || !isEscaped(text, firstQuote)) return firstQuote;
  const isLastKey = !isWithin(text.indexOf(',"', message), last) && !isWithin(text.indexOf('{"', message), last);
  if (isLastKey && text.charCodeAt(last - 1) === QUOTE && !isEscaped(text, last - 1)) return last - 1;
  let quote = text.indexOf('"', firstQuote + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote;
}

function areDigits(text: string, from: number, to: number): boolean {
  let at = from;
  while (at < to && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++;
  return at === to && from < to;
}

function isWithin(position: number, last: number): boolean {
  return position !== -1 && position < last;
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (quote - before) % 2 === 1;
}

/** Whether `,"extractedFields":{…}` and the like is all there is behind the message. */
function areKeys(text: string): boolean {
  try {
    JSON.parse(`{"message":""${text}}`);
    return true;
  } catch {
    return false;
  }
}

function readAnyShape(bytes: Buffer): Delivery {
  const text = bytes.toString("utf8").trim();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const problem = isCut(text) ? "the delivery is cut short: its JSON has no end" : "the delivery is not JSON";
    throw new UnreadableEventError(problem, originIn(text));
  }
  const envelope = envelopeIn(parsed);
  const { logGroup, logStream, logEvents: events } = isObject(parsed) ? parsed : {};
  if (!envelope || !Array.isArray(events)) {
    throw new UnreadableEventError(
      "the delivery is JSON but not of CloudWatch Logs: it has no messageType, logGroup, logStream or logEvents",
      {
        logGroup: typeof logGroup === "string" ? logGroup : undefined,
        logStream: typeof logStream === "string" ? logStream : undefined,
      },
    );
  }
  return delivery(envelope, rewritten(events, envelope));
}

/** Whether an object begins that never ends. */
function isCut(text: string): boolean {
  if (!text.startsWith("{")) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    else if (char === '"') {
      at = text.indexOf('"', at + 1);
      while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
      if (at === -1) return true;
    }
    if (depth === 0) return false;
  }
  return true;
}

/** @throws {UnreadableEventError} when there is no writing it again, because it nests deeper than the stack */
function rewritten(events: unknown[], envelope: Envelope): ReturnType<typeof writeEvents> {
  try {
    return writeEvents(events);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnreadableEventError("the delivery is nested too deeply", envelope);
  }
}

/** Writes the events in the usual shape. What is not an event of CloudWatch's becomes the message of one. */
function writeEvents(events: unknown[]): Pick<LogEventBatch, "slice" | "logEvents"> {
  const written: string[] = [];
  const logEvents: LogEvent[] = [];
  let at = 0;
  const write = (part: string): number => {
    written.push(part);
    at += Buffer.byteLength(part);
    return at;
  };
  for (const event of events) {
    const given: Record<string, unknown> = isObject(event) ? event : { message: event };
    const { id, timestamp, message, ...others } = given;
    const start = at;
    write(
      `{"id":${JSON.stringify(textOf(id ?? ""))},"timestamp":${Number.isFinite(timestamp) ? timestamp : 0},"message":"`,
    );
    const body = JSON.stringify(textOf(message));
    const messageStart = at;
    const messageEnd = write(body.slice(1, -1));
    const rest = JSON.stringify(others);
    const end = write(rest === "{}" ? '"' : `",${rest.slice(1, -1)}`);
    write("},");
    logEvents.push({ start, message: messageStart, messageEnd, end });
  }
  const bytes = Buffer.from(written.join(""));
  return { slice: { bytes, text: bytes.toString("latin1") }, logEvents };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function delivery(envelope: Envelope, events: Pick<LogEventBatch, "slice" | "logEvents">): Delivery {
  const { messageType, owner, logGroup, logStream } = envelope;
  const count = events.logEvents.length;
  if (messageType === "CONTROL_MESSAGE") return { events: count, dropped: { controlMessage: count }, batches: [] };
  if (messageType !== "DATA_MESSAGE") {
    throw new UnreadableEventError("the delivery's messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE", envelope);
  }
  return { events: count, dropped: {}, batches: [{ owner, logGroup, logStream, ...events }] };
}

function envelopeIn(value: unknown): Envelope | undefined {
  if (!isObject(value)) return undefined;
  const { messageType, owner, logGroup, logStream } = value;
  if (typeof messageType !== "string" || typeof logGroup !== "string" || typeof logStream !== "string")
    return undefined;
  return { messageType, owner: typeof owner === "string" ? owner : "", logGroup, logStream };
}
