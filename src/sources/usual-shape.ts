/**
 * Log events as CloudWatch writes them, found by searching the bytes.
 *
 * That relies on one fact of JSON: inside a string every quote stands behind a backslash, so `,"` and `{"` are part of a
 * message only where its closing quote is the one they end with.
 */
import type { LogEvent, Slice } from "../telemetry.ts";
import { FixedText } from "./fixed-text.ts";

export const NEXT_EVENT = '},{"id":"';
const EVENT_START = new FixedText('{"id":"');
const TIMESTAMP = new FixedText('","timestamp":');
const MESSAGE = new FixedText(',"message":"');
const EVENT_END = new FixedText(NEXT_EVENT);
/** How long ids are these days; any other length is looked for. */
const USUAL_ID_LENGTH = 56;
const QUOTE = 0x22;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;
/** What may follow the last event. */
export const TAIL = /^\](?:,"policyLevel":"[A-Z_]{1,64}")?\}\s*$/;

/** A class, not an object literal (decision 58). */
class FoundEvent implements LogEvent {
  declare readonly start: number;
  declare readonly message: number;
  declare readonly messageEnd: number;
  declare readonly end: number;

  constructor(start: number, message: number, messageEnd: number, end: number) {
    this.start = start;
    this.message = message;
    this.messageEnd = messageEnd;
    this.end = end;
  }

  /** Decision 58. */
  static readonly kept = new FoundEvent(0, 0, 0, 0);
}

/**
 * The positions of the whole events from `from` on, and where they end; undefined when any has another shape than
 * CloudWatch writes.
 *
 * @param closing where the list of events ends; -1: behind the text
 */
export function findEvents(
  slice: Slice,
  from: number,
  closing: number,
): { logEvents: LogEvent[]; end: number } | undefined {
  const { bytes, text } = slice;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const logEvents: LogEvent[] = [];
  let start = from;
  while (start !== closing) {
    const message = findMessage(slice, view, start);
    const usualEnd = message === -1 ? -1 : findUsualEnd(slice, view, message);
    if (usualEnd !== -1) {
      logEvents.push(new FoundEvent(start, message, usualEnd - 1, usualEnd));
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
    logEvents.push(new FoundEvent(start, message, messageEnd, end));
    start = isLast ? closing : end + 2;
  }
  return { logEvents, end: start };
}

/** The first byte of the message of the event at `start`; -1 when it has another shape. */
function findMessage({ bytes, text }: Slice, view: DataView, start: number): number {
  if (!EVENT_START.standsAt(view, start)) return -1;
  const id = start + EVENT_START.length;
  const usualEnd = id + USUAL_ID_LENGTH;
  const idEnd = TIMESTAMP.standsAt(view, usualEnd) ? usualEnd : findQuote(text, id);
  if (idEnd !== usualEnd && !TIMESTAMP.standsAt(view, idEnd)) return -1;
  const timestamp = idEnd + TIMESTAMP.length;
  const end = findNoDigit(bytes, timestamp);
  return end > timestamp && MESSAGE.standsAt(view, end) ? end + MESSAGE.length : -1;
}

/**
 * Where an event ends whose last key is the message and behind which another begins; -1 when that is not certain.
 * Looking at every quote of a message that is JSON itself would take longer than all other searches together.
 */
function findUsualEnd({ bytes, text }: Slice, view: DataView, message: number): number {
  const quote = text.indexOf('"', message);
  if (bytes[quote - 1] !== BACKSLASH) return EVENT_END.standsAt(view, quote + 1) ? quote + 1 : -1;
  const next = text.indexOf('{"', message);
  const end = next - 2;
  if (next === -1 || bytes[end] !== CLOSING_BRACE || bytes[end - 1] !== QUOTE || isEscaped(text, end - 1)) return -1;
  const nextKey = text.indexOf(',"', message);
  return nextKey > end && EVENT_END.standsAt(view, end) ? end : -1;
}

/** The first quote from `from` on that is not behind a backslash. */
export function findQuote(text: string, from: number): number {
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
