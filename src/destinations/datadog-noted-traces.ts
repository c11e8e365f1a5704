/**
 * Spans that are noted by position, in Datadog's protobuf: the same bytes as `datadog-trace-objects.ts` writes of their
 * objects, copied from where they stand.
 *
 * A trace's spans are measured before they are written, which positions make cheap, so that nothing has to move.
 */
import * as row from "../formats/span-table.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type { Slice, SpanTable, TraceOutline, TracePayload } from "../telemetry.ts";
import { type ByteWriter, varintBytes } from "./byte-writer.ts";
import { ENV, FACTS, type NotableKeys, SERVICE_NAME, TAGS_FROM } from "./datadog-notable-keys.ts";
import type { NotedSlice, ServiceNames } from "./datadog-noted-slice.ts";
import {
  ORIGIN_ADDITION,
  OWN_TAGS,
  type SpanAdditions,
  type Tail,
  TOP_LEVEL,
  TOP_LEVEL_ENTRY,
} from "./datadog-span-additions.ts";
import type { PaddedBytes } from "./padded-bytes.ts";
import { integer, message, string } from "./protobuf.ts";

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

/** One trace, measured. */
interface Chunk {
  /** The half of the id that protobuf has room for, in halves. */
  traceIdHigh: number;
  traceIdLow: number;
  /** The numbers of its first span, and of the one behind its last. */
  first: number;
  end: number;
  bytes: number;
  priority: number | undefined;
  origin: string;
}

/** The spans of a slice, and what was found of them when they were measured, by the number of each. */
export class NotedContext {
  readonly slice: Slice;
  readonly noted: NotedSlice;
  readonly additions: SpanAdditions;
  readonly keys: NotableKeys;
  /** How long each is in protobuf, without tag and length. */
  readonly sizes: Int32Array;
  /** The entry of its meta that gets a new service; 0 = none does. */
  readonly serviceEntries: Int32Array;
  readonly tails: Tail[];

  constructor(slice: Slice, noted: NotedSlice, additions: SpanAdditions, keys: NotableKeys) {
    this.slice = slice;
    this.noted = noted;
    this.additions = additions;
    this.keys = keys;
    this.sizes = new Int32Array(noted.rows.length);
    this.serviceEntries = new Int32Array(noted.rows.length);
    this.tails = new Array<Tail>(noted.rows.length).fill(additions.whole);
  }
}

/** One `TracerPayload`, as field 5. @param firstNumber the number of its first span */
export function writeNotedTraces(
  { traces }: TracePayload,
  firstNumber: number,
  context: NotedContext,
  to: ByteWriter,
): void {
  const writer = new NotedTraces(context);
  const chunks: Chunk[] = [];
  let number = firstNumber;
  for (const trace of traces) {
    chunks.push(writer.measure(trace, number));
    number += trace.spanCount;
  }
  const { tags } = context.additions;
  const [language, tracerVersion, runtimeId, version] = writer.facts as [string, string, string, string];
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  message(
    to,
    5,
    () => {
      string(to, 2, language);
      string(to, 4, tracerVersion);
      string(to, 5, runtimeId);
      for (const chunk of chunks) message(to, 6, () => writeChunk(writer, chunk, to), chunk.bytes);
      string(to, 8, tags.env || writer.env || "none");
      string(to, 10, version || tags.version);
    },
    bytes,
  );
}

function writeChunk(writer: NotedTraces, chunk: Chunk, to: ByteWriter): void {
  // Spans on stdout were all kept by their tracer; 1 is "keep".
  integer(to, 1, BigInt(Math.trunc(chunk.priority ?? 1)));
  string(to, 2, chunk.origin || "lambda");
  writer.write(chunk, to);
}

class NotedTraces {
  /** The values of `FACTS`; "" = no span tells. */
  readonly facts = FACTS.map(() => "");
  readonly #table: SpanTable;
  readonly #cells: Int32Array;
  readonly #slice: Slice;
  readonly #source: DataView;
  readonly #context: NotedContext;
  readonly #services: ServiceNames;
  /** The last entry that names an environment; -1 = there is none. */
  #envEntry = -1;
  /** Texts with escapes, by the cell where they are noted. */
  readonly #decoded = new Map<number, Buffer>();

  constructor(context: NotedContext) {
    const { slice, noted } = context;
    this.#table = noted.table;
    this.#cells = noted.table.cells;
    this.#slice = slice;
    this.#source = new DataView(slice.bytes.buffer, slice.bytes.byteOffset, slice.bytes.length);
    this.#context = context;
    this.#services = noted.services;
  }

  /** "" = no span tells. */
  get env(): string {
    return this.#envEntry === -1 ? "" : this.#textOf(this.#envEntry);
  }

  /** @param first the number of its first span */
  measure({ traceId, spanCount }: TraceOutline, first: number): Chunk {
    const low = lowHalf(traceId);
    const chunk: Chunk = {
      traceIdHigh: Number.parseInt(low.slice(0, 8), 16),
      traceIdLow: Number.parseInt(low.slice(8), 16),
      first,
      end: first + spanCount,
      bytes: 0,
      priority: undefined,
      origin: "",
    };
    for (let number = first; number < chunk.end; number++) {
      const size = this.#measureSpan(number, chunk);
      this.#context.sizes[number] = size;
      chunk.bytes += 1 + varintBytes(size) + size;
    }
    return chunk;
  }

  #measureSpan(number: number, chunk: Chunk): number {
    const [cells, source] = [this.#cells, this.#source];
    const { noted, keys, tails } = this.#context;
    const { finder } = keys;
    const span = noted.rows[number] as number;
    const service = this.#services.renamed(noted.services.ofSpan[number] as number);
    let size =
      (service ? 1 + varintBytes(service.length) + service.length : this.#fieldBytes(span + row.SERVICE)) +
      this.#fieldBytes(span + row.NAME) +
      this.#fieldBytes(span + row.RESOURCE) +
      integerBytes(chunk.traceIdHigh, chunk.traceIdLow) +
      integerBytes(cells[span + row.SPAN_ID] as number, cells[span + row.SPAN_ID + 1] as number) +
      integerBytes(cells[span + row.PARENT_ID] as number, cells[span + row.PARENT_ID + 1] as number) +
      integerBytes(cells[span + row.START] as number, cells[span + row.START + 1] as number) +
      integerBytes(cells[span + row.DURATION] as number, cells[span + row.DURATION + 1] as number) +
      integerBytes(0, cells[span + row.ERROR] as number) +
      this.#fieldBytes(span + row.TYPE);
    const metaEnd = cells[span + row.META + 1] as number;
    for (let entry = cells[span + row.META] as number; entry < metaEnd; entry += row.ENTRY_CELLS) {
      const key = cells[entry] as number;
      const keyBytes = (cells[entry + 1] as number) - key;
      const text = cells[entry + 2] as number;
      let textBytes = text < 0 ? this.#decode(entry + 2).length : (cells[entry + 3] as number) - text;
      const notable = finder.find(source, key, keyBytes);
      if (notable !== -1) {
        this.#notice(notable, entry, number, chunk);
        if (notable === SERVICE_NAME) textBytes = this.#newService(number, entry)?.length ?? textBytes;
      }
      size += entryBytes(textEntryBytes(keyBytes, textBytes));
    }
    if (cells[span + row.STATEMENT] !== 0) {
      size += entryBytes(textEntryBytes(STATEMENT_KEY_BYTES, this.#textBytes(span + row.STATEMENT)));
    }
    const metricsEnd = cells[span + row.METRICS + 1] as number;
    for (let entry = cells[span + row.METRICS] as number; entry < metricsEnd; entry += row.ENTRY_CELLS) {
      const keyBytes = (cells[entry + 1] as number) - (cells[entry] as number);
      size += entryBytes(10 + varintBytes(keyBytes) + keyBytes);
      if (keyBytes === PRIORITY.length && chunk.priority === undefined && this.#isKey(entry, PRIORITY)) {
        chunk.priority = this.#table.doubles[(entry + row.ENTRY_VALUE) / 2];
      } else if (keyBytes === TOP_LEVEL.length && this.#isKey(entry, TOP_LEVEL)) {
        noted.isTopLevel[number] = 0;
      }
    }
    size += (tails[number] as Tail).bytes.length;
    return noted.isTopLevel[number] ? size + TOP_LEVEL_ENTRY.length : size;
  }

  /** @param notable the number of the key of an entry */
  #notice(notable: number, entry: number, number: number, chunk: Chunk): void {
    const { additions, keys, tails, serviceEntries } = this.#context;
    if (notable < FACTS.length) {
      this.facts[notable] ||= this.#textOf(entry);
    } else if (notable === ENV) {
      if (this.#cells[entry + 2] !== this.#cells[entry + 3]) this.#envEntry = entry;
    } else if (notable === SERVICE_NAME) {
      if (this.#services.rename && this.#cells[entry + 2] !== this.#cells[entry + 3]) serviceEntries[number] = entry;
    } else if (notable === TAGS_FROM && this.#textOf(entry) === OWN_TAGS) {
      tails[number] = additions.withoutTags(tails[number] as Tail);
    }
    const addition = keys.additions[notable] as number;
    if (addition === -1) return;
    tails[number] = additions.without(tails[number] as Tail, addition);
    if (addition === ORIGIN_ADDITION) chunk.origin ||= this.#textOf(entry);
  }

  /** What an entry of a span's meta says instead of the service that is noted; null: what is noted. */
  #newService(number: number, entry: number): PaddedBytes | null {
    if (this.#context.serviceEntries[number] !== entry) return null;
    return this.#services.renamed(this.#services.numberAt(entry + row.ENTRY_VALUE));
  }

  #textOf(entry: number): string {
    return row.textAt(this.#table, entry + row.ENTRY_VALUE, this.#slice);
  }

  #isKey(entry: number, key: string): boolean {
    const start = this.#cells[entry] as number;
    return (this.#cells[entry + 1] as number) - start === key.length && this.#slice.text.startsWith(key, start);
  }

  #fieldBytes(cell: number): number {
    const size = this.#textBytes(cell);
    return size === 0 ? 0 : 1 + varintBytes(size) + size;
  }

  #textBytes(cell: number): number {
    const start = this.#cells[cell] as number;
    return start < 0 ? this.#decode(cell).length : (this.#cells[cell + 1] as number) - start;
  }

  #decode(cell: number): Buffer {
    const end = this.#cells[cell + 1] as number;
    if (end < 0) return this.#table.texts[~end] as Buffer;
    let bytes = this.#decoded.get(cell);
    if (!bytes) {
      bytes = Buffer.from(row.textAt(this.#table, cell, this.#slice));
      this.#decoded.set(cell, bytes);
    }
    return bytes;
  }

  write(chunk: Chunk, to: ByteWriter): void {
    for (let number = chunk.first; number < chunk.end; number++) this.#writeSpan(number, chunk, to);
  }

  #writeSpan(number: number, chunk: Chunk, to: ByteWriter): void {
    const { noted, sizes, serviceEntries, tails } = this.#context;
    const cells = this.#cells;
    const span = noted.rows[number] as number;
    const size = sizes[number] as number;
    const service = this.#services.renamed(noted.services.ofSpan[number] as number);
    const serviceEntry = serviceEntries[number] as number;
    const out = to.reserve(size + 16);
    let at = to.length;
    out.setUint8(at, SPAN);
    at = varint(out, at + 1, size);
    if (service) {
      out.setUint8(at, SERVICE);
      at = putAll(service, out, varint(out, at + 1, service.length));
    } else {
      at = this.#field(out, at, SERVICE, span + row.SERVICE);
    }
    at = this.#field(out, at, NAME, span + row.NAME);
    at = this.#field(out, at, RESOURCE, span + row.RESOURCE);
    at = integer64(out, at, TRACE_ID, chunk.traceIdHigh, chunk.traceIdLow);
    at = integer64(out, at, SPAN_ID, cells[span + row.SPAN_ID] as number, cells[span + row.SPAN_ID + 1] as number);
    at = integer64(
      out,
      at,
      PARENT_ID,
      cells[span + row.PARENT_ID] as number,
      cells[span + row.PARENT_ID + 1] as number,
    );
    at = integer64(out, at, START, cells[span + row.START] as number, cells[span + row.START + 1] as number);
    at = integer64(out, at, DURATION, cells[span + row.DURATION] as number, cells[span + row.DURATION + 1] as number);
    at = integer64(out, at, ERROR, 0, cells[span + row.ERROR] as number);
    const metaEnd = cells[span + row.META + 1] as number;
    for (let entry = cells[span + row.META] as number; entry < metaEnd; entry += row.ENTRY_CELLS) {
      const key = cells[entry] as number;
      const keyBytes = (cells[entry + 1] as number) - key;
      const text = cells[entry + 2] as number;
      const newService = entry === serviceEntry ? this.#newService(number, entry) : null;
      const decoded = text < 0 ? this.#decode(entry + 2) : null;
      const textBytes = (newService ?? decoded)?.length ?? (cells[entry + 3] as number) - text;
      at = entryHead(out, at, META, textEntryBytes(keyBytes, textBytes), keyBytes);
      copy(this.#source, key, keyBytes, out, at);
      at += keyBytes;
      out.setUint8(at, TEXT);
      at = varint(out, at + 1, textBytes);
      if (newService) putAll(newService, out, at);
      else if (decoded) copyAll(decoded, out, at);
      else copy(this.#source, text, textBytes, out, at);
      at += textBytes;
    }
    if (cells[span + row.STATEMENT] !== 0) at = this.#statement(out, at, span + row.STATEMENT);
    at = putAll((tails[number] as Tail).bytes, out, at);
    const metricsEnd = cells[span + row.METRICS + 1] as number;
    for (let entry = cells[span + row.METRICS] as number; entry < metricsEnd; entry += row.ENTRY_CELLS) {
      const key = cells[entry] as number;
      const keyBytes = (cells[entry + 1] as number) - key;
      at = entryHead(out, at, METRICS, 10 + varintBytes(keyBytes) + keyBytes, keyBytes);
      copy(this.#source, key, keyBytes, out, at);
      at += keyBytes;
      out.setUint8(at, DOUBLE);
      out.setFloat64(at + 1, this.#table.doubles[(entry + row.ENTRY_VALUE) / 2] as number, true);
      at += 9;
    }
    if (noted.isTopLevel[number]) {
      at = putAll(TOP_LEVEL_ENTRY, out, at);
    }
    to.length = this.#field(out, at, TYPE, span + row.TYPE);
  }

  #statement(out: DataView, start: number, cell: number): number {
    const text = this.#decode(cell);
    let at = entryHead(out, start, META, textEntryBytes(STATEMENT_KEY_BYTES, text.length), STATEMENT_KEY_BYTES);
    copy(STATEMENT_KEY_VIEW, 0, STATEMENT_KEY_BYTES, out, at);
    at += STATEMENT_KEY_BYTES;
    out.setUint8(at, TEXT);
    at = varint(out, at + 1, text.length);
    copyAll(text, out, at);
    return at + text.length;
  }

  /** A text of the span; nothing when it is empty. */
  #field(out: DataView, start: number, tag: number, cell: number): number {
    const size = this.#textBytes(cell);
    if (size === 0) return start;
    out.setUint8(start, tag);
    const at = varint(out, start + 1, size);
    const text = this.#cells[cell] as number;
    if (text < 0) copyAll(this.#decode(cell), out, at);
    else copy(this.#source, text, size, out, at);
    return at + size;
  }
}

/** May write three bytes more. Returns the place behind. */
function putAll({ length, view }: PaddedBytes, out: DataView, at: number): number {
  for (let from = 0; from < length; from += 4) out.setInt32(at + from, view.getInt32(from, true), true);
  return at + length;
}

/** Of an entry of a map, with its tag. @param inner what is in it */
function entryBytes(inner: number): number {
  return inner < 0x80 ? inner + 2 : 1 + varintBytes(inner) + inner;
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
  const key = varint(out, at + 1, inner);
  out.setUint8(key, KEY);
  return varint(out, key + 1, keyBytes);
}

/** Of a number with its tag; a zero is left out. */
function integerBytes(high: number, low: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  // (bits + 6) / 7, as long as there are 64 at most.
  return bits === 0 ? 0 : 1 + (((bits + 6) * 37) >> 8);
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

function varint(out: DataView, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    out.setUint8(at++, (rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.setUint8(at, rest);
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
