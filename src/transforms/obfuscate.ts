/**
 * Takes out of spans what may be personal or secret: the literals of statements and commands, and numbers of cards. What is
 * changed is told by the type of a span, as Datadog's agent does it.
 *
 * @see https://github.com/DataDog/datadog-agent/blob/main/pkg/trace/agent/obfuscate.go
 */
import * as row from "../formats/span-table.ts";
import type {
  AttributeValue,
  KeyTable,
  ResourceTelemetry,
  Slice,
  Span,
  SpanEvent,
  SpanTable,
  TracePayload,
} from "../telemetry.ts";
import { isCardNumber, mayBeCardNumber } from "./obfuscate/card-number.ts";
import { obfuscateJson } from "./obfuscate/json-values.ts";
import { obfuscateMemcached } from "./obfuscate/memcached.ts";
import type { Obfuscators } from "./obfuscate/otlp-spans.ts";
import { obfuscateRedis, redisNames } from "./obfuscate/redis.ts";
import { NotedTexts, ObjectTexts, type SpanTexts } from "./obfuscate/span-texts.ts";
import { type Dialect, obfuscateSql } from "./obfuscate/sql.ts";
import { obfuscateUrl } from "./obfuscate/url.ts";

export interface ObfuscationSettings {
  /** Whether attributes that are the number of a payment card are replaced. */
  obfuscateCardNumbers: boolean;
  /** Whether the stack traces of errors are replaced. */
  removeStackTraces: boolean;
}

const MASK = "?";
const STACK_TRACE = "error.stack";
const EVENT_STACK_TRACE = "exception.stacktrace";

const DIALECTS = new Map<string, Dialect>([
  ["mysql", "mysql"],
  ["mysql2", "mysql"],
  ["mariadb", "mysql"],
  ["postgres", "postgresql"],
  ["postgresql", "postgresql"],
  ["redshift", "postgresql"],
  ["mssql", "mssql"],
  ["sqlserver", "mssql"],
  ["sql-server", "mssql"],
  ["microsoft.sql_server", "mssql"],
  ["oracle", "oracle"],
  ["oracle.db", "oracle"],
]);

/** What is changed in a span of a type. */
type Change = (texts: SpanTexts) => void;

const CHANGES = new Map<string, Change>([
  ["sql", changeSql],
  ["cassandra", changeSql],
  ["redis", changeRedis],
  ["valkey", changeRedis],
  ["memcached", (texts) => change(texts, "memcached.command", obfuscateMemcached)],
  ["mongodb", (texts) => change(texts, "mongodb.query", obfuscateJson)],
  ["elasticsearch", changeSearch],
  ["opensearch", changeSearch],
  ["web", changeHttp],
  ["http", changeHttp],
]);
/** The same by first letter and length, which tell these types apart. */
const BY_LOOK = new Map(
  [...CHANGES].map(([type, apply]) => [lookOf(type.charCodeAt(0), type.length), { type, apply }]),
);

/** Statements that were seen last, in their dialects: programs have few. */
const statements = new Map<Dialect, Map<string, string>>();
const MAX_STATEMENTS = 256;
const MAX_REMEMBERED_CHARACTERS = 2_000;

/** Loaded by the first span that is OpenTelemetry's. */
let otlp: typeof import("./obfuscate/otlp-spans.ts") | undefined;

/**
 * The telemetry with its spans changed. Those that are noted in the table are changed there, the others where they are
 * decoded; OpenTelemetry's at once, and Datadog's form of them follows from what they are then.
 */
export function obfuscate(
  telemetry: ResourceTelemetry,
  settings: ObfuscationSettings,
): ResourceTelemetry | Promise<ResourceTelemetry> {
  if (!otlp && telemetry.tracePayloads.some(({ resourceSpans }) => resourceSpans)) {
    return loadOtlp().then(() => obfuscateLoaded(telemetry, settings));
  }
  return obfuscateLoaded(telemetry, settings);
}

async function loadOtlp(): Promise<void> {
  otlp ??= await import("./obfuscate/otlp-spans.ts");
}

function obfuscateLoaded(telemetry: ResourceTelemetry, settings: ObfuscationSettings): ResourceTelemetry {
  const tracePayloads: TracePayload[] = [];
  for (const payload of telemetry.tracePayloads) {
    if (payload.table) obfuscateTable(payload.table, payload, telemetry.slice, settings);
    tracePayloads.push(obfuscatePayload(payload, settings));
  }
  return { ...telemetry, tracePayloads };
}

/** What is left to do where spans are noted in a table: they are changed there. */
function obfuscatePayload(payload: TracePayload, settings: ObfuscationSettings): TracePayload {
  if (otlp && payload.resourceSpans) {
    return otlp.obfuscateOtlp(payload, payload.resourceSpans, obfuscatorsFor(settings));
  }
  return { ...payload, decode: () => decoded(payload, settings) };
}

function obfuscatorsFor(settings: ObfuscationSettings): Obfuscators {
  return {
    sql: (sql, system) => statement(sql, dialectOf(system)),
    redis: obfuscateRedis,
    memcached: obfuscateMemcached,
    json: obfuscateJson,
    url: obfuscateUrl,
    isHidden: (key, value) =>
      isHidden(key, value, STACK_TRACE, settings) || isHidden(key, value, EVENT_STACK_TRACE, settings),
    finish: finishSpan,
  };
}

/** What is left to do where no text has a literal any more. */
function finishSpan(span: Span): Span {
  const texts = new ObjectTexts(span);
  if (span.resource !== "") {
    if (CHANGES.get(span.type) === changeSql) texts.setStatement(span.resource);
    if (CHANGES.get(span.type) === changeRedis) texts.setResource(redisNames(span.resource));
  }
  return texts.span;
}

function decoded(payload: TracePayload, settings: ObfuscationSettings): ReturnType<TracePayload["decode"]> {
  return payload.decode().map(({ traceId, spans }) => ({
    traceId,
    spans: spans.map((span) => obfuscateSpan(span, settings)),
  }));
}

/** The same object when nothing changes. */
export function obfuscateSpan(span: Span, settings: ObfuscationSettings): Span {
  const texts = new ObjectTexts(span);
  CHANGES.get(span.type)?.(texts);
  for (const key in span.attributes) {
    if (isHidden(key, texts.attribute(key) as string, STACK_TRACE, settings)) texts.replace(key, MASK);
  }
  const events = span.events.map((event) => obfuscateEvent(event, settings));
  return events.some((event, index) => event !== span.events[index]) ? { ...texts.span, events } : texts.span;
}

function obfuscateEvent(event: SpanEvent, settings: ObfuscationSettings): SpanEvent {
  const hidden = (key: string, value: AttributeValue): AttributeValue => {
    if (Array.isArray(value)) {
      const items = value.map((item) => hidden(key, item) as string | number | boolean);
      return items.some((item, index) => item !== value[index]) ? items : value;
    }
    return typeof value === "string" && isHidden(key, value, EVENT_STACK_TRACE, settings) ? MASK : value;
  };
  const entries = Object.entries(event.attributes).map(([key, value]): [string, AttributeValue] => [
    key,
    hidden(key, value),
  ]);
  const isChanged = entries.some(([key, value]) => value !== event.attributes[key]);
  return isChanged ? { ...event, attributes: Object.fromEntries(entries) } : event;
}

function isHidden(key: string, value: string, stackTrace: string, settings: ObfuscationSettings): boolean {
  if (settings.removeStackTraces && key === stackTrace && value !== "") return true;
  return settings.obfuscateCardNumbers && isCardNumber(key, value);
}

/** Changes the spans of a payload where they are noted. */
function obfuscateTable(
  table: SpanTable,
  { traces, firstSpan }: TracePayload,
  slice: Slice,
  settings: ObfuscationSettings,
): void {
  const texts = new NotedTexts(table, slice);
  let span = firstSpan;
  for (const { spanCount } of traces) {
    for (let left = spanCount; left > 0; left--) {
      texts.span = span;
      changeOf(table, span, slice)?.(texts);
      if (settings.obfuscateCardNumbers) hideCardNumbers(table, span, slice);
      if (settings.removeStackTraces && texts.attribute(STACK_TRACE)) texts.replace(STACK_TRACE, MASK);
      span = table.cells[span + row.NEXT] as number;
    }
  }
}

/** By the type of a span; undefined: nothing is changed. */
function changeOf(table: SpanTable, span: number, slice: Slice): Change | undefined {
  const start = table.cells[span + row.TYPE] as number;
  const end = table.cells[span + row.TYPE + 1] as number;
  if (start < 0) return CHANGES.get(row.textAt(table, span + row.TYPE, slice));
  if (start === end) return undefined;
  const likely = BY_LOOK.get(lookOf(slice.bytes[start] as number, end - start));
  return likely && slice.text.startsWith(likely.type, start) ? likely.apply : undefined;
}

function lookOf(letter: number, length: number): number {
  return letter + 256 * length;
}

/** Few texts begin and end like a number of such a length. */
function hideCardNumbers(table: SpanTable, span: number, { bytes, text }: Slice): void {
  const { cells } = table;
  const end = cells[span + row.META + 1] as number;
  for (let entry = cells[span + row.META] as number; entry < end; entry += row.ENTRY_CELLS) {
    const from = cells[entry + row.ENTRY_VALUE] as number;
    const to = cells[entry + row.ENTRY_VALUE + 1] as number;
    // A text that was changed has no place in the bytes.
    if (to >= 0 && !mayBeCardNumber(bytes, from < 0 ? ~from : from, to)) continue;
    const key = (table.keys as KeyTable).nameOf(cells[entry] as number);
    const value = row.textAt(table, entry + row.ENTRY_VALUE, { bytes, text });
    if (isCardNumber(key, value)) row.setText(table, entry + row.ENTRY_VALUE, MASK);
  }
}

function changeSql(texts: SpanTexts): void {
  const system = texts.asciiAttribute("db.type") ?? texts.asciiAttribute("db.system") ?? "";
  const dialect = dialectOf(system);
  const known = (sql: string): string => statement(sql, dialect);
  const { resource } = texts;
  if (resource === "") {
    change(texts, "sql.query", known);
  } else {
    const shown = known(resource);
    if (shown !== resource) texts.setResource(shown);
    texts.setStatement(shown);
  }
  change(texts, "db.statement", known);
  change(texts, "db.query.text", known);
}

function dialectOf(system: string): Dialect {
  return DIALECTS.get(system) ?? DIALECTS.get(system.toLowerCase()) ?? "";
}

function statement(sql: string, dialect: Dialect): string {
  if (sql.length > MAX_REMEMBERED_CHARACTERS) return obfuscateSql(sql, dialect);
  const known = statements.get(dialect) ?? new Map<string, string>();
  statements.set(dialect, known);
  let shown = known.get(sql);
  if (shown === undefined) {
    // It may be a part of its slice's text, and keep all of it.
    const kept = Buffer.from(sql).toString();
    shown = obfuscateSql(kept, dialect);
    if (known.size === MAX_STATEMENTS) known.clear();
    known.set(kept, shown);
  }
  return shown;
}

function changeRedis(texts: SpanTexts): void {
  const { resource } = texts;
  const names = redisNames(resource);
  if (names !== resource) texts.setResource(names);
  for (const key of ["redis.raw_command", "valkey.raw_command", "db.statement", "db.query.text"]) {
    change(texts, key, obfuscateRedis);
  }
}

function changeSearch(texts: SpanTexts): void {
  change(texts, "elasticsearch.body", obfuscateJson);
  change(texts, "opensearch.body", obfuscateJson);
}

function changeHttp(texts: SpanTexts): void {
  change(texts, "http.url", obfuscateUrl);
}

function change(texts: SpanTexts, key: string, obfuscated: (text: string) => string): void {
  const text = texts.attribute(key);
  if (!text) return;
  const shown = obfuscated(text);
  if (shown !== text) texts.replace(key, shown);
}
