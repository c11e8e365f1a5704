/**
 * SQL as Datadog groups it: a question mark for each literal and each list of literals, no comments, no aliases, a space
 * between all tokens.
 *
 * @see https://github.com/DataDog/datadog-agent/blob/main/pkg/obfuscate/sql.go
 */
import {
  type Dialect,
  DOUBLE_QUOTED,
  END,
  FAILED,
  LITERAL,
  OPERATOR,
  QUOTED_NAME,
  SqlTokens,
  WORD,
} from "./sql-tokens.ts";

export type { Dialect } from "./sql-tokens.ts";

/** What stands for a statement in which the literals cannot be found, as the agent writes it. */
export const NOT_PARSABLE = "Non-parsable SQL query";

/** What a keyword says of itself or of the token behind it. */
const [ALIAS, SAVEPOINT, VALUE, QUERY, COMPARES, LISTS, BETWEEN, AND] = [1, 2, 3, 4, 5, 6, 7, 8];
const KEYWORDS = new Map([
  ["AS", ALIAS],
  ["SAVEPOINT", SAVEPOINT],
  ...["NULL", "TRUE", "FALSE"].map((word): [string, number] => [word, VALUE]),
  ...["SELECT", "UPDATE", "DELETE"].map((word): [string, number] => [word, QUERY]),
  ...["LIKE", "ILIKE", "RLIKE", "REGEXP", "GLOB", "ESCAPE"].map((word): [string, number] => [word, COMPARES]),
  ...["IN", "VALUES", "VALUE"].map((word): [string, number] => [word, LISTS]),
  ["BETWEEN", BETWEEN],
  ["AND", AND],
]);
const LONGEST_KEYWORD = 9;
const COMPARISONS = new Set(["=", "<", ">", "<=", ">=", "<>", "!=", "<=>", "~", "~*", "!~", "!~*"]);

/** What the token before was, as far as the next one asks. */
const [OTHER, OPENING, DROPPED_OPENING, COLON] = [0, 1, 2, 3];

/** How dialects treat a backslash in a literal: what is tried first. */
const IS_ESCAPE: Readonly<Record<Dialect, boolean>> = {
  "": true,
  mysql: true,
  postgresql: false,
  mssql: false,
  oracle: false,
};

/**
 * The statement without its literals; `NOT_PARSABLE` where they cannot be told from the rest.
 *
 * Where the dialect does not say what a backslash in a literal means, or says it wrongly, the other meaning is tried.
 */
export function obfuscateSql(sql: string, dialect: Dialect): string {
  const isEscape = IS_ESCAPE[dialect];
  const tokens = new SqlTokens(sql, dialect, isEscape);
  const first = new Statement(tokens, dialect).text();
  if (first !== undefined || !tokens.hasBackslash) return first ?? NOT_PARSABLE;
  return new Statement(new SqlTokens(sql, dialect, !isEscape), dialect).text() ?? NOT_PARSABLE;
}

class Statement {
  readonly #tokens: SqlTokens;
  readonly #literals: DoubleQuotedLiterals;
  #out = "";
  #last = OTHER;
  /** Literals since the last token that is neither one nor a comma or parenthesis: only the first is shown. */
  #places = 0;
  /** Whether a parenthesis with a list of literals is shown: those that follow at once are not. */
  #hasGroup = false;
  /** Open parentheses of a group that is not shown. */
  #droppedDepth = 0;

  constructor(tokens: SqlTokens, dialect: Dialect) {
    this.#tokens = tokens;
    this.#literals = new DoubleQuotedLiterals(dialect === "mysql");
  }

  /** Undefined where there is nothing to show or the literals cannot be found. */
  text(): string | undefined {
    const tokens = this.#tokens;
    let isHidden = false;
    for (;;) {
      const kind = tokens.next();
      if (kind === END) return this.#out === "" ? undefined : this.#out;
      if (kind === FAILED) return undefined;
      const role = kind === WORD ? roleOf(tokens.text) : 0;
      if (isHidden && role !== ALIAS) {
        isHidden = false;
        if (tokens.text === "[" && !tokens.skipBrackets()) return undefined;
        this.#reset();
        this.#last = OTHER;
        continue;
      }
      isHidden = role === ALIAS;
      const isSavepoint = this.#literals.last === SAVEPOINT;
      const isLiteral = this.#literals.isLiteral(kind, tokens.text, role);
      if (isHidden) {
        this.#reset();
        this.#last = OTHER;
      } else if (isLiteral || isSavepoint || role === VALUE) {
        this.#literal();
      } else {
        this.#show(kind, tokens.text, role);
      }
    }
  }

  #literal(): void {
    if (this.#droppedDepth === 0) {
      if (this.#last === OPENING) this.#hasGroup = true;
      if (++this.#places === 1) this.#write("?");
    }
    this.#last = OTHER;
  }

  #show(kind: number, text: string, role: number): void {
    const isOpening = kind === OPERATOR && text === "(";
    const isClosing = kind === OPERATOR && text === ")";
    if (this.#droppedDepth > 0) {
      const isQuery = role === QUERY || kind === WORD || kind === QUOTED_NAME;
      if (this.#last !== DROPPED_OPENING || !isQuery) {
        if (isOpening) this.#droppedDepth++;
        if (isClosing) this.#droppedDepth--;
        this.#last = isOpening ? DROPPED_OPENING : OTHER;
        return;
      }
      // Not another list of literals.
      this.#reset();
      this.#write("(");
    } else if (isOpening && this.#hasGroup) {
      this.#droppedDepth = 1;
      this.#last = DROPPED_OPENING;
      return;
    }
    if (kind === OPERATOR && text === ",") {
      if (this.#places === 0) this.#write(text);
    } else if (kind === OPERATOR && text === ";") {
      this.#reset();
    } else {
      if (!isOpening && !isClosing) this.#reset();
      this.#write(text);
    }
    this.#last = isOpening ? OPENING : kind === OPERATOR && text === ":" ? COLON : OTHER;
  }

  #write(text: string): void {
    const isClose = this.#out === "" || text === "," || (text === "=" && this.#last === COLON);
    this.#out += isClose ? text : ` ${text}`;
  }

  #reset(): void {
    this.#places = 0;
    this.#hasGroup = false;
    this.#droppedDepth = 0;
  }
}

/**
 * Tells what is a literal. Between double quotes most dialects have names, and MySQL, unless it is told otherwise, has
 * literals; where the dialect is unknown the place decides: behind a comparison, and in the list of an IN or VALUES.
 */
class DoubleQuotedLiterals {
  /** The role of the last token. */
  last = 0;
  readonly #isAlways: boolean;
  #depth = 0;
  /** The depth of the list of literals that the token is in; 0 = none. */
  #list = 0;
  /** Whether another list may follow: `VALUES (…), (…)`. */
  #isBehindList = false;
  #isBetween = false;

  constructor(isAlways: boolean) {
    this.#isAlways = isAlways;
  }

  /** To be asked once for each token, in order. @param role of a keyword; 0 = none */
  isLiteral(kind: number, text: string, role: number): boolean {
    if (kind === LITERAL) {
      this.last = 0;
      return true;
    }
    if (kind === DOUBLE_QUOTED) {
      const isLiteral = this.#isAlways || this.last === COMPARES || this.#list > 0;
      this.last = 0;
      this.#isBehindList = false;
      return isLiteral;
    }
    if (kind === OPERATOR) this.#operator(text);
    else this.#word(role);
    return false;
  }

  #operator(text: string): void {
    const canFollow = this.#isBehindList;
    this.#isBehindList = canFollow && text === ",";
    if (text === "(") {
      this.#depth++;
      if (this.#list === 0 && (this.last === LISTS || canFollow)) this.#list = this.#depth;
    } else if (text === ")") {
      this.#isBehindList = this.#list > 0 && this.#list === this.#depth;
      if (this.#isBehindList) this.#list = 0;
      this.#depth--;
    }
    this.last = COMPARISONS.has(text) ? COMPARES : 0;
  }

  #word(role: number): void {
    this.#isBehindList = false;
    if (role === QUERY) this.#list = 0;
    this.last = role === BETWEEN || (role === AND && this.#isBetween) ? COMPARES : role;
    if (role === BETWEEN || role === AND) this.#isBetween = role === BETWEEN;
  }
}

function roleOf(word: string): number {
  return word.length > LONGEST_KEYWORD ? 0 : (KEYWORDS.get(word.toUpperCase()) ?? 0);
}
