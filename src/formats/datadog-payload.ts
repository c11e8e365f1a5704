/**
 * Notes where everything stands in a trace payload line without decoding it: one look at each byte of the JSON inside
 * the JSON string. Parsing the same line twice, for the event and for its message, takes several times as long.
 *
 * It knows the shape that tracers write: texts are strings, ids 64-bit hex, times whole numbers, meta holds strings and
 * metrics numbers, at most one of each key. It gives up at anything else, even where it would be right to go on; then
 * `datadog-spans.ts` reads the line and says whether it is a payload. What is noted here is a payload for that reader
 * too, with the same spans.
 */
import { isUtf8 } from "node:buffer";
import type { Slice, SpanTable } from "../telemetry.ts";
import * as fields from "./datadog-span-fields.ts";
import { HIGH_HALF_KEY, readHighHalf } from "./datadog-spans.ts";
import {
  BACKSLASH,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COMMA,
  colon,
  ESCAPED_QUOTE,
  endOfDigits,
  endOfEscapedText,
  endOfNumber,
  endOfPlainText,
  hexDigit,
  NO,
  nothing,
  OPENING_BRACE,
  OPENING_BRACKET,
  open,
  QUOTE,
  SPACE,
  spaces,
  whiteSpace,
  word,
  ZERO,
} from "./escaped-json.ts";
import { META_START, METRICS_START, SpanKeys } from "./span-keys.ts";
import * as row from "./span-table.ts";
import { traceIdFromHex, withHighHalf } from "./trace-ids.ts";
import { NotedTrace, PARENT_SOURCE_KEY, REQUEST_ID_KEY } from "./trace-outline.ts";

/** Between a key and its text, and between a text and the next key, when there is no space. A quote follows. */
const KEY_TO_TEXT = word('\\":\\');
const TEXT_TO_KEY = word('\\",\\');
const NULL = word("null");
const LOWER_N = 0x6e;
/** Attributes whose values are noted, and their numbers. */
const NOTED_KEYS = [REQUEST_ID_KEY, PARENT_SOURCE_KEY, HIGH_HALF_KEY];
const [REQUEST_ID, PARENT_SOURCE] = [0, 1];
/** A number as JSON has it. */
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/**
 * @param from the first byte of the escaped message
 * @param to its closing quote
 * @returns undefined when the line is of another shape
 */
export function notePayload(slice: Slice, from: number, to: number, table: SpanTable): NotedTrace[] | undefined {
  const { bytes } = slice;
  // Every look ahead ends at this quote at the latest, and reaches three bytes behind it at most.
  if (bytes[to] !== QUOTE || bytes[to - 1] === BACKSLASH || to + 4 > bytes.length) return undefined;
  if (!isUtf8(bytes.subarray(from, to))) return undefined;
  // Neither a span nor an entry takes more cells than bytes.
  row.reserveCells(table, to - from);
  return new PayloadReader(slice, table, keysOf(table)).read(from, to);
}

/** The keys of the table's spans, which no other reader makes. Numbers count as long as there are spans with them. */
function keysOf(table: SpanTable): SpanKeys {
  const known = table.keys as SpanKeys | undefined;
  const keys = !known || (known.isFull && table.length === 0) ? new SpanKeys(NOTED_KEYS) : known;
  table.keys = keys;
  return keys;
}

/** Methods that read something take the position where it begins, and answer the one behind it, or NO. */
class PayloadReader {
  readonly #slice: Slice;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #table: SpanTable;
  readonly #cells: Int32Array;
  readonly #keys: SpanKeys;
  /** The first cell that is not taken. */
  #cell: number;
  /** The id of the trace that is being read, and where its first span has it. */
  #traceId = "";
  #traceIdStart = 0;
  #traceIdEnd = 0;
  #highHalf = "";

  constructor(slice: Slice, table: SpanTable, keys: SpanKeys) {
    this.#slice = slice;
    this.#bytes = slice.bytes;
    this.#view = new DataView(slice.bytes.buffer, slice.bytes.byteOffset, slice.bytes.length);
    this.#table = table;
    this.#cells = table.cells;
    this.#keys = keys;
    this.#cell = table.length;
  }

  /** `{"traces":[…]}` and white space, which is all of the line. */
  read(from: number, to: number): NotedTrace[] | undefined {
    const key = open(this.#bytes, from, OPENING_BRACE);
    if (key === NO || !this.#slice.text.startsWith('\\"traces\\"', key)) return undefined;
    const traces: NotedTrace[] = [];
    let at = colon(this.#bytes, key + 10);
    if (at !== NO) at = open(this.#bytes, at, OPENING_BRACKET);
    while (at !== NO) {
      at = this.#trace(at, traces);
      if (at === NO) return undefined;
      at = spaces(this.#bytes, at);
      if (this.#bytes[at] !== COMMA) break;
      at = spaces(this.#bytes, at + 1);
    }
    if (at === NO || this.#bytes[at] !== CLOSING_BRACKET) return undefined;
    at = spaces(this.#bytes, at + 1);
    if (this.#bytes[at] !== CLOSING_BRACE || whiteSpace(this.#bytes, at + 1) !== to) return undefined;
    this.#table.length = this.#cell;
    return traces;
  }

  #trace(start: number, traces: NotedTrace[]): number {
    let at = open(this.#bytes, start, OPENING_BRACKET);
    if (at === NO) return NO;
    const firstSpan = this.#cell;
    let spanCount = 0;
    this.#traceId = "";
    this.#highHalf = "";
    for (;;) {
      at = this.#span(at);
      if (at === NO) return NO;
      spanCount++;
      at = spaces(this.#bytes, at);
      if (this.#bytes[at] !== COMMA) break;
      at = spaces(this.#bytes, at + 1);
    }
    if (this.#bytes[at] !== CLOSING_BRACKET) return NO;
    const traceId = this.#highHalf ? withHighHalf(this.#traceId, this.#highHalf) : this.#traceId;
    traces.push(new NotedTrace(traceId, spanCount, firstSpan, this.#table, this.#slice));
    return at + 1;
  }

  #span(start: number): number {
    const cells = this.#cells;
    const span = this.#cell;
    this.#cell += row.SPAN_CELLS;
    for (let cell = span; cell < this.#cell; cell++) cells[cell] = 0;
    let read = 0;
    let at = open(this.#bytes, start, OPENING_BRACE);
    if (at === NO) return NO;
    for (;;) {
      if (this.#view.getUint16(at, true) !== ESCAPED_QUOTE) return NO;
      const key = at + 2;
      const keyEnd = endOfPlainText(this.#view, key);
      if (this.#view.getUint16(keyEnd, true) !== ESCAPED_QUOTE) return NO;
      const field = fields.fieldAt(this.#slice, this.#view, key, keyEnd);
      if (field === 0 || (read & field) !== 0) return NO;
      read |= field;
      at = colon(this.#bytes, keyEnd + 2);
      if (at === NO) return NO;
      at = this.#value(at, field, span);
      if (at === NO) return NO;
      at = spaces(this.#bytes, at);
      if (this.#bytes[at] !== COMMA) break;
      at = spaces(this.#bytes, at + 1);
    }
    if (this.#bytes[at] !== CLOSING_BRACE || (read & fields.TRACE_ID) === 0 || (read & fields.SPAN_ID) === 0) return NO;
    cells[span + row.NEXT] = this.#cell;
    cells[span + row.JSON_BYTES] = at + 1 - start;
    return at + 1;
  }

  #value(at: number, field: number, span: number): number {
    const isNull = this.#bytes[at] === LOWER_N;
    if (isNull && (field === fields.TRACE_ID || field === fields.SPAN_ID || this.#view.getInt32(at, true) !== NULL))
      return NO;
    if (isNull) return at + 4;
    switch (field) {
      case fields.TRACE_ID:
        return this.#traceIdAt(at);
      case fields.SPAN_ID:
        return this.#id(at, span + row.SPAN_ID, false);
      case fields.PARENT_ID:
        return this.#id(at, span + row.PARENT_ID, true);
      case fields.NAME:
        return this.#text(at, span + row.NAME);
      case fields.RESOURCE:
        return this.#text(at, span + row.RESOURCE);
      case fields.SERVICE:
        return this.#text(at, span + row.SERVICE);
      case fields.TYPE:
        return this.#text(at, span + row.TYPE);
      case fields.ERROR:
        return this.#smallInteger(at, span + row.ERROR);
      case fields.META:
        return this.#meta(at, span);
      case fields.METRICS:
        return this.#metrics(at, span);
      case fields.START:
        return this.#nano(at, span + row.START);
      case fields.DURATION:
        return this.#nano(at, span + row.DURATION);
      default:
        return nothing(this.#bytes, at);
    }
  }

  /** The first span of a trace tells the id; the others must spell it the same. */
  #traceIdAt(at: number): number {
    if (this.#view.getUint16(at, true) !== ESCAPED_QUOTE) return NO;
    const start = at + 2;
    const end = endOfPlainText(this.#view, start);
    if (this.#view.getUint16(end, true) !== ESCAPED_QUOTE) return NO;
    if (this.#traceId === "") {
      this.#traceId = traceIdFromHex(this.#slice.text.slice(start, end)) ?? "";
      this.#traceIdStart = start;
      this.#traceIdEnd = end;
      return this.#traceId === "" ? NO : end + 2;
    }
    return areSame(this.#bytes, start, end, this.#traceIdStart, this.#traceIdEnd) ? end + 2 : NO;
  }

  /** Up to 16 hex digits. */
  #id(at: number, cell: number, canBeZero: boolean): number {
    if (this.#view.getUint16(at, true) !== ESCAPED_QUOTE) return NO;
    let high = 0;
    let low = 0;
    let position = at + 2;
    for (; position < at + 18; position++) {
      const digit = hexDigit(this.#bytes[position] as number);
      if (digit < 0) break;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    if (position === at + 2 || this.#view.getUint16(position, true) !== ESCAPED_QUOTE) return NO;
    if (high === 0 && low === 0 && !canBeZero) return NO;
    this.#cells[cell] = high;
    this.#cells[cell + 1] = low;
    return position + 2;
  }

  #text(at: number, cell: number): number {
    if (this.#view.getUint16(at, true) !== ESCAPED_QUOTE) return NO;
    const start = at + 2;
    let end = endOfPlainText(this.#view, start);
    this.#cells[cell] = start;
    if (this.#view.getUint16(end, true) !== ESCAPED_QUOTE) {
      end = endOfEscapedText(this.#view, end);
      this.#cells[cell] = ~start;
    }
    this.#cells[cell + 1] = end;
    return end === NO ? NO : end + 2;
  }

  /** Up to nine digits. */
  #smallInteger(at: number, cell: number): number {
    const end = endOfDigits(this.#bytes, at, at + 9);
    let value = 0;
    for (let digit = at; digit < end; digit++) value = value * 10 + (this.#bytes[digit] as number) - ZERO;
    this.#cells[cell] = value;
    return end;
  }

  /** Up to 19 digits below 2^63, of which a double would not keep the last. */
  #nano(at: number, cell: number): number {
    const end = endOfDigits(this.#bytes, at, at + 19);
    if (end === NO) return NO;
    let high = 0;
    let low = 0;
    for (let digit = at; digit < end; ) {
      // 2^32 times a million is below 2^53.
      const next = Math.min(end, digit + 6);
      let value = 0;
      let scale = 1;
      for (; digit < next; digit++) {
        value = value * 10 + (this.#bytes[digit] as number) - ZERO;
        scale *= 10;
      }
      const sum = low * scale + value;
      const carry = Math.floor(sum / 2 ** 32);
      low = sum - carry * 2 ** 32;
      high = high * scale + carry;
    }
    if (high >= 2 ** 31) return NO;
    this.#cells[cell] = high;
    this.#cells[cell + 1] = low;
    return end;
  }

  /** Texts by key. */
  #meta(start: number, span: number): number {
    const [view, bytes, cells, keys] = [this.#view, this.#bytes, this.#cells, this.#keys];
    const first = this.#cell;
    cells[span + row.META] = first;
    keys.beginMap(META_START);
    let entry = first;
    let at = open(this.#bytes, start, OPENING_BRACE);
    if (at === NO) return NO;
    if (bytes[at] === CLOSING_BRACE) return this.#close(at, span + row.META, first);
    for (;;) {
      if (view.getUint16(at, true) !== ESCAPED_QUOTE) return NO;
      const key = this.#key(at + 2);
      if (key === NO) return NO;
      const keyEnd = at + 2 + (keys.lengths[key] as number);
      let text = keyEnd + 5;
      if (view.getInt32(keyEnd, true) !== KEY_TO_TEXT || bytes[keyEnd + 4] !== QUOTE) {
        at = colon(this.#bytes, keyEnd + 2);
        if (at === NO || view.getUint16(at, true) !== ESCAPED_QUOTE) return NO;
        text = at + 2;
      }
      let end = endOfPlainText(view, text);
      cells[entry] = key;
      cells[entry + 2] = text;
      if (view.getUint16(end, true) !== ESCAPED_QUOTE) {
        end = endOfEscapedText(view, end);
        if (end === NO) return NO;
        cells[entry + 2] = ~text;
      }
      cells[entry + 3] = end;
      if (key < NOTED_KEYS.length) this.#notice(key, entry, span);
      entry += row.ENTRY_CELLS;
      if (view.getInt32(end, true) === TEXT_TO_KEY && bytes[end + 4] === QUOTE) {
        at = end + 3;
        continue;
      }
      at = spaces(this.#bytes, end + 2);
      if (bytes[at] !== COMMA) break;
      at = spaces(this.#bytes, at + 1);
    }
    return this.#close(at, span + row.META, entry);
  }

  /** Numbers by key. */
  #metrics(start: number, span: number): number {
    const [view, bytes, cells, keys] = [this.#view, this.#bytes, this.#cells, this.#keys];
    const first = this.#cell;
    cells[span + row.METRICS] = first;
    keys.beginMap(METRICS_START);
    let entry = first;
    let at = open(this.#bytes, start, OPENING_BRACE);
    if (at === NO) return NO;
    if (bytes[at] === CLOSING_BRACE) return this.#close(at, span + row.METRICS, first);
    for (;;) {
      if (view.getUint16(at, true) !== ESCAPED_QUOTE) return NO;
      const key = this.#key(at + 2);
      if (key === NO) return NO;
      at = colon(this.#bytes, at + 4 + (keys.lengths[key] as number));
      if (at === NO) return NO;
      cells[entry] = key;
      at = this.#number(at, (entry + row.ENTRY_VALUE) / 2);
      if (at === NO) return NO;
      entry += row.ENTRY_CELLS;
      at = spaces(this.#bytes, at);
      if (bytes[at] !== COMMA) break;
      at = spaces(this.#bytes, at + 1);
    }
    return this.#close(at, span + row.METRICS, entry);
  }

  /** The number of the key that stands between a quote and another; NO where that cannot be told. */
  #key(start: number): number {
    const expected = this.#keys.expected(this.#view, start);
    if (expected !== NO) return expected;
    const end = endOfPlainText(this.#view, start);
    return this.#view.getUint16(end, true) === ESCAPED_QUOTE ? this.#keys.add(this.#view, start, end) : NO;
  }

  /** The end of a map, whose entries end at a cell. */
  #close(at: number, range: number, end: number): number {
    this.#cells[range + 1] = end;
    this.#cell = end;
    return this.#bytes[at] === CLOSING_BRACE ? at + 1 : NO;
  }

  /** Remembers the values that are asked for without a look at all the others. @param key one of `NOTED_KEYS` */
  #notice(key: number, entry: number, span: number): void {
    if (key === REQUEST_ID || key === PARENT_SOURCE) {
      const cell = span + (key === REQUEST_ID ? row.REQUEST_ID : row.PARENT_SOURCE);
      this.#cells[cell] = this.#cells[entry + row.ENTRY_VALUE] as number;
      this.#cells[cell + 1] = this.#cells[entry + row.ENTRY_VALUE + 1] as number;
    } else if (this.#highHalf === "") {
      this.#highHalf = readHighHalf(row.textAt(this.#table, entry + row.ENTRY_VALUE, this.#slice));
    }
  }

  /** Any number that JSON has and a double holds. */
  #number(at: number, double: number): number {
    const bytes = this.#bytes;
    let end = endOfDigits(bytes, at, at + 9);
    const next = end === NO ? NO : bytes[end];
    if (next === COMMA || next === CLOSING_BRACE || next === SPACE) {
      let value = 0;
      for (let digit = at; digit < end; digit++) value = value * 10 + (bytes[digit] as number) - ZERO;
      this.#table.doubles[double] = value;
      return end;
    }
    end = endOfNumber(bytes, at);
    const text = this.#slice.text.slice(at, end);
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    this.#table.doubles[double] = value;
    return Number.isFinite(value) ? end : NO;
  }
}

function areSame(bytes: Buffer, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let at = start, other = otherStart; at < end; at++, other++) if (bytes[at] !== bytes[other]) return false;
  return true;
}
