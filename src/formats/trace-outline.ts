/** What correlation asks of a trace, from its spans as objects and from its spans in a table. */
import type {
  NamingSpan,
  Slice,
  Span,
  SpanOutline,
  SpanTable,
  SpanTimes,
  TimedSpan,
  Trace,
  TraceOutline,
} from "../telemetry.ts";
import { spanKey, spanKeyOf } from "./span-key.ts";
import * as row from "./span-table.ts";

/** On the spans of datadog-lambda's wrappers: the request a span belongs to. */
export const REQUEST_ID_KEY = "request_id";

const SERVERLESS = "serverless";
/** On a span that only stands for a span of X-Ray, which is its parent; its value is `xray`. */
export const PARENT_SOURCE_KEY = "_dd.parent_source";
const XRAY = "xray";
const KIND_KEY = "span.kind";

export function outlineOf({ traceId, spans }: Trace): TraceOutline {
  return {
    traceId,
    spanCount: spans.length,
    naming: spans.flatMap((span) => {
      const requestId = span.attributes[REQUEST_ID_KEY]?.toLowerCase();
      return requestId ? [{ ...spanOutline(span), requestId }] : [];
    }),
    serverless() {
      const span = spans.find(({ type }) => type === SERVERLESS);
      return span && spanOutline(span);
    },
    localRoots() {
      const ids = this.spanIds();
      return spans.filter(({ parentSpanId }) => !ids.has(parentSpanId)).map(spanOutline);
    },
    spanIds: () => new Set(spans.map(({ spanId }) => spanId)),
    timesOf(id) {
      const span = spans.findLast(({ spanId }) => spanId === id);
      return span && timedSpan(span);
    },
    timedSpans: () => spans.map(timedSpan),
  };
}

function spanOutline({ spanId, parentSpanId, service, name, type, attributes }: Span): SpanOutline {
  const { env = "", version = "", [PARENT_SOURCE_KEY]: parentSource } = attributes;
  return { spanId: parentSource === XRAY ? parentSpanId : spanId, parentSpanId, service, name, type, env, version };
}

function timedSpan({ spanId, parentSpanId, service, startTimeUnixNano, durationNano, attributes }: Span): TimedSpan {
  const kind = (attributes[KIND_KEY] ?? "").toLowerCase();
  const startUnixMs = unixMs(Number(startTimeUnixNano));
  const endUnixMs = unixMs(Number(startTimeUnixNano + durationNano));
  return { key: spanKeyOf(spanId), parentKey: spanKeyOf(parentSpanId), service, kind, startUnixMs, endUnixMs };
}

/** Tracers round today's nanoseconds to what a double holds, which is not a fraction of a microsecond. */
export function unixMs(unixNano: number): number {
  return Math.round(unixNano / 1_000) / 1_000;
}

/** The same of a trace whose spans stand in a table. */
export class NotedTrace implements TraceOutline {
  traceId: string;
  readonly spanCount: number;
  readonly naming: NamingSpan[];
  readonly #firstSpan: number;
  readonly #table: SpanTable;
  readonly #slice: Slice;

  constructor(traceId: string, spanCount: number, firstSpan: number, table: SpanTable, slice: Slice) {
    this.traceId = traceId;
    this.spanCount = spanCount;
    this.#firstSpan = firstSpan;
    this.#table = table;
    this.#slice = slice;
    this.naming = this.#naming();
  }

  #naming(): NamingSpan[] {
    const naming: NamingSpan[] = [];
    const { cells } = this.#table;
    let span = this.#firstSpan;
    for (let left = this.spanCount; left > 0; left--) {
      if (cells[span + row.REQUEST_ID] !== cells[span + row.REQUEST_ID + 1]) {
        naming.push(new NotedNamingSpan(this.#table, span, this.#slice));
      }
      span = cells[span + row.NEXT] as number;
    }
    return naming;
  }

  serverless(): SpanOutline | undefined {
    const [table, slice] = [this.#table, this.#slice];
    let span = this.#firstSpan;
    for (let left = this.spanCount; left > 0; left--) {
      if (row.passingTextAt(table, span + row.TYPE, slice) === SERVERLESS) return new NotedOutline(table, span, slice);
      span = table.cells[span + row.NEXT] as number;
    }
    return undefined;
  }

  localRoots(): SpanOutline[] {
    const [table, slice] = [this.#table, this.#slice];
    const ids = this.#spanKeys();
    const roots: SpanOutline[] = [];
    let span = this.#firstSpan;
    for (let left = this.spanCount; left > 0; left--) {
      if (!ids.has(this.#keyAt(span + row.PARENT_ID))) roots.push(new NotedOutline(table, span, slice));
      span = table.cells[span + row.NEXT] as number;
    }
    return roots;
  }

  spanIds(): Set<string> {
    const ids = new Set<string>();
    let span = this.#firstSpan;
    for (let left = this.spanCount; left > 0; left--) {
      ids.add(row.hexAt(this.#table, span + row.SPAN_ID));
      span = this.#table.cells[span + row.NEXT] as number;
    }
    return ids;
  }

  timesOf(spanId: string): SpanTimes | undefined {
    const { cells } = this.#table;
    const high = Number.parseInt(spanId.slice(0, 8), 16) | 0;
    const low = Number.parseInt(spanId.slice(8), 16) | 0;
    let found = -1;
    let span = this.#firstSpan;
    for (let left = this.spanCount; left > 0; left--) {
      if (cells[span + row.SPAN_ID] === high && cells[span + row.SPAN_ID + 1] === low) found = span;
      span = cells[span + row.NEXT] as number;
    }
    if (found === -1) return undefined;
    const startNano = row.numberAt(this.#table, found + row.START);
    const endNano = startNano + row.numberAt(this.#table, found + row.DURATION);
    return { startUnixMs: unixMs(startNano), endUnixMs: unixMs(endNano) };
  }

  timedSpans(): TimedSpan[] {
    const kind = row.keyNumber(this.#table, KIND_KEY);
    const timed: TimedSpan[] = [];
    let span = this.#firstSpan;
    for (let left = this.spanCount; left > 0; left--) {
      timed.push(this.#timedSpan(span, kind));
      span = this.#table.cells[span + row.NEXT] as number;
    }
    return timed;
  }

  /** @param kind the number of the key */
  #timedSpan(span: number, kind: number): TimedSpan {
    const [table, slice] = [this.#table, this.#slice];
    const startNano = row.numberAt(table, span + row.START);
    const kindEntry = row.findEntry(table, span + row.META, kind);
    return {
      key: this.#keyAt(span + row.SPAN_ID),
      parentKey: this.#keyAt(span + row.PARENT_ID),
      service: row.passingTextAt(table, span + row.SERVICE, slice),
      kind: kindEntry === -1 ? "" : row.passingTextAt(table, kindEntry + row.ENTRY_VALUE, slice).toLowerCase(),
      startUnixMs: unixMs(startNano),
      endUnixMs: unixMs(startNano + row.numberAt(table, span + row.DURATION)),
    };
  }

  #spanKeys(): Set<string> {
    const keys = new Set<string>();
    let span = this.#firstSpan;
    for (let left = this.spanCount; left > 0; left--) {
      keys.add(this.#keyAt(span + row.SPAN_ID));
      span = this.#table.cells[span + row.NEXT] as number;
    }
    return keys;
  }

  #keyAt(cell: number): string {
    const { cells } = this.#table;
    return spanKey(cells[cell] as number, cells[cell + 1] as number);
  }
}

/** A class, not an object literal (decision 58); so is the next. */
class NotedOutline implements SpanOutline {
  declare readonly spanId: string;
  declare readonly parentSpanId: string;
  declare readonly service: string;
  declare readonly name: string;
  declare readonly type: string;
  declare readonly env: string;
  declare readonly version: string;

  constructor(table: SpanTable, span: number, slice: Slice) {
    const isXRay = row.passingTextAt(table, span + row.PARENT_SOURCE, slice) === XRAY;
    this.spanId = row.hexAt(table, span + (isXRay ? row.PARENT_ID : row.SPAN_ID));
    this.parentSpanId = row.hexAt(table, span + row.PARENT_ID);
    this.service = row.textAt(table, span + row.SERVICE, slice);
    this.name = row.textAt(table, span + row.NAME, slice);
    this.type = row.textAt(table, span + row.TYPE, slice);
    this.env = row.metaValue(table, span, row.keyNumber(table, "env"), slice);
    this.version = row.metaValue(table, span, row.keyNumber(table, "version"), slice);
  }
}

class NotedNamingSpan extends NotedOutline implements NamingSpan {
  declare readonly requestId: string;

  constructor(table: SpanTable, span: number, slice: Slice) {
    super(table, span, slice);
    this.requestId = row.textAt(table, span + row.REQUEST_ID, slice).toLowerCase();
  }
}
