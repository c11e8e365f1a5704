/**
 * The JSON inside a CloudWatch Logs delivery, read without decoding its messages, a slice at a time.
 *
 * The events are found by searching the bytes. That relies on one fact of JSON: inside a string every quote stands
 * behind a backslash, so `,"` and `{"` are part of a message only where its closing quote is the one they end with. From
 * the first event on that CloudWatch did not write in its usual shape (other key order, white space) the delivery is
 * parsed whole, and its events are written again in the usual shape.
 */
import type { LogEvent, Slice } from "../telemetry.ts";
import { type Cut, type Origin, type Part, UnreadableEventError } from "./source.ts";

/** V8 keeps the text of a slice this long among its short-lived objects, where freeing it costs nothing. */
const SLICE_BYTES = 64 * 1024;
/** A slice that cannot be cut grows to this many (4 MB); then it goes as it is. */
const MAX_GROWTH = 64;

const EVENTS = '"logEvents":[';
const EVENT_START = Buffer.from('{"id":"');
const TIMESTAMP = Buffer.from('","timestamp":');
const MESSAGE = Buffer.from(',"message":"');
const NEXT_EVENT = '},{"id":"';
const NEXT_EVENT_BYTES = Buffer.from(NEXT_EVENT);
/** The same objects in a list, but not taken for events. */
const SPACED_OBJECT = '}, {"id":"';
/** How long ids are these days; any other length is looked for. */
const USUAL_ID_LENGTH = 56;
const QUOTE = 0x22;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;
/** What may follow the last event. */
const TAIL = /^\](?:,"policyLevel":"[A-Z_]{1,64}")?\}\s*$/;

interface Envelope {
  messageType: string;
  owner: string;
  logGroup: string;
  logStream: string;
}

/** Log group and stream, where the front of a damaged envelope tells them. */
export function originIn(text: string): Origin {
  const front = text.slice(0, 4096);
  return {
    logGroup: /"logGroup"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(front)?.[1],
    logStream: /"logStream"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(front)?.[1],
  };
}

/** Reads one delivery, in as many pieces as it comes. */
export class EnvelopeReader {
  readonly #cut: Cut;
  /** Undefined until the first part is read. */
  #envelope: Envelope | undefined;
  /** What came and is no part yet, at the front of a buffer. */
  #held = Buffer.alloc(0);
  #heldLength = 0;
  readonly #sliceBytes: number;
  /** How many bytes to have before a part is looked for. */
  #wanted: number;
  /** Everything from the first event of another shape on; undefined while there is none. */
  #unusual: Buffer[] | undefined;

  constructor(cut: Cut, sliceBytes = SLICE_BYTES) {
    this.#cut = cut;
    this.#sliceBytes = sliceBytes;
    this.#wanted = sliceBytes;
  }

  /**
   * The parts that can be made of what has come. Each is valid until the next is asked for.
   *
   * @param chunk the next decompressed bytes
   * @param isLast whether no more will come
   * @throws {UnreadableEventError} when the bytes are no JSON, or no envelope of CloudWatch Logs
   */
  *read(chunk: Buffer, isLast: boolean): Generator<Part> {
    if (this.#unusual) this.#unusual.push(Buffer.from(chunk));
    else yield* this.#readUsualShape(this.#joined(chunk), isLast);
    if (this.#unusual && isLast) yield* this.#readAnyShape(Buffer.concat(this.#unusual));
  }

  *#readUsualShape(bytes: Buffer, isLast: boolean): Generator<Part> {
    let at = 0;
    while (isLast || bytes.length - at >= this.#wanted) {
      // A rest of less than two slices is not divided.
      const isRest = bytes.length - at < 2 * this.#wanted;
      const slice = bytes.subarray(at, isRest ? bytes.length : at + this.#wanted);
      const taken = this.#take(slice, isLast && isRest);
      if (!taken) {
        this.#unusual = [Buffer.from(bytes.subarray(at))];
        return;
      }
      if (taken.part) yield taken.part;
      if (isLast && isRest) return;
      at += taken.length;
      this.#wanted = taken.part ? this.#sliceBytes : 2 * slice.length;
    }
    this.#hold(bytes.subarray(at));
  }

  /**
   * The events at the front of some bytes, and how many bytes they take; no part where more bytes are needed first, and
   * undefined where CloudWatch would have written something else.
   */
  #take(bytes: Buffer, isLast: boolean): { part?: Part; length: number } | undefined {
    const text = bytes.toString("latin1");
    const head = this.#envelope ? { envelope: this.#envelope, end: 0 } : readHead(bytes, text);
    const closing = isLast ? text.lastIndexOf("]") : -1;
    if (!head || (isLast && !TAIL.test(text.slice(closing)))) return undefined;
    const found = findEvents({ bytes, text }, head.end, closing);
    if (!found) return undefined;
    const { logEvents, end } = found;
    const slice = { bytes, text };
    const isWhole = isLast || bytes.length >= MAX_GROWTH * this.#sliceBytes;
    const count = isWhole ? logEvents.length : this.#cut(slice, logEvents);
    if (count === 0 && !isLast) return { length: 0 };
    const length = logEvents[count]?.start ?? end;
    logEvents.length = count;
    this.#envelope = head.envelope;
    return { part: partOf(head.envelope, slice, logEvents), length };
  }

  *#readAnyShape(bytes: Buffer): Generator<Part> {
    const { envelope, events } = this.#envelope
      ? parseEnvelope(`${JSON.stringify(this.#envelope).slice(0, -1)},${EVENTS}${bytes}`)
      : parseEnvelope(bytes.toString("utf8"));
    this.#envelope = envelope;
    this.#heldLength = 0;
    this.#unusual = undefined;
    yield* this.#readUsualShape(rewritten(events, envelope), true);
    if (this.#unusual) throw new Error("log events were not written in the usual shape");
  }

  /** What is held and what has come, in one buffer. */
  #joined(chunk: Buffer): Buffer {
    if (this.#heldLength === 0) return chunk;
    const length = this.#heldLength + chunk.length;
    this.#reserve(length);
    this.#held.set(chunk, this.#heldLength);
    return this.#held.subarray(0, length);
  }

  #hold(rest: Buffer): void {
    this.#reserve(rest.length);
    this.#held.set(rest);
    this.#heldLength = rest.length;
  }

  #reserve(length: number): void {
    if (length <= this.#held.length) return;
    const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.#held.length, 2 * this.#sliceBytes));
    grown.set(this.#held.subarray(0, this.#heldLength));
    this.#held = grown;
  }
}

/** Everything before the events, which is small. */
function readHead(bytes: Buffer, text: string): { envelope: Envelope; end: number } | undefined {
  const eventsAt = text.indexOf(EVENTS);
  if (eventsAt === -1) return undefined;
  try {
    const envelope = envelopeIn(JSON.parse(`${bytes.toString("utf8", 0, eventsAt)}${EVENTS}]}`));
    return envelope && { envelope, end: eventsAt + EVENTS.length };
  } catch {
    return undefined;
  }
}

/**
 * The positions of the whole events from `from` on, and where they end; undefined when any has another shape than
 * CloudWatch writes.
 *
 * @param closing where the list of events ends; -1: behind the text
 */
function findEvents(slice: Slice, from: number, closing: number): { logEvents: LogEvent[]; end: number } | undefined {
  const { bytes, text } = slice;
  const logEvents: LogEvent[] = [];
  let start = from;
  while (start !== closing) {
    const message = findMessage(slice, start);
    const usualEnd = message === -1 ? -1 : findUsualEnd(slice, message);
    if (usualEnd !== -1) {
      logEvents.push({ start, message, messageEnd: usualEnd - 1, end: usualEnd });
      start = usualEnd + 2;
      continue;
    }
    const next = text.indexOf(NEXT_EVENT, message === -1 ? start : message);
    const isLast = closing !== -1 && (next === -1 || next > closing);
    if (next === -1 && !isLast) return { logEvents, end: start };
    const end = isLast ? closing - 1 : next;
    const messageEnd = message === -1 ? -1 : findQuote(text, message);
    if (messageEnd === -1 || messageEnd >= end || bytes[end] !== CLOSING_BRACE) return undefined;
    if (messageEnd + 1 !== end && !areKeys(text.slice(messageEnd + 1, end))) return undefined;
    logEvents.push({ start, message, messageEnd, end });
    start = isLast ? closing : end + 2;
  }
  return { logEvents, end: start };
}

/** The first byte of the message of the event at `start`; -1 when it has another shape. */
function findMessage({ bytes, text }: Slice, start: number): number {
  if (!isAt(bytes, start, EVENT_START)) return -1;
  const id = start + EVENT_START.length;
  const usualEnd = id + USUAL_ID_LENGTH;
  const idEnd = isAt(bytes, usualEnd, TIMESTAMP) ? usualEnd : findQuote(text, id);
  if (idEnd !== usualEnd && !isAt(bytes, idEnd, TIMESTAMP)) return -1;
  const timestamp = idEnd + TIMESTAMP.length;
  const end = findNoDigit(bytes, timestamp);
  return end > timestamp && isAt(bytes, end, MESSAGE) ? end + MESSAGE.length : -1;
}

/** As `startsWith` of a string, which takes longer for words as short as these. */
function isAt(bytes: Buffer, at: number, word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word[index]) return false;
  return true;
}

/**
 * Where an event ends whose last key is the message and behind which another begins; -1 when that is not certain.
 * Looking at every quote of a message that is JSON itself would take longer than all other searches together.
 */
function findUsualEnd({ bytes, text }: Slice, message: number): number {
  const quote = text.indexOf('"', message);
  if (bytes[quote - 1] !== BACKSLASH) return isAt(bytes, quote + 1, NEXT_EVENT_BYTES) ? quote + 1 : -1;
  const next = text.indexOf('{"', message);
  const end = next - 2;
  if (next === -1 || bytes[end] !== CLOSING_BRACE || bytes[end - 1] !== QUOTE || isEscaped(text, end - 1)) return -1;
  const nextKey = text.indexOf(',"', message);
  return nextKey > end && isAt(bytes, end, NEXT_EVENT_BYTES) ? end : -1;
}

/** The first quote from `from` on that is not behind a backslash. */
function findQuote(text: string, from: number): number {
  let quote = text.indexOf('"', from);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote;
}

function findNoDigit(bytes: Buffer, from: number): number {
  let at = from;
  while ((bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at++;
  return at;
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

/** @throws {UnreadableEventError} */
function parseEnvelope(given: string): { envelope: Envelope; events: unknown[] } {
  const text = given.trim();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const problem = isCut(text) ? "the delivery is cut short: its JSON has no end" : "the delivery is not JSON";
    throw new UnreadableEventError(problem, originIn(text));
  }
  const envelope = envelopeIn(parsed);
  const { logGroup, logStream, logEvents: events } = isObject(parsed) ? parsed : {};
  if (envelope && Array.isArray(events)) return { envelope, events };
  throw new UnreadableEventError(
    "the delivery is JSON but not of CloudWatch Logs: it has no messageType, logGroup, logStream or logEvents",
    {
      logGroup: typeof logGroup === "string" ? logGroup : undefined,
      logStream: typeof logStream === "string" ? logStream : undefined,
    },
  );
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
      at = findQuote(text, at + 1);
      if (at === -1) return true;
    }
    if (depth === 0) return false;
  }
  return true;
}

/**
 * The events in the usual shape, up to the end of the delivery.
 *
 * @throws {UnreadableEventError} when there is no writing them again, because they nest deeper than the stack
 */
function rewritten(events: unknown[], envelope: Envelope): Buffer {
  try {
    return Buffer.from(`${events.map(writeEvent).join(",")}]}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnreadableEventError("the delivery is nested too deeply", envelope);
  }
}

/** What is not an event of CloudWatch's becomes the message of one. */
function writeEvent(event: unknown): string {
  const given: Record<string, unknown> = isObject(event) ? event : { message: event };
  const { id, timestamp, message, ...others } = given;
  const time = Number.isSafeInteger(timestamp) && (timestamp as number) >= 0 ? timestamp : 0;
  // Not within a text, where quotes stand behind backslashes.
  const further = JSON.stringify(others).slice(1, -1).replaceAll(NEXT_EVENT, SPACED_OBJECT);
  const fields = `"id":${JSON.stringify(textOf(id ?? ""))},"timestamp":${time},"message":${JSON.stringify(textOf(message))}`;
  return `{${fields}${further && `,${further}`}}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function partOf(envelope: Envelope, slice: Slice, logEvents: LogEvent[]): Part {
  const { messageType, owner, logGroup, logStream } = envelope;
  const events = logEvents.length;
  if (messageType === "CONTROL_MESSAGE") return { events, dropped: { controlMessage: events }, batches: [] };
  if (messageType !== "DATA_MESSAGE") {
    throw new UnreadableEventError("the delivery's messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE", envelope);
  }
  return { events, dropped: {}, batches: [{ owner, logGroup, logStream, slice, logEvents }] };
}

function envelopeIn(value: unknown): Envelope | undefined {
  if (!isObject(value)) return undefined;
  const { messageType, owner, logGroup, logStream } = value;
  if (typeof messageType !== "string" || typeof logGroup !== "string" || typeof logStream !== "string")
    return undefined;
  return { messageType, owner: typeof owner === "string" ? owner : "", logGroup, logStream };
}
