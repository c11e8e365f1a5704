/** What stands behind JSON that breaks off or is none. */
const REST = "...";
const MASK = '"?"';
/** Deeper JSON is taken for a mistake. */
const MAX_DEPTH = 1_000;
/** Between brackets, commas and quotes: numbers, `true`, `false`, `null`. */
const LITERAL = /(?:-?\d[\d.eE+-]{0,400}|true|false|null)(?![\w.+-])/y;

/** What may come next. */
const [VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END] = [0, 1, 2, 3, 4, 5];

/**
 * JSON, or several of them in a row, without its values: `"?"` stands for each, and keys stay. Space between tokens is
 * left out. What follows a mistake is left out, and "..." stands for it.
 *
 * @see https://github.com/DataDog/datadog-agent/blob/main/pkg/obfuscate/json.go
 */
export function obfuscateJson(json: string): string {
  /** The closing characters of what is open. */
  const open: string[] = [];
  let out = "";
  let next = VALUE;
  for (let at = 0; at < json.length; ) {
    const character = json.charAt(at);
    if (character === " " || character === "\n" || character === "\r" || character === "\t") {
      at++;
      continue;
    }
    if (character === '"') {
      const end = endOfString(json, at);
      if (next === KEY || next === KEY_OR_END) {
        if (end === -1) return out + REST;
        out += json.slice(at, end);
        next = COLON;
      } else {
        if (next === COLON || next === COMMA_OR_END) return out + REST;
        out += MASK;
        next = behindValue(open);
        if (end === -1) return out + REST;
      }
      at = end;
    } else if (character === "{" || character === "[") {
      if ((next !== VALUE && next !== VALUE_OR_END) || open.length === MAX_DEPTH) return out + REST;
      open.push(character === "{" ? "}" : "]");
      next = character === "{" ? KEY_OR_END : VALUE_OR_END;
      out += character;
      at++;
    } else if (character === "}" || character === "]") {
      const isAllowed = next === COMMA_OR_END || next === (character === "}" ? KEY_OR_END : VALUE_OR_END);
      if (!isAllowed || open.pop() !== character) return out + REST;
      out += character;
      next = behindValue(open);
      at++;
    } else if (character === ",") {
      if (next !== COMMA_OR_END) return out + REST;
      next = open.at(-1) === "}" ? KEY : VALUE;
      out += character;
      at++;
    } else if (character === ":") {
      if (next !== COLON) return out + REST;
      next = VALUE;
      out += character;
      at++;
    } else {
      LITERAL.lastIndex = at;
      if ((next !== VALUE && next !== VALUE_OR_END) || !LITERAL.test(json)) return out + REST;
      out += MASK;
      next = behindValue(open);
      at = LITERAL.lastIndex;
    }
  }
  return open.length > 0 ? out + REST : out;
}

function behindValue(open: readonly string[]): number {
  return open.length === 0 ? VALUE : COMMA_OR_END;
}

/** The place behind the closing quote; -1 where there is none. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
  }
  return -1;
}
