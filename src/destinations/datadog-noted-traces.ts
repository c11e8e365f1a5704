/**
 * Spans that are noted by position, in Datadog's protobuf: the same bytes as `datadog-trace-objects.ts` writes of their
 * objects, copied from where they stand.
 *
 * A trace's spans are measured before they are written, which positions make cheap, so that nothing has to move.
 */
import * as row from "../formats/span-table.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type { Slice, SpanTable, TraceOutline } from "../telemetry.ts";
import { type ByteWriter, varintBytes } from "./byte-writer.ts";
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
/** The attribute without which Datadog computes no metrics of spans that passed no agent, and its entry. */
const COMPUTE_STATS = "_dd.compute_stats";
const COMPUTE_STATS_ENTRY = Uint8Array.from(Buffer.from(`\x52\x16\x0a\x11${COMPUTE_STATS}\x12\x011`, "latin1"));
const COMPUTE_STATS_VIEW = new DataView(COMPUTE_STATS_ENTRY.buffer);

/** Attributes that say something of a whole payload: the first of its spans that has one speaks for all. */
const FACTS = ["language", "dd_trace", "runtime-id", "env", "version"] as const;
/** The same of a trace. */
const ORIGIN = "_dd.origin";
const NOTABLE = [...FACTS, ORIGIN, COMPUTE_STATS];
/** For a length of keys: which of `NOTABLE` have it, a bit each. */
const NOTABLE_OF_LENGTH = new Uint8Array(256);
for (const [index, key] of NOTABLE.entries())
  NOTABLE_OF_LENGTH[key.length] = (NOTABLE_OF_LENGTH[key.length] ?? 0) | (1 << index);
const ORIGIN_BIT = 1 << FACTS.length;
const COMPUTE_STATS_BIT = ORIGIN_BIT << 1;
const ALL_BITS = COMPUTE_STATS_BIT * 2 - 1;

/** Up to so many bytes are copied faster four at a time than by the platform. */
const MAX_SHORT_COPY = 64;

/** One trace, measured. */
interface Chunk {
  /** The half of the id that protobuf has room for, in halves. */
  traceIdHigh: number;
  traceIdLow: number;
  /** Rows of its spans, and how long each is in protobuf, without tag and length. */
  spans: number[];
  sizes: number[];
  /** Whether a span has `_dd.compute_stats`. */
  hasComputeStats: boolean[];
  bytes: number;
  priority: number | undefined;
  origin: string;
}

/** One `TracerPayload`, as field 5. @param firstSpan the row of the first span of the first trace */
export function writeNotedTraces(
  traces: TraceOutline[],
  table: SpanTable,
  firstSpan: number,
  slice: Slice,
  to: ByteWriter,
): void {
  const writer = new NotedTraces(table, slice);
  const chunks: Chunk[] = [];
  for (let next = firstSpan; chunks.length < traces.length; ) {
    const trace = traces[chunks.length] as TraceOutline;
    const chunk = writer.measure(trace, next);
    chunks.push(chunk);
    next = table.cells[(chunk.spans.at(-1) as number) + row.NEXT] as number;
  }
  const [language, tracerVersion, runtimeId, env, version] = writer.facts as [string, string, string, string, string];
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  message(
    to,
    5,
    () => {
      string(to, 2, language);
      string(to, 4, tracerVersion);
      string(to, 5, runtimeId);
      for (const chunk of chunks) message(to, 6, () => writeChunk(writer, chunk, to), chunk.bytes);
      string(to, 8, env);
      string(to, 10, version);
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
  /** Bits of the notable attributes that are still looked for. */
  #wanted = ALL_BITS;
  readonly #table: SpanTable;
  readonly #cells: Int32Array;
  readonly #slice: Slice;
  readonly #source: DataView;
  /** Texts with escapes, by the cell where they are noted. */
  readonly #decoded = new Map<number, Buffer>();

  constructor(table: SpanTable, slice: Slice) {
    this.#table = table;
    this.#cells = table.cells;
    this.#slice = slice;
    this.#source = new DataView(slice.bytes.buffer, slice.bytes.byteOffset, slice.bytes.length);
  }

  measure({ traceId, spanCount }: TraceOutline, firstSpan: number): Chunk {
    const low = lowHalf(traceId);
    const chunk: Chunk = {
      traceIdHigh: Number.parseInt(low.slice(0, 8), 16),
      traceIdLow: Number.parseInt(low.slice(8), 16),
      spans: [],
      sizes: [],
      hasComputeStats: [],
      bytes: 0,
      priority: undefined,
      origin: "",
    };
    this.#wanted |= ORIGIN_BIT;
    for (let span = firstSpan; chunk.spans.length < spanCount; span = this.#cells[span + row.NEXT] as number) {
      const size = this.#measureSpan(span, chunk);
      chunk.spans.push(span);
      chunk.sizes.push(size);
      chunk.bytes += 1 + varintBytes(size) + size;
    }
    return chunk;
  }

  #measureSpan(span: number, chunk: Chunk): number {
    const cells = this.#cells;
    let size =
      this.#fieldBytes(span + row.SERVICE) +
      this.#fieldBytes(span + row.NAME) +
      this.#fieldBytes(span + row.RESOURCE) +
      integerBytes(chunk.traceIdHigh, chunk.traceIdLow) +
      integerBytes(cells[span + row.SPAN_ID] as number, cells[span + row.SPAN_ID + 1] as number) +
      integerBytes(cells[span + row.PARENT_ID] as number, cells[span + row.PARENT_ID + 1] as number) +
      integerBytes(cells[span + row.START] as number, cells[span + row.START + 1] as number) +
      integerBytes(cells[span + row.DURATION] as number, cells[span + row.DURATION + 1] as number) +
      integerBytes(0, cells[span + row.ERROR] as number) +
      this.#fieldBytes(span + row.TYPE);
    this.#wanted |= COMPUTE_STATS_BIT;
    const metaEnd = cells[span + row.META + 1] as number;
    for (let entry = cells[span + row.META] as number; entry < metaEnd; entry += row.ENTRY_CELLS) {
      const keyBytes = (cells[entry + 1] as number) - (cells[entry] as number);
      const text = cells[entry + 2] as number;
      const textBytes = text < 0 ? this.#decode(entry + 2).length : (cells[entry + 3] as number) - text;
      size += entryBytes(textEntryBytes(keyBytes, textBytes));
      const candidates = (NOTABLE_OF_LENGTH[keyBytes & 0xff] as number) & this.#wanted;
      if (candidates !== 0) this.#notice(entry, candidates, chunk);
    }
    const metricsEnd = cells[span + row.METRICS + 1] as number;
    for (let entry = cells[span + row.METRICS] as number; entry < metricsEnd; entry += row.ENTRY_CELLS) {
      const keyBytes = (cells[entry + 1] as number) - (cells[entry] as number);
      size += entryBytes(10 + varintBytes(keyBytes) + keyBytes);
      if (keyBytes === PRIORITY.length && chunk.priority === undefined && this.#isKey(entry, PRIORITY)) {
        chunk.priority = this.#table.doubles[(entry + row.ENTRY_VALUE) / 2];
      }
    }
    const hasComputeStats = (this.#wanted & COMPUTE_STATS_BIT) === 0;
    chunk.hasComputeStats.push(hasComputeStats);
    return hasComputeStats ? size : size + COMPUTE_STATS_ENTRY.length;
  }

  /** @param candidates bits of the notable attributes that an entry may be, by the length of its key */
  #notice(entry: number, candidates: number, chunk: Chunk): void {
    const start = this.#cells[entry] as number;
    const end = this.#cells[entry + 1] as number;
    const index = NOTABLE.findIndex(
      (key, bit) => (candidates >> bit) & 1 && key.length === end - start && this.#slice.text.startsWith(key, start),
    );
    if (index === -1) return;
    const text = row.textAt(this.#table, entry + row.ENTRY_VALUE, this.#slice);
    if (text === "" && 1 << index !== COMPUTE_STATS_BIT) return;
    this.#wanted &= ~(1 << index);
    if (index < FACTS.length) this.facts[index] = text;
    else if (1 << index === ORIGIN_BIT) chunk.origin = text;
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
    let bytes = this.#decoded.get(cell);
    if (!bytes) {
      bytes = Buffer.from(row.textAt(this.#table, cell, this.#slice));
      this.#decoded.set(cell, bytes);
    }
    return bytes;
  }

  write(chunk: Chunk, to: ByteWriter): void {
    const { spans, sizes, hasComputeStats } = chunk;
    for (let index = 0; index < spans.length; index++) {
      this.#writeSpan(spans[index] as number, sizes[index] as number, hasComputeStats[index] as boolean, chunk, to);
    }
  }

  #writeSpan(span: number, size: number, hasComputeStats: boolean, chunk: Chunk, to: ByteWriter): void {
    const cells = this.#cells;
    const out = to.reserve(size + 16);
    let at = to.length;
    out.setUint8(at, SPAN);
    at = varint(out, at + 1, size);
    at = this.#field(out, at, SERVICE, span + row.SERVICE);
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
      const textBytes = text < 0 ? this.#decode(entry + 2).length : (cells[entry + 3] as number) - text;
      at = entryHead(out, at, META, textEntryBytes(keyBytes, textBytes), keyBytes);
      copy(this.#source, key, keyBytes, out, at);
      at += keyBytes;
      out.setUint8(at, TEXT);
      at = varint(out, at + 1, textBytes);
      if (text < 0) copyAll(this.#decode(entry + 2), out, at);
      else copy(this.#source, text, textBytes, out, at);
      at += textBytes;
    }
    if (!hasComputeStats) {
      copy(COMPUTE_STATS_VIEW, 0, COMPUTE_STATS_ENTRY.length, out, at);
      at += COMPUTE_STATS_ENTRY.length;
    }
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
    to.length = this.#field(out, at, TYPE, span + row.TYPE);
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
