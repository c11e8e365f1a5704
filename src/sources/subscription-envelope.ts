/**
 * The JSON inside a CloudWatch Logs delivery, read without decoding its messages.
 *
 * `readEnvelope` finds the events by searching the bytes. It relies on one fact of JSON: inside a string every quote
 * stands behind a backslash, so `,"` and `{"` are never part of a message. An envelope that CloudWatch did not write in
 * its usual shape (other key order, white space) is parsed, and its events are written again in the usual shape.
 */
import type { LogEvent, LogEventBatch } from "../telemetry.ts";
import { type Delivery, UnreadableEventError } from "./source.ts";

const EVENTS = '"logEvents":[';
const EVENT_START = '{"id":"';
const TIMESTAMP = '","timestamp":';
const MESSAGE = ',"message":"';
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
    const message = timestampEnd + MESSAGE.length;
    const next = text.indexOf('},{"id":"', message);
    const end = next === -1 || next > to ? to - 1 : next;
    if (text.charCodeAt(end) !== 0x7d) return undefined;
    // The next key: of this event (extractedFields), or the timestamp of the event behind it.
    const key = text.indexOf(',"', message);
    const messageEnd = key === -1 || key > end ? end - 1 : key - 1;
    if (text.charCodeAt(messageEnd) !== 0x22 || messageEnd < message) return undefined;
    events.push({ start, message, messageEnd, end });
    if (end === to - 1) return events;
    start = end + 2;
  }
}

function readAnyShape(bytes: Buffer): Delivery {
  const text = bytes.toString("utf8").trim();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const isCut = text.startsWith("{") && !text.endsWith("}");
    const problem = isCut ? "the delivery is cut short: its JSON has no end" : "the delivery is not JSON";
    throw new UnreadableEventError(problem, namesIn(text));
  }
  const envelope = envelopeIn(parsed);
  const events = (parsed as { logEvents?: unknown } | null)?.logEvents;
  if (!envelope || !Array.isArray(events)) {
    throw new UnreadableEventError(
      "the delivery is JSON but not of CloudWatch Logs: it has no messageType, logGroup, logStream or logEvents",
    );
  }
  return delivery(envelope, writeEvents(events));
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
      `{"id":${JSON.stringify(String(id ?? ""))},"timestamp":${Number.isFinite(timestamp) ? timestamp : 0},"message":"`,
    );
    const body = JSON.stringify(typeof message === "string" ? message : (JSON.stringify(message) ?? ""));
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

function namesIn(text: string): { logGroup?: string | undefined; logStream?: string | undefined } {
  return {
    logGroup: /"logGroup"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(text.slice(0, 4096))?.[1],
    logStream: /"logStream"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(text.slice(0, 4096))?.[1],
  };
}
