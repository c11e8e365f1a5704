/**
 * Spans noted by position: which cell of a span table holds what.
 *
 * A span is a row of `SPAN_CELLS` cells, then its meta entries, then its metrics entries (or the other way round), of
 * `ENTRY_CELLS` cells each. A text is two cells: its first byte in the slice and the byte behind its last. Where it has
 * escapes the first is inverted (`~`), and it must be decoded; all others are UTF-8 already. A text that is left out is
 * an empty one. One that was changed has both inverted, its places in `changed`. 64-bit numbers are two cells, the high
 * half first.
 */
import type { Slice, SpanTable } from "../telemetry.ts";
import { decodeTwice } from "./escaped-json.ts";

/** The row of the span behind this one. */
export const NEXT = 0;
export const ERROR = 1;
export const SPAN_ID = 2;
/** Zero: a root. */
export const PARENT_ID = 4;
/** Nanoseconds, not negative. */
export const START = 6;
export const DURATION = 8;
export const SERVICE = 10;
export const NAME = 12;
export const RESOURCE = 14;
export const TYPE = 16;
/** The first cell of the meta entries, and the cell behind them. An entry is the number of a key, and a text. */
export const META = 18;
/** The same of the metrics entries. An entry is the number of a key, and a double, `doubles[(cell + ENTRY_VALUE) / 2]`. */
export const METRICS = 20;
/** A value among the meta entries. */
export const REQUEST_ID = 22;
/** Another: who the parent is from. */
export const PARENT_SOURCE = 24;
/** A text that is sent as the attribute `sql.query`, behind the meta entries; two zeros: none. */
export const STATEMENT = 26;
/** How long its JSON is, with escapes. */
export const JSON_BYTES = 28;
export const SPAN_CELLS = 30;

export const ENTRY_VALUE = 2;
export const ENTRY_CELLS = 4;

/** Enough for the spans of most payload lines. */
const LEAST_CELLS = 8 * 1024;
const LEAST_CHANGED_BYTES = 16 * 1024;
/** Whoever copies texts reads four bytes at once. */
const PADDING = 3;

/** Takes memory with the first span. */
export function createSpanTable(): SpanTable {
  return {
    cells: new Int32Array(0),
    doubles: new Float64Array(0),
    length: 0,
    changed: Buffer.alloc(0),
    changedBytes: 0,
  };
}

/** Makes room for as many more cells. */
export function reserveCells(table: SpanTable, count: number): void {
  if (table.length + count <= table.cells.length) return;
  const cells = new Int32Array(Math.max(LEAST_CELLS, 2 ** Math.ceil(Math.log2(table.length + count))));
  cells.set(table.cells.subarray(0, table.length));
  table.cells = cells;
  table.doubles = new Float64Array(cells.buffer);
}

/** The text noted at a cell and the one behind it. */
export function textAt({ cells, changed }: SpanTable, cell: number, { bytes }: Slice): string {
  const start = cells[cell] as number;
  const end = cells[cell + 1] as number;
  if (start >= 0) return bytes.toString("utf8", start, end);
  return end < 0 ? changed.toString("utf8", ~start, ~end) : decodeTwice(bytes, ~start, end);
}

/** The same, for as long as the slice lives: ASCII is not copied. */
export function passingTextAt(table: SpanTable, cell: number, slice: Slice): string {
  const start = table.cells[cell] as number;
  const end = table.cells[cell + 1] as number;
  if (start < 0) return textAt(table, cell, slice);
  for (let at = start; at < end; at++) if ((slice.bytes[at] as number) > 0x7f) return textAt(table, cell, slice);
  return slice.text.slice(start, end);
}

/** Replaces the text noted at a cell and the one behind it. */
export function setText(table: SpanTable, cell: number, text: string): void {
  const start = table.changedBytes;
  const most = start + 3 * text.length + PADDING;
  if (most > table.changed.length) reserveChanged(table, most);
  table.changedBytes = start + table.changed.write(text, start);
  table.cells[cell] = ~start;
  table.cells[cell + 1] = ~table.changedBytes;
}

function reserveChanged(table: SpanTable, bytes: number): void {
  const changed = Buffer.allocUnsafeSlow(Math.max(LEAST_CHANGED_BYTES, 2 ** Math.ceil(Math.log2(bytes))));
  changed.set(table.changed.subarray(0, table.changedBytes));
  table.changed = changed;
}

/** The number of a key; -1 when no span has it. @param key ASCII, without escapes */
export function keyNumber({ keys }: SpanTable, key: string): number {
  return keys ? keys.numberOf(key) : -1;
}

/** The value of a meta entry; "" when there is none. @param key its number */
export function metaValue(table: SpanTable, span: number, key: number, slice: Slice): string {
  const entry = findEntry(table, span + META, key);
  return entry === -1 ? "" : textAt(table, entry + ENTRY_VALUE, slice);
}

/** The cell of the entry with a key, -1 when there is none. @param range where first and last entry are noted */
export function findEntry({ cells }: SpanTable, range: number, key: number): number {
  if (key === -1) return -1;
  const end = cells[range + 1] as number;
  for (let entry = cells[range] as number; entry < end; entry += ENTRY_CELLS) if (cells[entry] === key) return entry;
  return -1;
}

/** 16 hex digits of a 64-bit number; "" for zero. */
export function hexAt({ cells }: SpanTable, cell: number): string {
  const high = (cells[cell] as number) >>> 0;
  const low = (cells[cell + 1] as number) >>> 0;
  return high === 0 && low === 0 ? "" : high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

/** A 64-bit number that is not negative, as exact as a double is. */
export function numberAt({ cells }: SpanTable, cell: number): number {
  return ((cells[cell] as number) >>> 0) * 2 ** 32 + ((cells[cell + 1] as number) >>> 0);
}
