/** What must be known of all spans that are noted in a slice before the first of them is written. */
import { isSame } from "../formats/id-reader.ts";
import * as row from "../formats/span-table.ts";
import type { Slice, SpanTable, TracePayload } from "../telemetry.ts";
import { LAMBDA, renamingOf } from "./datadog-trace-tags.ts";
import { PaddedBytes } from "./padded-bytes.ts";

/** Of places where an id may stand. More are taken by ids that were made to. */
const MAX_LOOKS = 32;

/** How many services are told apart by a look at their names, at best. */
const LOOKS = 64;

/** Spans are numbered in the order in which they are written. */
export interface NotedSlice {
  table: SpanTable;
  /** Where each span stands in the table. */
  rows: Int32Array;
  /** The number of the first span of each payload. */
  firstSpans: number[];
  /** 1: its parent is none of these spans, or of another service. */
  isTopLevel: Uint8Array;
  services: ServiceNames;
}

/** Undefined where they are better decoded: for what no tracer writes, and where spans are left out. */
export function notedSliceOf(payloads: TracePayload[], slice: Slice, service: string): NotedSlice | undefined {
  const table = payloads[0]?.table;
  if (!table) return undefined;
  for (const payload of payloads) if (payload.table !== table) return undefined;
  const { cells } = table;
  const firstSpans: number[] = [];
  const rows = rowsOf(payloads, cells, firstSpans);
  const services = new ServiceNames(table, slice, rows.length);
  const ids = new SpanIds(cells, rows.length);
  const own = new Set<string>();
  for (let number = 0; number < rows.length; number++) {
    const span = rows[number] as number;
    if (isPlaceholder(table, span, slice) || !ids.add(span, number)) return undefined;
    const name = services.note(span, number);
    if (name === LAMBDA || isText(table, span + row.NAME, LAMBDA, slice)) own.add(name);
  }
  const { ofSpan } = services;
  const isTopLevel = new Uint8Array(rows.length);
  for (let number = 0; number < rows.length; number++) {
    const parentId = (rows[number] as number) + row.PARENT_ID;
    const parent = ids.numberOf(cells[parentId] as number, cells[parentId + 1] as number);
    if (parent === -1 || ofSpan[parent] !== ofSpan[number]) isTopLevel[number] = 1;
  }
  services.rename = renamingOf(own, service);
  return { table, rows, firstSpans, isTopLevel, services };
}

/** @param firstSpans takes the number of the first span of each payload */
function rowsOf(payloads: TracePayload[], cells: Int32Array, firstSpans: number[]): Int32Array {
  let count = 0;
  for (const { traces } of payloads) {
    firstSpans.push(count);
    for (const { spanCount } of traces) count += spanCount;
  }
  const rows = new Int32Array(count);
  let number = 0;
  for (let index = 0; index < payloads.length; index++) {
    const end = index + 1 < payloads.length ? (firstSpans[index + 1] as number) : count;
    let span = (payloads[index] as TracePayload).firstSpan;
    for (; number < end; number++) {
      rows[number] = span;
      span = cells[span + row.NEXT] as number;
    }
  }
  return rows;
}

/** Whether it only stands for a span of X-Ray. */
function isPlaceholder(table: SpanTable, span: number, slice: Slice): boolean {
  const isSaid = table.cells[span + row.PARENT_SOURCE] !== table.cells[span + row.PARENT_SOURCE + 1];
  return isSaid && row.textAt(table, span + row.PARENT_SOURCE, slice) === "xray";
}

function isText(table: SpanTable, cell: number, text: string, slice: Slice): boolean {
  const start = table.cells[cell] as number;
  if (start < 0) return row.textAt(table, cell, slice) === text;
  return (table.cells[cell + 1] as number) - start === text.length && slice.text.startsWith(text, start);
}

/** The services of the spans, and how they are called when they are sent. Most spans of a slice share a few. */
export class ServiceNames {
  /** By span, the number of its service. */
  readonly ofSpan: Uint32Array;
  /** How a service is called. Undefined: as its tracer calls it. */
  rename: ((service: string) => string) | undefined;
  readonly #table: SpanTable;
  readonly #slice: Slice;
  readonly #view: DataView;
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** By what is seen first of a text: a service that looked so, and where it stood, as far as it was without escapes. */
  readonly #recent = new Uint32Array(LOOKS);
  readonly #starts = new Int32Array(LOOKS);
  readonly #lengths = new Int32Array(LOOKS);
  /** By service: its new name; null where it keeps the old one. */
  readonly #renamed: (PaddedBytes | null | undefined)[] = [];

  constructor(table: SpanTable, slice: Slice, spans: number) {
    this.ofSpan = new Uint32Array(spans);
    this.#table = table;
    this.#slice = slice;
    this.#view = new DataView(slice.bytes.buffer, slice.bytes.byteOffset, slice.bytes.length);
    // Number 0, as which services that were not seen yet are looked up.
    this.#number("");
  }

  /** Notes the service of a span and gives it. */
  note(span: number, number: number): string {
    const service = this.numberAt(span + row.SERVICE);
    this.ofSpan[number] = service;
    return this.#names[service] as string;
  }

  /** The new name of a service; null where it keeps the old one. */
  renamed(service: number): PaddedBytes | null {
    const known = this.#renamed[service];
    if (known !== undefined) return known;
    const name = this.#names[service] as string;
    const to = this.rename?.(name) ?? name;
    const bytes = to === name ? null : new PaddedBytes(Buffer.from(to));
    this.#renamed[service] = bytes;
    return bytes;
  }

  /** The number of the service whose name is noted at a cell. */
  numberAt(cell: number): number {
    const { cells } = this.#table;
    const start = cells[cell] as number;
    const length = (cells[cell + 1] as number) - start;
    if (start < 0) return this.#number(row.textAt(this.#table, cell, this.#slice));
    const { bytes } = this.#slice;
    const look = length === 0 ? 0 : (bytes[start] as number) ^ ((bytes[start + length - 1] as number) << 2);
    const slot = (look ^ length) % LOOKS;
    if (this.#lengths[slot] === length && isSame(this.#view, this.#starts[slot] as number, start, length)) {
      return this.#recent[slot] as number;
    }
    const number = this.#number(row.textAt(this.#table, cell, this.#slice));
    this.#recent[slot] = number;
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
    return number;
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.length;
    this.#names.push(name);
    this.#numbers.set(name, number);
    return number;
  }
}

/** Finds spans by their ids. */
class SpanIds {
  readonly #cells: Int32Array;
  /** One more than the number of a span; 0 = none. Ids that claim one slot stand in those behind it. */
  readonly #slots: Uint32Array;
  readonly #rows: Int32Array;
  readonly #shift: number;

  constructor(cells: Int32Array, spans: number) {
    // Twice as many slots as spans, at least.
    const bits = Math.max(4, 32 - Math.clz32(spans * 2));
    this.#cells = cells;
    this.#slots = new Uint32Array(1 << bits);
    this.#rows = new Int32Array(1 << bits);
    this.#shift = 32 - bits;
  }

  /** False where too many ids claim one place. Of spans with one id the last is found. */
  add(span: number, number: number): boolean {
    const slot = this.#slotOf(this.#cells[span + row.SPAN_ID] as number, this.#cells[span + row.SPAN_ID + 1] as number);
    if (slot === -1) return false;
    this.#slots[slot] = number + 1;
    this.#rows[slot] = span;
    return true;
  }

  /** The number of a span; -1 where none has the id. */
  numberOf(high: number, low: number): number {
    const slot = this.#slotOf(high, low);
    return slot === -1 ? -1 : (this.#slots[slot] as number) - 1;
  }

  /** Where the id stands, or the free slot where it would; -1: neither is near. */
  #slotOf(high: number, low: number): number {
    let slot = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> this.#shift;
    for (let look = 0; look < MAX_LOOKS; look++) {
      if (this.#slots[slot] === 0) return slot;
      const other = (this.#rows[slot] as number) + row.SPAN_ID;
      if (this.#cells[other] === high && this.#cells[other + 1] === low) return slot;
      slot = (slot + 1) % this.#slots.length;
    }
    return -1;
  }
}
