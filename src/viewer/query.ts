/**
 * The language of searching, for traces, logs and what streams by: one parser, of plain values, so that the page can use
 * it too.
 *
 *     service:api status:error @http.url:*cart* duration:>100ms (timeout OR "no such key") -resource:health
 *
 * Words beside each other must all match, `OR` binds weaker than that; case makes no difference. `*` stands for anything.
 */
import { lowHalf, traceIdFromDatadog, traceIdFromHex } from "../formats/trace-ids.ts";

// biome-ignore format: one line says it
export const FIELDS = ["service", "resource", "name", "status", "kind", "type", "source", "function", "group", "request", "span"] as const;
export type FieldName = (typeof FIELDS)[number];
export type Comparison = ">" | ">=" | "<" | "<=" | "=";

/** The parts of a text between its `*`, lower case: one part is the text itself. */
export type Pattern = readonly string[];

export type Query =
  | { is: "all" }
  | { is: "and" | "or"; parts: Query[] }
  | { is: "not"; part: Query }
  | { is: "text"; pattern: Pattern }
  | { is: "field"; field: FieldName; pattern: Pattern }
  | { is: "tag"; path: string; pattern: Pattern }
  | { is: "number"; path: string; comparison: Comparison; value: number }
  | { is: "duration"; comparison: Comparison; ms: number }
  /** As it was written, in lower case. */
  | { is: "trace"; id: string };

/** Exists so that whoever typed the query can be shown where it goes wrong. */
export class QueryError extends Error {
  override name = "QueryError";
  /** @param position in the text, from 0 */
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(`${message}, at character ${position + 1}`);
  }
}

export const MAX_QUERY_LENGTH = 2_000;
const MAX_DEPTH = 20;

/** @throws {QueryError} */
export function parseQuery(text: string): Query {
  if (text.length > MAX_QUERY_LENGTH)
    throw new QueryError(`the query is over ${MAX_QUERY_LENGTH} characters`, MAX_QUERY_LENGTH);
  const parser = new Parser(text);
  return parser.parse();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Query {
    this.#skipSpace();
    if (this.#at === this.#text.length) return { is: "all" };
    const query = this.#readOr();
    if (this.#at < this.#text.length) throw new QueryError('")" without "("', this.#at);
    return query;
  }

  #readOr(): Query {
    const parts = [this.#readAnd()];
    while (this.#takeWord("OR")) parts.push(this.#readAnd());
    return joined("or", parts);
  }

  #readAnd(): Query {
    const parts = [this.#readUnary()];
    for (;;) {
      if (this.#takeWord("AND")) parts.push(this.#readUnary());
      else if (this.#isAtEnd() || this.#isAtWord("OR")) return joined("and", parts);
      else parts.push(this.#readUnary());
    }
  }

  #readUnary(): Query {
    this.#skipSpace();
    const start = this.#at;
    if (this.#isAtEnd()) throw new QueryError("something to search for is missing", start);
    if (this.#isAtWord("OR") || this.#isAtWord("AND")) {
      throw new QueryError(`${this.#isAtWord("OR") ? "OR" : "AND"} has nothing on one side`, start);
    }
    if (this.#takeWord("NOT")) return this.#deeper(start, () => ({ is: "not", part: this.#readUnary() }));
    if (this.#text[start] === "-") {
      this.#at++;
      if (/^(?:\s|$)/.test(this.#text.slice(this.#at, this.#at + 1))) {
        throw new QueryError("what the minus leaves out is missing", start);
      }
      return this.#deeper(start, () => ({ is: "not", part: this.#readUnary() }));
    }
    if (this.#text[start] !== "(") return this.#readTerm();
    this.#at++;
    const query = this.#deeper(start, () => this.#readOr());
    this.#skipSpace();
    if (this.#text[this.#at] !== ")") throw new QueryError('")" is missing for the "(" here', start);
    this.#at++;
    this.#skipSpace();
    return query;
  }

  #deeper(start: number, read: () => Query): Query {
    if (++this.#depth > MAX_DEPTH) throw new QueryError("parentheses and minuses are nested too deep", start);
    const query = read();
    this.#depth--;
    return query;
  }

  #readTerm(): Query {
    const start = this.#at;
    const tag = /^@((?:[^\s:()"\\]|\\[\s\S]){1,200}):/.exec(this.#text.slice(start, start + 420));
    if (this.#text[start] === "@") {
      if (!tag) throw new QueryError("a tag is written @name:value", start);
      this.#at += tag[0].length;
      return this.#readTagValue(unescaped(tag[1] as string));
    }
    const field = /^([a-zA-Z_]{1,30}):(?!\/\/)/.exec(this.#text.slice(start, start + 32));
    if (!field) return { is: "text", pattern: this.#readPattern() };
    this.#at += field[0].length;
    return this.#readFieldValue((field[1] as string).toLowerCase(), start);
  }

  #readTagValue(path: string): Query {
    const compared = this.#readComparison(COMPARED_NUMBER);
    if (compared) return { is: "number", path, comparison: compared.comparison, value: Number(compared.rest[0]) };
    return { is: "tag", path, pattern: this.#readPattern() };
  }

  #readFieldValue(name: string, start: number): Query {
    const valueAt = this.#at;
    if (name === "duration") {
      const compared = this.#readComparison(COMPARED_DURATION);
      if (!compared) throw new QueryError("a duration is written duration:>100ms (ns, us, ms, s, m, h)", valueAt);
      const [number, unit = "ms"] = compared.rest;
      return { is: "duration", comparison: compared.comparison, ms: Number(number) * (MS[unit] as number) };
    }
    if (name === "trace") {
      const [id = "", ...more] = this.#readPattern();
      if (more.length > 0 || traceIdsOf(id).length === 0) {
        throw new QueryError("a trace id is decimal, or 16 or 32 hex digits", valueAt);
      }
      return { is: "trace", id };
    }
    const field = FIELDS.find((known) => known === name);
    if (field) return { is: "field", field, pattern: this.#readPattern() };
    throw new QueryError(
      `there is no field ${name}; there are ${FIELDS.join(", ")}, duration, trace; a tag is @${name}:…, text with a colon is quoted`,
      start,
    );
  }

  #readComparison(form: RegExp): { comparison: Comparison; rest: (string | undefined)[] } | undefined {
    const match = form.exec(this.#text.slice(this.#at, this.#at + 60));
    if (!match) return undefined;
    this.#at += match[0].length;
    this.#skipSpace();
    const [, comparison, ...rest] = match;
    return { comparison: (comparison || "=") as Comparison, rest };
  }

  /** A word, up to a space or a parenthesis; between quotes these are nothing special, and neither is `*`. */
  #readPattern(): Pattern {
    const start = this.#at;
    const parts = [""];
    let quoteAt = -1;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] as string;
      if (character === "\\") {
        if (this.#at + 1 === this.#text.length) throw new QueryError('nothing follows the "\\"', this.#at);
        parts.push(parts.pop() + (this.#text[++this.#at] as string));
      } else if (character === '"') quoteAt = quoteAt < 0 ? this.#at : -1;
      else if (quoteAt < 0 && /[\s()]/.test(character)) break;
      else if (quoteAt < 0 && character === "*") parts.push("");
      else parts.push(parts.pop() + character);
    }
    if (quoteAt >= 0) throw new QueryError("the quote that begins here does not end", quoteAt);
    if (this.#at === start) throw new QueryError("a value is missing", start);
    this.#skipSpace();
    return parts.map((part) => part.toLowerCase());
  }

  #isAtWord(word: string): boolean {
    const end = this.#at + word.length;
    return this.#text.startsWith(word, this.#at) && /^(?:[\s()]|$)/.test(this.#text.slice(end, end + 1));
  }

  #takeWord(word: string): boolean {
    if (!this.#isAtWord(word)) return false;
    this.#at += word.length;
    this.#skipSpace();
    return true;
  }

  #isAtEnd(): boolean {
    return this.#at === this.#text.length || this.#text[this.#at] === ")";
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at] as string)) this.#at++;
  }
}

/** As JavaScript writes them, with or without an exponent. */
const NUMBER = "\\d{1,21}(?:\\.\\d{1,25})?(?:e[+-]?\\d{1,3})?";
const COMPARED_NUMBER = new RegExp(`^(>=|<=|>|<)(-?${NUMBER})(?![^\\s)])`);
const COMPARED_DURATION = new RegExp(`^(>=|<=|>|<|=|)(${NUMBER})(ns|us|µs|ms|s|m|h)?(?![^\\s)])`);

const MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The ids that a text may mean, decimal or 16 or 32 hex digits: sixteen digits may be both. None: it is no id. */
export function traceIdsOf(text: string): string[] {
  const hex = text.length === 16 || text.length === 32 ? traceIdFromHex(text) : undefined;
  const decimal = text.length === 32 ? undefined : traceIdFromDatadog(text);
  return [hex, decimal].filter((id) => id !== undefined);
}

function joined(is: "and" | "or", parts: Query[]): Query {
  return parts.length === 1 ? (parts[0] as Query) : { is, parts };
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, "$1");
}

/** A text that is read as the same query. */
export function printQuery(query: Query): string {
  switch (query.is) {
    case "all":
      return "";
    case "and":
      return query.parts.map((part) => nested(part, part.is === "or" || part.is === "and")).join(" ");
    case "or":
      return query.parts.map((part) => nested(part, part.is === "or")).join(" OR ");
    case "not":
      return `-${nested(query.part, query.part.is === "and" || query.part.is === "or")}`;
    case "text":
      return printPattern(query.pattern);
    case "field":
      return `${query.field}:${printPattern(query.pattern)}`;
    case "tag":
      return `@${printPath(query.path)}:${printPattern(query.pattern)}`;
    case "number":
      return `@${printPath(query.path)}:${query.comparison}${query.value}`;
    case "duration":
      return `duration:${query.comparison}${query.ms}ms`;
    case "trace":
      return `trace:${query.id}`;
  }
}

function nested(query: Query, isNested: boolean): string {
  return isNested ? `(${printQuery(query)})` : printQuery(query);
}

function printPath(path: string): string {
  return path.replace(/[\s:()"\\]/g, "\\$&");
}

function printPattern(pattern: Pattern): string {
  const [only = ""] = pattern;
  if (pattern.length > 1) return pattern.map((part) => part.replace(/[^\w./]/gu, "\\$&")).join("*");
  return /^[\w./]+$/.test(only) ? only : `"${only.replace(/["\\]/g, "\\$&")}"`;
}

/** What can be searched: a span, a log. */
export interface Searchable {
  /** "" = it has none. */
  field(name: FieldName): string;
  /** Undefined = it has none. */
  durationMs(): number | undefined;
  /** 32 hex digits; "" = it has none. */
  traceId(): string;
  /** Where words are looked for. */
  texts(): Iterable<string>;
  /** Undefined = there is no such tag. */
  tag(path: string): unknown;
}

export function matches(query: Query, item: Searchable): boolean {
  switch (query.is) {
    case "all":
      return true;
    case "and":
      return query.parts.every((part) => matches(part, item));
    case "or":
      return query.parts.some((part) => matches(part, item));
    case "not":
      return !matches(query.part, item);
    case "text":
      for (const text of item.texts()) if (contains(text.toLowerCase(), query.pattern)) return true;
      return false;
    case "field":
      return isLike(item.field(query.field), query.pattern);
    case "tag":
      return isTagLike(item.tag(query.path), query.pattern);
    case "number":
      return compares(Number(item.tag(query.path) ?? Number.NaN), query.comparison, query.value);
    case "duration":
      return compares(item.durationMs() ?? Number.NaN, query.comparison, query.ms);
    case "trace": {
      const traceId = item.traceId();
      return traceId !== "" && traceIdsOf(query.id).some((id) => lowHalf(id) === lowHalf(traceId));
    }
  }
}

/** A list is like it when one of its values is. */
function isTagLike(value: unknown, pattern: Pattern): boolean {
  if (value === undefined) return false;
  if (Array.isArray(value)) return value.some((item) => isTagLike(item, pattern));
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  return isLike(text, pattern);
}

function isLike(text: string, pattern: Pattern): boolean {
  const lower = text.toLowerCase();
  const [front = "", ...rest] = pattern;
  const back = rest.pop();
  if (back === undefined) return lower === front;
  if (lower.length < front.length + back.length || !lower.startsWith(front) || !lower.endsWith(back)) return false;
  return contains(lower.slice(front.length, lower.length - back.length), rest);
}

/** Whether the parts follow each other in the text. */
function contains(lower: string, parts: Pattern): boolean {
  let at = 0;
  for (const part of parts) {
    const found = lower.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function compares(a: number, comparison: Comparison, b: number): boolean {
  switch (comparison) {
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case "=":
      return a === b;
  }
}
