/**
 * The texts of a span, to be read and replaced: of one that is an object, and of one that is noted in a table. What is
 * read may be a part of the text of its slice: whoever keeps it must copy it.
 */
import * as row from "../../formats/span-table.ts";
import type { Slice, Span, SpanTable } from "../../telemetry.ts";

export interface SpanTexts {
  readonly resource: string;
  setResource(text: string): void;
  /** Undefined where there is none. */
  attribute(key: string): string | undefined;
  /** The same of one that is compared with ASCII alone: it need not be decoded. */
  asciiAttribute(key: string): string | undefined;
  /** Replaces one that is there. */
  replace(key: string, text: string): void;
  /** The statement a span stands for, as Datadog's agent adds it: the attribute `sql.query`. */
  setStatement(text: string): void;
}

/** `row.STATEMENT` of spans that are objects. */
const STATEMENT_KEY = "sql.query";

/** Copied before its first change. */
export class ObjectTexts implements SpanTexts {
  span: Span;
  readonly #given: Span;

  constructor(span: Span) {
    this.span = span;
    this.#given = span;
  }

  get resource(): string {
    return this.span.resource;
  }

  setResource(text: string): void {
    this.span = { ...this.span, resource: text };
  }

  attribute(key: string): string | undefined {
    return Object.hasOwn(this.span.attributes, key) ? this.span.attributes[key] : undefined;
  }

  asciiAttribute(key: string): string | undefined {
    return this.attribute(key);
  }

  replace(key: string, text: string): void {
    if (this.attribute(key) !== text) this.#set(key, text);
  }

  setStatement(text: string): void {
    this.replace(STATEMENT_KEY, text);
  }

  #set(key: string, text: string): void {
    if (this.span.attributes === this.#given.attributes) {
      this.span = { ...this.span, attributes: { ...this.#given.attributes } };
    }
    this.span.attributes[key] = text;
  }
}

/** Changes are noted in the table. */
export class NotedTexts implements SpanTexts {
  /** The row. */
  span = 0;
  readonly #table: SpanTable;
  readonly #slice: Slice;

  constructor(table: SpanTable, slice: Slice) {
    this.#table = table;
    this.#slice = slice;
  }

  get resource(): string {
    return row.passingTextAt(this.#table, this.span + row.RESOURCE, this.#slice);
  }

  setResource(text: string): void {
    row.setText(this.#table, this.span + row.RESOURCE, text);
  }

  attribute(key: string): string | undefined {
    const entry = this.#find(key);
    return entry === -1 ? undefined : row.passingTextAt(this.#table, entry + row.ENTRY_VALUE, this.#slice);
  }

  asciiAttribute(key: string): string | undefined {
    const entry = this.#find(key);
    if (entry === -1) return undefined;
    const start = this.#table.cells[entry + row.ENTRY_VALUE] as number;
    if (start < 0) return row.textAt(this.#table, entry + row.ENTRY_VALUE, this.#slice);
    return this.#slice.text.slice(start, this.#table.cells[entry + row.ENTRY_VALUE + 1]);
  }

  replace(key: string, text: string): void {
    const entry = this.#find(key);
    if (entry !== -1) row.setText(this.#table, entry + row.ENTRY_VALUE, text);
  }

  setStatement(text: string): void {
    const entry = this.#find(STATEMENT_KEY);
    const cell = entry === -1 ? this.span + row.STATEMENT : entry + row.ENTRY_VALUE;
    row.setText(this.#table, cell, text);
  }

  /** The cell of the entry with a key, -1 when there is none. */
  #find(key: string): number {
    return row.findEntry(this.#table, this.span + row.META, row.keyNumber(this.#table, key));
  }
}
