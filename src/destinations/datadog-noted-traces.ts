/**
 * Spans that are noted by position, in Datadog's protobuf: the same bytes as `datadog-trace-objects.ts` writes of their
 * objects, copied from where they stand.
 *
 * A span is written before it is known how long it will be; where its length takes other room than it was given, it moves.
 */
import * as row from "../formats/span-table.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type { KeyTable, Slice, SpanTable, TraceOutline, TracePayload } from "../telemetry.ts";
import { type ByteWriter, varintBytes } from "./byte-writer.ts";
import { type NotableKeys, SERVICE_NAME, TAGS_FROM } from "./datadog-notable-keys.ts";
import type { NotedSlice, ServiceNames } from "./datadog-noted-slice.ts";
import {
  ORIGIN,
  OWN_TAGS,
  type SpanAdditions,
  type Tail,
  TOP_LEVEL,
  TOP_LEVEL_ENTRY,
} from "./datadog-span-additions.ts";
import type { PaddedBytes } from "./padded-bytes.ts";
import { beginMessage, endMessage, integer, putVarint, string } from "./protobuf.ts";

/** Fields of a span: number * 8 + wire type. */
const SERVICE = 0x0a;
const NAME = 0x12;
const RESOURCE = 0x1a;
const TRACE_ID = 0x20;
const SPAN_ID = 0x28;
const PARENT_ID = 0x30;
const START = 0x38;
const DURATION = 0x40;
const ERROR = 0x48;
const META = 0x52;
const METRICS = 0x5a;
const TYPE = 0x62;
/** Fields of a map's entry. */
const KEY = 0x0a;
const TEXT = 0x12;
const DOUBLE = 0x11;
/** Field of a chunk. */
const SPAN = 0x1a;

const PRIORITY = "_sampling_priority_v1";
/** The key of `row.STATEMENT`, in as many bytes as a copy in words of four takes. */
const STATEMENT_KEY_BYTES = "sql.query".length;
const STATEMENT_KEY_VIEW = new DataView(Uint8Array.from(Buffer.from("sql.query\0\0\0", "latin1")).buffer);

/** Up to so many bytes are copied faster four at a time than by the platform. */
const MAX_SHORT_COPY = 64;
/** What the length of most spans takes. */
const SPAN_LENGTH_BYTES = 2;
/** In protobuf nothing takes more than so many times the bytes of its JSON. */
const MAX_GROWTH = 2;
/** Heads and keys of all that a span gets which stands nowhere in its JSON take less. */
const MAX_ADDED_HEADS = 128;

/** The spans of a slice, of which one `TracerPayload` is written at a time. */
export class NotedTraces {
  readonly #noted: NotedSlice;
  readonly #table: SpanTable;
  readonly #cells: Int32Array;
  readonly #keys: KeyTable;
  readonly #slice: Slice;
  readonly #source: DataView;
  readonly #changed: DataView;
  readonly #services: ServiceNames;
  readonly #additions: SpanAdditions;
  readonly #notable: NotableKeys;
  /** By key: its number among those that are notable; -1 = it is none of them. */
  readonly #notableOf: readonly number[];
  readonly #priorityKey: number;
  readonly #topLevelKey: number;
  /** A span gets less that stands nowhere in its JSON. */
  readonly #maxAddedBytes: number;

  constructor(slice: Slice, noted: NotedSlice, additions: SpanAdditions, notable: NotableKeys) {
    const { table } = noted;
    this.#noted = noted;
    this.#table = table;
    this.#cells = table.cells;
    this.#keys = table.keys as KeyTable;
    this.#slice = slice;
    this.#source = viewOf(slice.bytes);
    this.#services = noted.services;
    this.#additions = additions;
    this.#notable = notable;
    this.#notableOf = notable.numbersIn(this.#keys);
    this.#priorityKey = row.keyNumber(table, PRIORITY);
    this.#topLevelKey = row.keyNumber(table, TOP_LEVEL);
    this.#changed = viewOf(table.changed);
    const serviceBytes = Buffer.byteLength(additions.tags.service);
    this.#maxAddedBytes = table.changedBytes + 2 * serviceBytes + additions.whole.bytes.length + MAX_ADDED_HEADS;
  }

  /** One `TracerPayload`, as field 5. @param first the number of its first span */
  write({ traces }: TracePayload, first: number, to: ByteWriter): void {
    let end = first;
    for (const { spanCount } of traces) end += spanCount;
    const expectedBytes = this.#jsonBytes(first, end);
    const start = beginMessage(to, 5, expectedBytes);
    this.#writePayload(traces, first, end, to);
    endMessage(to, start, expectedBytes);
  }

  #writePayload(traces: readonly TraceOutline[], first: number, end: number, to: ByteWriter): void {
    const { env, version } = this.#additions.tags;
    string(to, 2, this.#firstText("language", first, end));
    string(to, 4, this.#firstText("dd_trace", first, end));
    string(to, 5, this.#firstText("runtime-id", first, end));
    let number = first;
    for (const { traceId, spanCount } of traces) {
      const behind = number + spanCount;
      const expectedBytes = this.#jsonBytes(number, behind);
      const start = beginMessage(to, 6, expectedBytes);
      this.#writeChunk(traceId, number, behind, to);
      endMessage(to, start, expectedBytes);
      number = behind;
    }
    string(to, 8, env || this.#lastText("env", first, end) || "none");
    string(to, 10, this.#firstText("version", first, end) || version);
  }

  #writeChunk(traceId: string, first: number, end: number, to: ByteWriter): void {
    // Spans on stdout were all kept by their tracer; 1 is "keep".
    integer(to, 1, BigInt(Math.trunc(this.#priority(first, end) ?? 1)));
    string(to, 2, this.#firstText(ORIGIN, first, end) || "lambda");
    // The half of the id that protobuf has room for, in halves.
    const low = lowHalf(traceId);
    const [high32, low32] = [Number.parseInt(low.slice(0, 8), 16), Number.parseInt(low.slice(8), 16)];
    for (let number = first; number < end; number++) this.#writeSpan(number, high32, low32, to);
  }

  /** How long the JSON of some spans is, which is about what they take in protobuf. */
  #jsonBytes(first: number, end: number): number {
    let bytes = 0;
    for (let number = first; number < end; number++) {
      bytes += this.#cells[(this.#noted.rows[number] as number) + row.JSON_BYTES] as number;
    }
    return bytes;
  }

  /** An attribute of the first of some spans where it is not empty; "" where it is said nowhere. */
  #firstText(key: string, first: number, end: number): string {
    const keyNumber = row.keyNumber(this.#table, key);
    let text = "";
    if (keyNumber === -1) return text;
    for (let number = first; number < end && text === ""; number++) text = this.#textOf(number, keyNumber);
    return text;
  }

  /** The same of the last. */
  #lastText(key: string, first: number, end: number): string {
    const keyNumber = row.keyNumber(this.#table, key);
    let text = "";
    for (let number = end - 1; number >= first && text === ""; number--) text = this.#textOf(number, keyNumber);
    return text;
  }

  #textOf(number: number, key: number): string {
    const entry = row.findEntry(this.#table, (this.#noted.rows[number] as number) + row.META, key);
    return entry === -1 ? "" : row.passingTextAt(this.#table, entry + row.ENTRY_VALUE, this.#slice);
  }

  #priority(first: number, end: number): number | undefined {
    for (let number = first; number < end; number++) {
      const metrics = (this.#noted.rows[number] as number) + row.METRICS;
      const entry = row.findEntry(this.#table, metrics, this.#priorityKey);
      if (entry !== -1) return this.#table.doubles[(entry + row.ENTRY_VALUE) / 2];
    }
    return undefined;
  }

  #writeSpan(number: number, traceIdHigh: number, traceIdLow: number, to: ByteWriter): void {
    const [cells, source] = [this.#cells, this.#source];
    const { view: keyView, starts, lengths } = this.#keys;
    const span = this.#noted.rows[number] as number;
    const service = this.#services.renamed(this.#services.ofSpan[number] as number);
    const out = to.reserve(MAX_GROWTH * (cells[span + row.JSON_BYTES] as number) + this.#maxAddedBytes);
    const start = to.length;
    out.setUint8(start, SPAN);
    const content = start + 1 + SPAN_LENGTH_BYTES;
    let at = content;
    if (service) {
      out.setUint8(at, SERVICE);
      at = putAll(service, out, putVarint(out, at + 1, service.length));
    } else {
      at = this.#field(out, at, SERVICE, span + row.SERVICE);
    }
    at = this.#field(out, at, NAME, span + row.NAME);
    at = this.#field(out, at, RESOURCE, span + row.RESOURCE);
    at = integer64(out, at, TRACE_ID, traceIdHigh, traceIdLow);
    at = integer64(out, at, SPAN_ID, cells[span + row.SPAN_ID] as number, cells[span + row.SPAN_ID + 1] as number);
    const parentId = span + row.PARENT_ID;
    at = integer64(out, at, PARENT_ID, cells[parentId] as number, cells[parentId + 1] as number);
    at = integer64(out, at, START, cells[span + row.START] as number, cells[span + row.START + 1] as number);
    at = integer64(out, at, DURATION, cells[span + row.DURATION] as number, cells[span + row.DURATION + 1] as number);
    at = integer64(out, at, ERROR, 0, cells[span + row.ERROR] as number);
    let tail = this.#additions.whole;
    const metaEnd = cells[span + row.META + 1] as number;
    for (let entry = cells[span + row.META] as number; entry < metaEnd; entry += row.ENTRY_CELLS) {
      const key = cells[entry] as number;
      const keyBytes = lengths[key] as number;
      const notable = this.#notableOf[key] as number;
      if (notable !== -1) tail = this.#tailBehind(tail, notable, entry);
      const newService = notable === SERVICE_NAME ? this.#newService(entry) : null;
      const text = cells[entry + 2] as number;
      if (newService || text < 0) {
        at = this.#newText(out, at, entry, newService);
        continue;
      }
      const textBytes = (cells[entry + 3] as number) - text;
      at = entryHead(out, at, META, textEntryBytes(keyBytes, textBytes), keyBytes);
      copy(keyView, starts[key] as number, keyBytes, out, at);
      at += keyBytes;
      out.setUint8(at, TEXT);
      at = putVarint(out, at + 1, textBytes);
      copy(source, text, textBytes, out, at);
      at += textBytes;
    }
    if (cells[span + row.STATEMENT] !== 0) {
      at = this.#textEntry(out, at, STATEMENT_KEY_VIEW, 0, STATEMENT_KEY_BYTES, span + row.STATEMENT);
    }
    at = putAll(tail.bytes, out, at);
    let isTopLevel = this.#noted.isTopLevel[number] === 1;
    const metricsEnd = cells[span + row.METRICS + 1] as number;
    for (let entry = cells[span + row.METRICS] as number; entry < metricsEnd; entry += row.ENTRY_CELLS) {
      const key = cells[entry] as number;
      const keyBytes = lengths[key] as number;
      if (key === this.#topLevelKey) isTopLevel = false;
      at = entryHead(out, at, METRICS, 10 + varintBytes(keyBytes) + keyBytes, keyBytes);
      copy(keyView, starts[key] as number, keyBytes, out, at);
      at += keyBytes;
      out.setUint8(at, DOUBLE);
      out.setFloat64(at + 1, this.#table.doubles[(entry + row.ENTRY_VALUE) / 2] as number, true);
      at += 9;
    }
    if (isTopLevel) at = putAll(TOP_LEVEL_ENTRY, out, at);
    at = this.#field(out, at, TYPE, span + row.TYPE);
    to.length = withLength(out, content, at);
  }

  /** What is left to be added to a span that has an attribute itself. @param notable the number of its key */
  #tailBehind(tail: Tail, notable: number, entry: number): Tail {
    const isOfOwnTags =
      notable === TAGS_FROM && row.textAt(this.#table, entry + row.ENTRY_VALUE, this.#slice) === OWN_TAGS;
    const next = isOfOwnTags ? this.#additions.withoutTags(tail) : tail;
    const addition = this.#notable.additions[notable] as number;
    return addition === -1 ? next : this.#additions.without(next, addition);
  }

  /** What an entry of a span's meta says instead of the service that is noted; null: what is noted. */
  #newService(entry: number): PaddedBytes | null {
    if (!this.#services.rename || this.#cells[entry + 2] === this.#cells[entry + 3]) return null;
    return this.#services.renamed(this.#services.numberAt(entry + row.ENTRY_VALUE));
  }

  /** An entry whose text does not stand in the slice as it is to be written. */
  #newText(out: DataView, start: number, entry: number, newService: PaddedBytes | null): number {
    const key = this.#cells[entry] as number;
    const { view, starts, lengths } = this.#keys;
    const [keyStart, keyBytes] = [starts[key] as number, lengths[key] as number];
    if (!newService) return this.#textEntry(out, start, view, keyStart, keyBytes, entry + row.ENTRY_VALUE);
    let at = entryHead(out, start, META, textEntryBytes(keyBytes, newService.length), keyBytes);
    copy(view, keyStart, keyBytes, out, at);
    at += keyBytes;
    out.setUint8(at, TEXT);
    return putAll(newService, out, putVarint(out, at + 1, newService.length));
  }

  /** An entry with a text that was changed or has escapes. */
  #textEntry(out: DataView, start: number, keys: DataView, keyStart: number, keyBytes: number, cell: number): number {
    const [text, end] = [this.#cells[cell] as number, this.#cells[cell + 1] as number];
    const decoded = end < 0 ? null : this.#decode(cell);
    const textBytes = decoded ? decoded.length : text - end;
    let at = entryHead(out, start, META, textEntryBytes(keyBytes, textBytes), keyBytes);
    copy(keys, keyStart, keyBytes, out, at);
    at += keyBytes;
    out.setUint8(at, TEXT);
    at = putVarint(out, at + 1, textBytes);
    if (decoded) copyAll(decoded, out, at);
    else copy(this.#changed, ~text, textBytes, out, at);
    return at + textBytes;
  }

  /** A text that has escapes. */
  #decode(cell: number): Buffer {
    return Buffer.from(row.textAt(this.#table, cell, this.#slice));
  }

  /** A text of the span; nothing when it is empty. */
  #field(out: DataView, start: number, tag: number, cell: number): number {
    const text = this.#cells[cell] as number;
    if (text < 0) return this.#newField(out, start, tag, cell);
    const size = (this.#cells[cell + 1] as number) - text;
    if (size === 0) return start;
    out.setUint8(start, tag);
    const at = putVarint(out, start + 1, size);
    copy(this.#source, text, size, out, at);
    return at + size;
  }

  /** The same of one that was changed or has escapes. */
  #newField(out: DataView, start: number, tag: number, cell: number): number {
    const [text, end] = [this.#cells[cell] as number, this.#cells[cell + 1] as number];
    const decoded = end < 0 ? null : this.#decode(cell);
    const size = decoded ? decoded.length : text - end;
    if (size === 0) return start;
    out.setUint8(start, tag);
    const at = putVarint(out, start + 1, size);
    if (decoded) copyAll(decoded, out, at);
    else copy(this.#changed, ~text, size, out, at);
    return at + size;
  }
}

/** Writes the length in front of a span, which moves where it takes other room. Returns the place behind. */
function withLength(out: DataView, start: number, end: number): number {
  const room = varintBytes(end - start);
  const moved = start - SPAN_LENGTH_BYTES + room;
  if (moved !== start) new Uint8Array(out.buffer, out.byteOffset, out.byteLength).copyWithin(moved, start, end);
  putVarint(out, start - SPAN_LENGTH_BYTES, end - start);
  return moved + end - start;
}

/** May write three bytes more. Returns the place behind. */
function putAll({ length, view }: PaddedBytes, out: DataView, at: number): number {
  for (let from = 0; from < length; from += 4) out.setInt32(at + from, view.getInt32(from, true), true);
  return at + length;
}

/** Of what is in an entry: mostly four bytes and its texts. */
function textEntryBytes(keyBytes: number, textBytes: number): number {
  const texts = keyBytes + textBytes;
  return texts < 0x80 ? 4 + texts : 2 + varintBytes(keyBytes) + varintBytes(textBytes) + texts;
}

/** What stands in front of the key of an entry: its tag and length, and those of the key. Mostly four bytes. */
function entryHead(out: DataView, at: number, tag: number, inner: number, keyBytes: number): number {
  if (inner < 0x80) {
    out.setInt32(at, tag | (inner << 8) | (KEY << 16) | (keyBytes << 24), true);
    return at + 4;
  }
  out.setUint8(at, tag);
  const key = putVarint(out, at + 1, inner);
  out.setUint8(key, KEY);
  return putVarint(out, key + 1, keyBytes);
}

/** A number with its tag, from its halves; a zero is left out. */
function integer64(out: DataView, start: number, tag: number, high: number, low: number): number {
  let [upper, lower] = [high | 0, low | 0];
  if (upper === 0 && lower === 0) return start;
  out.setUint8(start, tag);
  let at = start + 1;
  while (upper !== 0 || (lower & ~0x7f) !== 0) {
    out.setUint8(at++, (lower & 0x7f) | 0x80);
    lower = (lower >>> 7) | (upper << 25);
    upper >>>= 7;
  }
  out.setUint8(at, lower);
  return at + 1;
}

/** May write three bytes more, and read three bytes more, which are there behind every text of a line. */
function copy(source: DataView, start: number, length: number, out: DataView, at: number): void {
  if (length > MAX_SHORT_COPY) {
    const part = new Uint8Array(source.buffer, source.byteOffset + start, length);
    new Uint8Array(out.buffer, out.byteOffset + at, length).set(part);
    return;
  }
  for (let offset = 0; offset < length; offset += 4) {
    out.setInt32(at + offset, source.getInt32(start + offset, true), true);
  }
}

function copyAll(source: Buffer, out: DataView, at: number): void {
  new Uint8Array(out.buffer, out.byteOffset + at, source.length).set(source);
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
