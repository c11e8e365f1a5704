/**
 * Takes out of OpenTelemetry's spans what is taken out of Datadog's: the literals of statements and commands, what is
 * personal in URLs, numbers of cards. What is changed is told by the name of an attribute; the language of a statement by
 * the database that is called.
 *
 * Loaded by the first such span. What changes texts comes as an argument, so that the other spans load one file.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/database/database-spans/
 */
import { databaseTypeOf, SpanFacts } from "../../formats/datadog-names-of-otlp.ts";
import { tracesOf } from "../../formats/datadog-of-otlp.ts";
import type { AnyValue, Attributes, OtlpSpan, ResourceSpans, Span, TracePayload } from "../../telemetry.ts";

/** What changes texts. */
export interface Obfuscators {
  /** @param system the database, as `db.system` names it */
  sql(statement: string, system: string): string;
  redis(commands: string): string;
  memcached(command: string): string;
  json(text: string): string;
  url(url: string): string;
  /** Whether an attribute is nothing but what must not be shown: the number of a card, a stack trace. */
  isHidden(key: string, value: string): boolean;
  /** What Datadog adds to a span whose texts are obfuscated. */
  finish(span: Span): Span;
}

type Change = (text: string) => string;

const MASK = "?";
/** In the language of the database. */
const STATEMENTS = new Set(["db.statement", "db.query.text", "sql.query"]);
/** The values of a statement, one by one. */
const PARAMETERS = /^db\.(?:query|operation)\.parameter\./;
const URLS = new Set(["url.full", "http.url", "http.target", "url.path"]);
const PARTS_OF_URLS = new Set(["url.query", "url.fragment"]);
const OF_NAMES = "resource.name";
/** What is nested deeper is not looked at, and not shown. */
const MAX_DEPTH = 64;
/** A shorter text may stand in a name by chance. */
const MIN_CHARACTERS = 4;
/** A text between quotes, or a number. What has none is a name, not a statement. */
const LITERAL = /['"`$]|\b\d/;

/** The payload with other spans, in both of its forms. */
export function obfuscateOtlp(payload: TracePayload, given: ResourceSpans[], by: Obfuscators): TracePayload {
  const resourceSpans = given.map((of) => obfuscateResourceSpans(of, by));
  const decode = (): ReturnType<TracePayload["decode"]> =>
    tracesOf(resourceSpans).map(({ traceId, spans }) => ({ traceId, spans: spans.map((span) => by.finish(span)) }));
  return { ...payload, resourceSpans, decode };
}

function obfuscateResourceSpans(given: ResourceSpans, by: Obfuscators): ResourceSpans {
  const hidden = (attributes: Attributes): Attributes => changed(attributes, (key, value) => hide(key, value, by));
  return {
    ...given,
    attributes: hidden(given.attributes),
    scopeSpans: given.scopeSpans.map(({ scope, spans, ...rest }) => ({
      ...rest,
      scope: { ...scope, attributes: hidden(scope.attributes) },
      spans: spans.map((span) => ({
        ...obfuscateSpan(span, given.attributes, by),
        events: span.events.map((event) => ({ ...event, attributes: hidden(event.attributes) })),
        links: span.links.map((link) => ({ ...link, attributes: hidden(link.attributes) })),
      })),
    })),
  };
}

function obfuscateSpan(span: OtlpSpan, resource: Attributes, by: Obfuscators): OtlpSpan {
  const facts = new SpanFacts(span.attributes, resource);
  const language = languageOf(facts, by);
  /** Texts that were changed, which may stand in the name too. */
  const shown = new Map<string, string>();
  const attributes = changed(span.attributes, (key, value) => {
    if (PARAMETERS.test(key) || PARTS_OF_URLS.has(key)) return value === "" ? value : MASK;
    const change = changeOf(key, language, by);
    if (!change) return hide(key, value, by);
    if (value === null || value === "") return value;
    if (typeof value !== "string") return MASK;
    const text = change(value);
    if (text !== value && value.length >= MIN_CHARACTERS) shown.set(value, text);
    return text;
  });
  const named = (name: string): string => {
    let text = name;
    for (const [before, after] of shown) text = text.replaceAll(before, () => after);
    return language.ofName(text);
  };
  const given = Object.hasOwn(attributes, OF_NAMES) ? attributes[OF_NAMES] : undefined;
  const isNamed = typeof given === "string" && given !== "";
  return {
    ...span,
    name: named(span.name),
    attributes: isNamed ? { ...attributes, [OF_NAMES]: named(given) } : attributes,
  };
}

/** How to change statements, and names that may be statements. */
interface Language {
  statement: Change;
  ofName: Change;
}

function languageOf(facts: SpanFacts, by: Obfuscators): Language {
  const system = facts.text("db.system", "db.system.name", "db.type");
  const sql = (text: string): string => by.sql(text, system);
  switch (databaseTypeOf(facts) || facts.text("span.type")) {
    case "sql":
    case "cassandra":
      return { statement: sql, ofName: (name) => (LITERAL.test(name) ? sql(name) : name) };
    case "redis":
    case "valkey":
      return { statement: by.redis, ofName: (name) => (/\s/.test(name) ? by.redis(name) : name) };
    case "memcached":
      return { statement: by.memcached, ofName: (name) => (/[\r\n]/.test(name) ? by.memcached(name) : name) };
    case "mongodb":
    case "elasticsearch":
    case "opensearch":
      return { statement: by.json, ofName: (name) => withoutJson(name, by) };
    default:
      return { statement: (text) => (/^\s*[{[]/.test(text) ? by.json(text) : sql(text)), ofName: (name) => name };
  }
}

function withoutJson(name: string, by: Obfuscators): string {
  const start = name.search(/[{[]/);
  return start === -1 ? name : name.slice(0, start) + by.json(name.slice(start));
}

/** By the name of an attribute; undefined: nothing but its value can tell. */
function changeOf(key: string, language: Language, by: Obfuscators): Change | undefined {
  if (STATEMENTS.has(key)) return language.statement;
  if (URLS.has(key)) return by.url;
  switch (key) {
    case "redis.raw_command":
    case "valkey.raw_command":
      return by.redis;
    case "memcached.command":
      return by.memcached;
    case "mongodb.query":
    case "elasticsearch.body":
    case "opensearch.body":
      return by.json;
    default:
      return undefined;
  }
}

/** The same value when nothing of it must be hidden. What stands in a map goes by the map's keys. */
function hide(key: string, value: AnyValue, by: Obfuscators, depth = MAX_DEPTH): AnyValue {
  if (typeof value === "string") return by.isHidden(key, value) ? MASK : value;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (depth === 0) return MASK;
  if (!Array.isArray(value)) return changed(value, (inner, item) => hide(inner, item, by, depth - 1));
  const items = value.map((item) => hide(key, item, by, depth - 1));
  return items.some((item, index) => item !== value[index]) ? items : value;
}

/** The same attributes when nothing of them changes. */
function changed(attributes: Attributes, change: (key: string, value: AnyValue) => AnyValue): Attributes {
  const entries = Object.entries(attributes).map(([key, value]): [string, AnyValue] => [key, change(key, value)]);
  return entries.some(([key, value]) => value !== attributes[key]) ? Object.fromEntries(entries) : attributes;
}
