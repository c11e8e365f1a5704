/**
 * The tokens of an SQL statement in any dialect. It tells literals from names, no more: nothing here knows grammar.
 *
 * Every character is looked at a bounded number of times, so the time is linear in the statement.
 */

/** What differs between dialects in ways that move the ends of literals; "" = unknown. */
export type Dialect = "" | "mysql" | "postgresql" | "mssql" | "oracle";

export const END = 0;
/** What is no statement of the dialect: a literal or comment without an end, a backslash outside of both. */
export const FAILED = 1;
/** A name or keyword, as it is written. */
export const WORD = 2;
/** A name between backticks, without them. */
export const QUOTED_NAME = 3;
/** A name in most dialects, and a literal in some, without its quotes. */
export const DOUBLE_QUOTED = 4;
export const LITERAL = 5;
/** One or more characters that are none of these. */
export const OPERATOR = 6;

const [TAB, LINE_FEED, SPACE, QUOTE, DOUBLE_QUOTE, BACKTICK] = [0x09, 0x0a, 0x20, 0x27, 0x22, 0x60];
const [DOLLAR, HASH, AT, BACKSLASH, SLASH, STAR, MINUS, PLUS, DOT, COLON] = [
  0x24, 0x23, 0x40, 0x5c, 0x2f, 0x2a, 0x2d, 0x2b, 0x2e, 0x3a,
];
const [PERCENT, OPENING_BRACE, CLOSING_BRACE, LOWER_E, LOWER_Q] = [0x25, 0x7b, 0x7d, 0x65, 0x71];
const NOT_ASCII = 0x80;

const [NO_PART, LETTER, DIGIT, PART] = [0, 1, 2, 3];
/** What an ASCII character is to a name. */
const ROLE = new Uint8Array(NOT_ASCII);
for (let code = 0; code < NOT_ASCII; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_@]/.test(character)) ROLE[code] = LETTER;
  else if (/[0-9]/.test(character)) ROLE[code] = DIGIT;
  else if (/[#$.]/.test(character)) ROLE[code] = PART;
}

/** Longest first. */
const OPERATORS = ["!~*", "<=>", "->>", "#>>", "::", "!=", "!~", "~*", "<>", "<=", ">=", "->", "#>", "#-", "@>", "<@"];
const SECOND_CHARACTERS = ":=~*>-@";
/** In PostgreSQL; elsewhere a question mark is a parameter. */
const QUESTION_OPERATORS = ["?|", "?&"];
const SINGLE_OPERATORS = "=,;()+*&|^[].-/<>!~%:@#";
/** Oracle's q-quotes end with the counterpart of what they begin with. */
const COUNTERPARTS: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}", "<": ">" };
/** Between the words of PostgreSQL's `$tag$`. */
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]{0,62})?\$/y;
/** Python's `%s` and `%(name)s`. */
const FORMAT_PARAMETER = /%(?:\([^()]{0,128}\))?[A-Za-z](?![\w(])/y;
const NOT_BLANK = /\S/;

export class SqlTokens {
  /** Of the token: its characters as they are to be shown. */
  text = "";
  /** Whether there was a backslash in a literal, where dialects differ. */
  hasBackslash = false;
  readonly #sql: string;
  readonly #dialect: Dialect;
  readonly #isEscape: boolean;
  #at = 0;
  /** Braces of a JDBC escape such as `{call f(?)}`, which stand around a whole statement. */
  #openBraces = 0;

  /** @param isEscape whether a backslash takes the meaning from the character behind it */
  constructor(sql: string, dialect: Dialect, isEscape: boolean) {
    this.#sql = sql;
    this.#dialect = dialect;
    this.#isEscape = isEscape;
  }

  /** The kind of the next token. Comments are none. */
  next(): number {
    const sql = this.#sql;
    for (;;) {
      while (isSpace(sql.charCodeAt(this.#at))) this.#at++;
      if (this.#at >= sql.length) return END;
      const start = this.#at;
      const end = this.#endOfComment(start);
      if (end === -1) return FAILED;
      if (end === start) return this.#token(start);
      this.#at = end;
    }
  }

  #token(start: number): number {
    const sql = this.#sql;
    const code = sql.charCodeAt(start);
    switch (code) {
      case QUOTE:
        return this.#quoted(start, LITERAL, this.#isEscape);
      case DOUBLE_QUOTE:
        return this.#quoted(start, DOUBLE_QUOTED, this.#isEscape);
      case BACKTICK:
        return this.#quoted(start, QUOTED_NAME, false);
      case DOLLAR:
        return this.#dollar(start);
      case OPENING_BRACE:
        return this.#brace(start);
      case CLOSING_BRACE:
        if (this.#openBraces === 0) return FAILED;
        this.#openBraces--;
        return this.#take(OPERATOR, start, start + 1);
      case COLON:
        return this.#colon(start);
      case PERCENT:
        FORMAT_PARAMETER.lastIndex = start;
        if (FORMAT_PARAMETER.test(sql)) return this.#take(LITERAL, start, FORMAT_PARAMETER.lastIndex);
    }
    if (this.#isNumber(start)) return this.#number(start);
    if (this.#isWordStart(code)) return this.#word(start);
    return this.#operator(start);
  }

  /** The place behind a comment; `start` where there is none, -1 where it has no end. */
  #endOfComment(start: number): number {
    const sql = this.#sql;
    const code = sql.charCodeAt(start);
    const next = sql.charCodeAt(start + 1);
    if (code === SLASH && next === STAR) return this.#endOfBlockComment(start + 2);
    const isLine =
      (code === MINUS && next === MINUS) ||
      (code === SLASH && next === SLASH) ||
      (code === HASH && (this.#dialect === "" || this.#dialect === "mysql"));
    if (!isLine) return start;
    const end = sql.indexOf("\n", start);
    return end === -1 ? sql.length : end + 1;
  }

  /** PostgreSQL and SQL Server have comments in comments. */
  #endOfBlockComment(start: number): number {
    const sql = this.#sql;
    const canNest = this.#dialect === "postgresql" || this.#dialect === "mssql";
    let depth = 1;
    for (let at = start; at < sql.length - 1; at++) {
      const code = sql.charCodeAt(at);
      if (code === STAR && sql.charCodeAt(at + 1) === SLASH) {
        depth--;
        at++;
        if (depth === 0) return at + 1;
      } else if (canNest && code === SLASH && sql.charCodeAt(at + 1) === STAR) {
        depth++;
        at++;
      }
    }
    return -1;
  }

  #quoted(start: number, kind: number, isEscape: boolean): number {
    const end = this.#endOfQuoted(start, isEscape);
    if (end === -1) return FAILED;
    this.#at = end;
    const quote = this.#sql.charAt(start);
    const content = this.#sql.slice(start + 1, end - 1).replaceAll(quote + quote, quote);
    // A name of nothing would leave a statement with a hole.
    this.text = NOT_BLANK.test(content) ? content : quote + quote;
    return kind;
  }

  /** The place behind the closing quote, which is doubled inside; -1 where there is none. */
  #endOfQuoted(start: number, isEscape: boolean): number {
    const sql = this.#sql;
    const quote = sql.charCodeAt(start);
    for (let at = start + 1; at < sql.length; at++) {
      const code = sql.charCodeAt(at);
      if (code === quote) {
        if (sql.charCodeAt(at + 1) !== quote) return at + 1;
        at++;
      } else if (code === BACKSLASH) {
        this.hasBackslash = true;
        if (isEscape) at++;
      }
    }
    return -1;
  }

  /** `$1`, PostgreSQL's `$tag$text$tag$`, or a name. */
  #dollar(start: number): number {
    const sql = this.#sql;
    if (isDigit(sql.charCodeAt(start + 1))) return this.#number(start + 1);
    DOLLAR_TAG.lastIndex = start;
    const tag = DOLLAR_TAG.exec(sql)?.[0];
    if (tag === undefined) return this.#word(start);
    const end = sql.indexOf(tag, start + tag.length);
    return end === -1 ? FAILED : this.#take(LITERAL, start, end + tag.length);
  }

  /** `{ts '2026-11-21'}` is a literal; around a whole statement braces are only braces. */
  #brace(start: number): number {
    if (start === this.#firstPlace() || this.#openBraces > 0) {
      this.#openBraces++;
      return this.#take(OPERATOR, start, start + 1);
    }
    const sql = this.#sql;
    let depth = 0;
    for (let at = start; at < sql.length; at++) {
      const code = sql.charCodeAt(at);
      if (code === QUOTE || code === DOUBLE_QUOTE) {
        at = this.#endOfQuoted(at, this.#isEscape) - 1;
        if (at < 0) return FAILED;
      } else if (code === OPENING_BRACE) {
        depth++;
      } else if (code === CLOSING_BRACE && --depth === 0) {
        return this.#take(LITERAL, start, at + 1);
      }
    }
    return FAILED;
  }

  #firstPlace(): number {
    let at = 0;
    while (isSpace(this.#sql.charCodeAt(at))) at++;
    return at;
  }

  /** `::`, `:name`, or a colon. In PostgreSQL a digit behind it is the end of a slice, and no name. */
  #colon(start: number): number {
    const sql = this.#sql;
    const next = sql.charCodeAt(start + 1);
    const isName = this.#isWordStart(next) || (isDigit(next) && this.#dialect !== "postgresql");
    return isName ? this.#word(start) : this.#operator(start);
  }

  #isNumber(start: number): boolean {
    const sql = this.#sql;
    let at = start;
    if (sql.charCodeAt(at) === MINUS) at++;
    if (sql.charCodeAt(at) === DOT) at++;
    return isDigit(sql.charCodeAt(at));
  }

  /** With all that is written to it: `0xff`, `1e-5`, `1_000`. */
  #number(start: number): number {
    const sql = this.#sql;
    const isHex = /[xX]/.test(sql.charAt(start + 1));
    let at = start + 1;
    for (; at < sql.length; at++) {
      const code = sql.charCodeAt(at);
      const isSign = (code === PLUS || code === MINUS) && !isHex;
      const isExponent = isSign && (sql.charCodeAt(at - 1) | SPACE) === LOWER_E && isDigit(sql.charCodeAt(at + 1));
      if (!isExponent && !this.#isWordPart(code)) break;
    }
    return this.#take(LITERAL, start, at);
  }

  #isWordStart(code: number): boolean {
    if (code >= NOT_ASCII) return true;
    if (code === AT) return this.#dialect !== "postgresql";
    if (code === HASH) return this.#dialect === "mssql";
    return ROLE[code] === LETTER;
  }

  #isWordPart(code: number): boolean {
    if (code >= NOT_ASCII) return !isSpace(code);
    if (code === AT) return this.#dialect !== "postgresql";
    if (code === HASH) return this.#dialect !== "mysql" && this.#dialect !== "postgresql";
    return (ROLE[code] ?? NO_PART) !== NO_PART;
  }

  #word(start: number): number {
    const sql = this.#sql;
    let end = start + 1;
    while (end < sql.length && this.#isWordPart(sql.charCodeAt(end))) end++;
    // `table.*` is one name; in `price*100` there are a name and a number.
    if (sql.charCodeAt(end) === STAR && sql.charCodeAt(end - 1) === DOT) end++;
    if (sql.charCodeAt(end) === QUOTE && end === start + 1) {
      const front = sql.charCodeAt(start) | SPACE;
      if (front === LOWER_E && this.#dialect === "postgresql") return this.#escapeString(start, end);
      if (front === LOWER_Q && this.#dialect === "oracle") return this.#oracleString(start, end);
    }
    return this.#take(WORD, start, end);
  }

  /** PostgreSQL's `E'it\'s'`. */
  #escapeString(start: number, quote: number): number {
    const end = this.#endOfQuoted(quote, true);
    return end === -1 ? FAILED : this.#take(LITERAL, start, end);
  }

  /** Oracle's `q'[it's]'`. */
  #oracleString(start: number, quote: number): number {
    const opening = this.#sql.charAt(quote + 1);
    const end = this.#sql.indexOf(`${COUNTERPARTS[opening] ?? opening}'`, quote + 2);
    return opening === "" || end === -1 ? FAILED : this.#take(LITERAL, start, end + 2);
  }

  #operator(start: number): number {
    const sql = this.#sql;
    const mayBeLong = SECOND_CHARACTERS.includes(sql.charAt(start + 1));
    const long = mayBeLong ? OPERATORS.find((operator) => sql.startsWith(operator, start)) : undefined;
    if (long) return this.#take(OPERATOR, start, start + long.length);
    const character = sql.charAt(start);
    if (character === "?") {
      const isOperator =
        this.#dialect === "postgresql" && QUESTION_OPERATORS.some((operator) => sql.startsWith(operator, start));
      return isOperator ? this.#take(OPERATOR, start, start + 2) : this.#take(LITERAL, start, start + 1);
    }
    return SINGLE_OPERATORS.includes(character) ? this.#take(OPERATOR, start, start + 1) : FAILED;
  }

  #take(kind: number, start: number, end: number): number {
    this.#at = end;
    this.text = this.#sql.slice(start, end);
    return kind;
  }

  /** Moves behind the bracket that closes one just taken; false where there is none. */
  skipBrackets(): boolean {
    const end = this.#sql.indexOf("]", this.#at);
    if (end === -1) return false;
    this.#at = end + 1;
    return true;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSpace(code: number): boolean {
  if (code < NOT_ASCII) return code === SPACE || (code >= TAB && code <= LINE_FEED + 3);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  );
}
