/**
 * The JSON inside a CloudWatch Logs delivery, read without decoding its messages, a slice at a time.
 *
 * From the first event on that CloudWatch did not write in its usual shape (other key order, white space) the delivery is
 * parsed whole, and its events are written again in the usual shape.
 */
import type { LogEvent, Slice } from "../telemetry.ts";
import { parseEnvelope, rewritten } from "./any-shape.ts";
import { type Envelope, EVENTS, envelopeIn } from "./envelope.ts";
import { type Cut, type Part, UnreadableEventError } from "./source.ts";
import { findEvents, TAIL } from "./usual-shape.ts";

/** V8 keeps texts of less than 128 KB among its short-lived objects, where freeing them costs nothing. */
const SLICE_BYTES = 112 * 1024;
/** What is left is not divided where it is less than this many slices. */
const UNDIVIDED = 1.1;
/** A slice that cannot be cut grows to this many (3.5 MB); then it goes as it is. */
const MAX_GROWTH = 32;

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
      const isRest = bytes.length - at < UNDIVIDED * this.#wanted;
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
    return { part: { ...partOf(head.envelope, slice, logEvents), ...(!isLast && { goesOn: true }) }, length };
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

function partOf(envelope: Envelope, slice: Slice, logEvents: LogEvent[]): Part {
  const { messageType, owner, logGroup, logStream } = envelope;
  const events = logEvents.length;
  if (messageType === "CONTROL_MESSAGE") return { events, dropped: { controlMessage: events }, batches: [] };
  if (messageType !== "DATA_MESSAGE") {
    throw new UnreadableEventError("the delivery's messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE", envelope);
  }
  return { events, dropped: {}, batches: [{ owner, logGroup, logStream, slice, logEvents }] };
}
