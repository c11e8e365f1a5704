/**
 * Finds the events in a content of any kind that logs are stored in, piece by piece.
 *
 * A line is an event. A JSON object is one too, however many lines it has and whatever it is glued to, and so is each
 * element of a list, or of the list in an object of CloudTrail or AWS Config. A delivery of CloudWatch Logs is what it would
 * be from CloudWatch Logs. What is damaged in any of that is lines again, so that it costs nothing but itself.
 */
import {
  flowFieldsIn,
  HEAD_BYTES,
  isDefaultFlow,
  isEnvelopeHead,
  isW3cDirective,
  recordsHeadLength,
} from "./content-heads.ts";
import type { EventWriter } from "./event-writer.ts";
import { JsonExtent } from "./json-extent.ts";
import { type Cut, type Part, UnreadableEventError } from "./source.ts";
import { EnvelopeReader } from "./subscription-envelope.ts";

/** A longer event is cut: more than any backend takes. */
const MAX_EVENT_BYTES = 1024 * 1024;
/** What stays of it, as JSON: with what a destination adds, less than Datadog takes. */
const MAX_CUT_BYTES = 900_000;
const TRUNCATION_MARK = "...TRUNCATED...";
/** Of a line, to tell whether it begins an event. */
const MAX_TESTED_BYTES = 4096;
/** CloudWatch Logs delivers a tenth of it. What is longer has no end. */
const MAX_ENVELOPE_BYTES = 32 * 1024 * 1024;
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

const [TAB, LINE_FEED, RETURN, SPACE, QUOTE] = [0x09, 0x0a, 0x0d, 0x20, 0x22];
const [BRACE, CLOSING_BRACE, BRACKET, CLOSING_BRACKET, COMMA] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c];

/**
 * `top`: between events. `elements`: in the list that holds the events. `tail`: behind it, in the object around it.
 * `group`: events of several lines. `long`: in an event that is cut. `envelope`: in a delivery of CloudWatch Logs.
 */
type Mode = "start" | "top" | "elements" | "tail" | "group" | "long" | "envelope";

interface LongEvent {
  front: Buffer;
  /** That it has so far. */
  bytes: number;
  isJson: boolean;
  /** What follows it. */
  back: Mode;
}

/** What goes with a place in the content, so that another reader can go on there. */
export interface ContentState {
  mode: Mode;
  /** Whether the list stands in an object. */
  isInObject: boolean;
  /** Of lines that have a header of their own. */
  fields: string[] | undefined;
}

export interface ContentOptions {
  cut: Cut;
  beginsEvent?: ((line: string) => boolean) | undefined;
  /** From where an earlier reader stopped; without it, from the beginning. */
  resumed?: { byte: number; line: number; state: ContentState } | undefined;
}

export class ContentReader {
  readonly #writer: EventWriter;
  readonly #cut: Cut;
  readonly #beginsEvent: ((line: string) => boolean) | undefined;
  readonly #extent = new JsonExtent();
  #mode: Mode = "start";
  #isInObject = false;
  #fields: string[] | undefined;
  /** Nothing but headers so far. */
  #isFront = true;
  /** What came and is not read yet. */
  #rest = Buffer.alloc(0);
  /** Where that begins in the content. */
  #base: number;
  #line: number;
  /** Up to here in the content, lines are lines, whatever they look like. */
  #textUntil = 0;
  #envelope: EnvelopeReader | undefined;
  #envelopeBytes = 0;
  /** Whether the delivery that is read turned out to be damaged. */
  #hasFailed = false;
  /** The first. */
  #problem: UnreadableEventError | undefined;
  #long: LongEvent | undefined;
  /** Of a group of lines, how many bytes are known not to begin another event. */
  #grouped = 0;

  constructor(writer: EventWriter, { cut, beginsEvent, resumed }: ContentOptions) {
    this.#writer = writer;
    this.#cut = cut;
    this.#beginsEvent = beginsEvent;
    this.#base = resumed?.byte ?? 0;
    this.#line = resumed?.line ?? 0;
    if (resumed) {
      this.#mode = resumed.state.mode;
      this.#isInObject = resumed.state.isInObject;
      this.#fields = resumed.state.fields;
      this.#isFront = false;
    }
  }

  /** Where another reader can go on when all parts so far are taken; undefined in the middle of something. */
  get place(): { byte: number; line: number; state: ContentState } | undefined {
    const mode = this.#mode;
    if (mode === "long" || mode === "envelope" || mode === "start") return undefined;
    const state = { mode, isInObject: this.#isInObject, fields: this.#fields };
    return { byte: this.#base, line: this.#line, state };
  }

  /**
   * The parts that can be made of what has come. Each is valid until the next is asked for.
   *
   * @param piece the next bytes; they may be used again afterwards
   * @param isLast whether no more will come
   * @throws {UnreadableEventError} when a delivery of CloudWatch Logs is damaged
   */
  *read(piece: Buffer, isLast: boolean): Generator<Part> {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    for (;;) {
      const isEnvelope = this.#mode === "envelope";
      const next = isEnvelope ? this.#envelopeEnd(bytes, at, isLast) : this.#take(bytes, at, isLast);
      if (next === -1) break;
      const piece = bytes.subarray(at, next);
      this.#base += next - at;
      at = next;
      if (isEnvelope) yield* this.#readEnvelope(piece);
      else if (this.#writer.isFull) yield* this.#writer.take();
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    if (!isLast) return;
    yield* this.#writer.take();
    if (this.#problem) throw this.#problem;
  }

  /** Where the delivery ends, or what there is of it; -1: there is nothing. */
  #envelopeEnd(bytes: Buffer, at: number, isLast: boolean): number {
    const extent = this.#extent.scan(bytes, at);
    this.#extent.forget();
    const end = extent ? ("end" in extent ? extent.end : extent.brokenAt) : bytes.length;
    if (extent || isLast) this.#become("top");
    return end === at && !isLast ? -1 : end;
  }

  /** What is wrong with one delivery is thrown when all others are read. */
  *#readEnvelope(piece: Buffer): Generator<Part> {
    const envelope = this.#envelope as EnvelopeReader;
    this.#envelopeBytes += piece.length;
    try {
      if (this.#envelopeBytes > MAX_ENVELOPE_BYTES) {
        throw new UnreadableEventError(`a delivery of CloudWatch Logs has more than ${MAX_ENVELOPE_BYTES} bytes`);
      }
      // An envelope that has failed takes no more.
      if (this.#hasFailed) return;
      yield* envelope.read(piece, this.#mode !== "envelope");
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      this.#hasFailed = true;
      this.#problem ??= error;
    }
  }

  /** What is written so far, where an error ends the reading. */
  flush(): Generator<Part> {
    return this.#writer.take();
  }

  /** Reads what stands at `at`, and gives where it ends; -1 when more has to come first, or there is no more. */
  #take(bytes: Buffer, at: number, isLast: boolean): number {
    switch (this.#mode) {
      case "start":
        return this.#takeStart(bytes, at, isLast);
      case "elements":
        return this.#takeElement(bytes, at, isLast);
      case "tail":
        return this.#takeTail(bytes, at, isLast);
      case "group":
        return this.#takeGroup(bytes, at, isLast);
      case "long":
        return this.#takeLong(bytes, at, isLast);
      default:
        return this.#takeTop(bytes, at, isLast);
    }
  }

  /** Decides what kind of content it is where that is said once. */
  #takeStart(bytes: Buffer, at: number, isLast: boolean): number {
    if (bytes.length - at < MAX_TESTED_BYTES && !isLast) return -1;
    const start = bytes.indexOf(BYTE_ORDER_MARK, at) === at ? at + BYTE_ORDER_MARK.length : at;
    if (this.#beginsEvent?.(bytes.toString("utf8", start, start + MAX_TESTED_BYTES))) {
      this.#become("group");
      return start;
    }
    const first = afterBlank(bytes, start);
    const second = bytes[first] === BRACKET ? afterBlank(bytes, first + 1) : bytes.length;
    const third = bytes[second] === BRACE ? bytes[afterBlank(bytes, second + 1)] : undefined;
    if (third === QUOTE || third === CLOSING_BRACE) {
      this.#isInObject = false;
      this.#become("elements");
      return first + 1;
    }
    this.#become("top");
    return start;
  }

  #takeTop(bytes: Buffer, at: number, isLast: boolean): number {
    const start = afterBlank(bytes, at);
    if (start === bytes.length) {
      if (isLast || start - at > MAX_EVENT_BYTES) return start === at ? -1 : start;
      return -1;
    }
    const lineStart = at + bytes.subarray(at, start).lastIndexOf(LINE_FEED) + 1;
    const isText = this.#base + (start - at) < this.#textUntil;
    if (bytes[start] !== BRACE || isText) return this.#takeLine(bytes, at, lineStart, isLast);
    const inner = afterBlank(bytes, start + 1);
    if (inner === bytes.length && !isLast && inner - start < MAX_TESTED_BYTES) return -1;
    if (bytes[inner] !== QUOTE && bytes[inner] !== CLOSING_BRACE) {
      return this.#takeLine(bytes, at, lineStart, isLast);
    }
    return this.#takeObject(bytes, at, lineStart, start, isLast);
  }

  /** An object, or what only begins as one. @param start of the object */
  #takeObject(bytes: Buffer, at: number, lineStart: number, start: number, isLast: boolean): number {
    const isNew = this.#extent.seen === 0;
    if (isNew || bytes.length - start <= 2 * HEAD_BYTES) {
      const isWhole = bytes.length - start >= HEAD_BYTES || isLast;
      const head = bytes.toString("latin1", start, start + HEAD_BYTES);
      if (isEnvelopeHead(head)) {
        this.#extent.reset();
        this.#envelope = new EnvelopeReader(this.#cut);
        this.#envelopeBytes = 0;
        this.#hasFailed = false;
        this.#isFront = false;
        this.#mode = "envelope";
        return start;
      }
      const length = recordsHeadLength(head);
      if (length > 0) {
        this.#isInObject = true;
        this.#become("elements");
        return start + length;
      }
      // The list may still come where the value goes on behind what is there.
      if (!isWhole && !isWholeValue(bytes, start)) return -1;
    }
    const extent = this.#extent.scan(bytes, start);
    if (extent && "end" in extent) return this.#afterObject(bytes, at, lineStart, start, extent.end, isLast);
    const brokenAt = extent?.brokenAt ?? (isLast ? bytes.length : -1);
    const hasLines = bytes.subarray(start, brokenAt === -1 ? undefined : brokenAt).includes(LINE_FEED);
    if (brokenAt === -1) {
      if (bytes.length - start <= MAX_EVENT_BYTES) return -1;
      if (!hasLines) return this.#beginLong(bytes, start, true);
    }
    this.#extent.reset();
    this.#textUntil = this.#base + ((brokenAt === -1 ? bytes.length : brokenAt) - at);
    return this.#takeLine(bytes, at, lineStart, isLast);
  }

  #afterObject(bytes: Buffer, at: number, lineStart: number, start: number, end: number, isLast: boolean): number {
    let behind = end;
    while (behind < bytes.length && isBlankInLine(bytes[behind])) behind++;
    if (bytes[behind] === COMMA) behind++;
    while (behind < bytes.length && isBlankInLine(bytes[behind])) behind++;
    this.#extent.reset();
    // The scan is short, or is made once more at the end of a piece.
    if (behind === bytes.length && !isLast && behind - end < MAX_TESTED_BYTES) return -1;
    const isAlone = behind === bytes.length || bytes[behind] === LINE_FEED || bytes[behind] === BRACE;
    if (!isAlone && !bytes.subarray(start, end).includes(LINE_FEED)) {
      return this.#takeLine(bytes, at, lineStart, isLast);
    }
    this.#emit(bytes, start, end);
    return isAlone ? behind : end;
  }

  /** @param lineStart where the line begins, with the blanks it is indented by */
  #takeLine(bytes: Buffer, at: number, lineStart: number, isLast: boolean): number {
    const lineFeed = bytes.indexOf(LINE_FEED, lineStart);
    if (lineFeed === -1 && !isLast) {
      return bytes.length - lineStart <= MAX_EVENT_BYTES ? -1 : this.#beginLong(bytes, lineStart, false);
    }
    const end = lineFeed === -1 ? bytes.length : lineFeed;
    const last = bytes[end - 1] === RETURN ? end - 1 : end;
    this.#extent.reset();
    if (
      this.#isFront &&
      this.#isHeader(bytes.toString("utf8", lineStart, Math.min(last, lineStart + MAX_TESTED_BYTES)))
    ) {
      this.#writer.drop("header");
    } else this.#emit(bytes, lineStart, last);
    return Math.max(end, at + 1);
  }

  /** Only at the front of a content is a line a header. */
  #isHeader(line: string): boolean {
    if (isW3cDirective(line)) return true;
    const fields = this.#base < MAX_TESTED_BYTES ? flowFieldsIn(line) : undefined;
    if (fields && !isDefaultFlow(fields)) this.#fields = fields;
    return fields !== undefined;
  }

  #takeElement(bytes: Buffer, at: number, isLast: boolean): number {
    let start = at;
    while (start < bytes.length && (isBlank(bytes[start]) || bytes[start] === COMMA)) start++;
    if (start === bytes.length) return start === at ? -1 : start;
    const first = bytes[start];
    if (first === CLOSING_BRACKET) {
      this.#become(this.#isInObject ? "tail" : "top");
      return start + 1;
    }
    const isScalar = first !== BRACE && first !== BRACKET && first !== QUOTE;
    const extent = isScalar ? scalarExtent(bytes, start) : this.#extent.scan(bytes, start);
    if (extent && "end" in extent) {
      this.#extent.reset();
      this.#emit(bytes, start, extent.end);
      return extent.end;
    }
    if (!extent && !isLast) {
      return bytes.length - start <= MAX_EVENT_BYTES ? -1 : this.#beginLong(bytes, start, !isScalar);
    }
    // The list is damaged: from here on there are lines.
    this.#become("top");
    this.#textUntil = this.#base + ((extent?.brokenAt ?? bytes.length) - at);
    return start;
  }

  /** The members behind the list say nothing that is a log. */
  #takeTail(bytes: Buffer, at: number, isLast: boolean): number {
    for (let end = at; end < bytes.length; end++) {
      if (bytes[end] === QUOTE || bytes[end] === BRACE || bytes[end] === BRACKET) {
        const extent = this.#extent.scan(bytes, end);
        if (!extent && !isLast) {
          this.#extent.reset();
          if (bytes.length - end <= MAX_EVENT_BYTES) return end === at ? -1 : end;
        }
        this.#extent.reset();
        if (!extent || "brokenAt" in extent) {
          this.#become("top");
          return end;
        }
        end = extent.end - 1;
      } else if (bytes[end] === CLOSING_BRACE) {
        this.#become("top");
        return end + 1;
      }
    }
    return at === bytes.length ? -1 : bytes.length;
  }

  #takeGroup(bytes: Buffer, at: number, isLast: boolean): number {
    let from = at + this.#grouped;
    for (;;) {
      const lineFeed = bytes.indexOf(LINE_FEED, from);
      const isTooLong = (lineFeed === -1 ? bytes.length : lineFeed) - at > MAX_EVENT_BYTES;
      if (lineFeed === -1) {
        if (isLast) return this.#emitGroup(bytes, at, bytes.length, bytes.length);
        if (isTooLong) return this.#beginLong(bytes, at, false);
        this.#grouped = from - at;
        return -1;
      }
      const lineEnd = bytes.indexOf(LINE_FEED, lineFeed + 1);
      const known = (lineEnd === -1 ? bytes.length : lineEnd) - lineFeed - 1;
      if (lineEnd === -1 && known < MAX_TESTED_BYTES && !isLast) {
        this.#grouped = from - at;
        return -1;
      }
      const line = bytes.toString("utf8", lineFeed + 1, lineFeed + 1 + Math.min(known, MAX_TESTED_BYTES));
      if (isTooLong || (line && this.#beginsEvent?.(line))) {
        return this.#emitGroup(bytes, at, lineFeed, lineFeed + 1);
      }
      from = lineFeed + 1;
    }
  }

  #emitGroup(bytes: Buffer, start: number, end: number, next: number): number {
    this.#grouped = 0;
    let last = end;
    while (last > start && isBlank(bytes[last - 1])) last--;
    this.#emit(bytes, start, last);
    return next > start ? next : -1;
  }

  /** Keeps the front of an event that is too long, and no more. */
  #beginLong(bytes: Buffer, start: number, isJson: boolean): number {
    const back = this.#mode === "elements" || this.#mode === "group" ? this.#mode : "top";
    this.#long = {
      front: Buffer.from(bytes.subarray(start, start + MAX_EVENT_BYTES)),
      bytes: bytes.length - start,
      isJson,
      back,
    };
    if (isJson) this.#extent.forget();
    this.#grouped = 0;
    this.#mode = "long";
    return bytes.length;
  }

  #takeLong(bytes: Buffer, at: number, isLast: boolean): number {
    const long = this.#long as LongEvent;
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    let end = lineFeed;
    if (long.isJson) {
      const extent = this.#extent.scan(bytes, at);
      this.#extent.forget();
      end = extent ? ("end" in extent ? extent.end : extent.brokenAt) : -1;
      if (long.back === "top" && lineFeed !== -1 && (end === -1 || lineFeed < end)) end = lineFeed;
    }
    const stop = end === -1 ? bytes.length : end;
    long.bytes += stop - at;
    if (end === -1 && !isLast) return stop === at ? -1 : stop;
    this.#become(long.back);
    this.#long = undefined;
    this.#emitCut(long.front, long.bytes);
    return stop;
  }

  #emit(bytes: Buffer, start: number, end: number): void {
    if (end - start > MAX_EVENT_BYTES) {
      this.#emitCut(bytes.subarray(start, start + MAX_EVENT_BYTES), end - start);
      return;
    }
    if (end <= start) return;
    const message = bytes.toString("utf8", start, end);
    this.#isFront = false;
    this.#line++;
    this.#writer.add(message, this.#fields && fieldsOf(message, this.#fields));
  }

  /** @param wholeBytes that it had */
  #emitCut(front: Buffer, wholeBytes: number): void {
    let end = Math.min(front.length, MAX_CUT_BYTES);
    let message = "";
    for (;;) {
      // Half of a character at the end is no character.
      message = front.toString("utf8", 0, end).replace(/\ufffd$/, "");
      const bytes = Buffer.byteLength(JSON.stringify(message));
      if (bytes <= MAX_CUT_BYTES) break;
      end = Math.floor((end * MAX_CUT_BYTES * 0.99) / bytes);
    }
    this.#isFront = false;
    this.#line++;
    this.#writer.add(message + TRUNCATION_MARK, { truncated: wholeBytes });
  }

  #become(mode: Mode): void {
    this.#mode = mode;
    this.#extent.reset();
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
}

function isBlankInLine(byte: number | undefined): boolean {
  return byte === SPACE || byte === RETURN || byte === TAB;
}

function afterBlank(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at;
}

function scalarExtent(bytes: Buffer, start: number): { end: number } | undefined {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === COMMA || byte === CLOSING_BRACKET || byte === CLOSING_BRACE || isBlank(byte)) {
      return { end: Math.max(at, start + 1) };
    }
  }
  return undefined;
}

function isWholeValue(bytes: Buffer, start: number): boolean {
  return new JsonExtent().scan(bytes, start) !== undefined;
}

/** What a line of VPC flow logs says, by the names in its header. */
function fieldsOf(line: string, names: readonly string[]): Record<string, unknown> | undefined {
  const values = line.split(" ");
  return values.length === names.length
    ? { flow: Object.fromEntries(names.map((name, index) => [name, values[index]])) }
    : undefined;
}
