/** The parts of JSON as text, so that they can be cut out or replaced and the rest stays as it was written. */

/** Positions in the text. */
export interface Member {
  name: string;
  /** The quote that opens the name. */
  start: number;
  value: number;
  /** Behind the value. */
  end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The members of the outermost object, in order.
 *
 * @param object JSON that `JSON.parse` takes, and gives an object for
 */
export function membersOf(object: string): Member[] {
  const members: Member[] = [];
  let at = skipSpace(object, object.indexOf("{") + 1);
  while (object[at] === '"') {
    const nameEnd = behindString(object, at);
    const value = skipSpace(object, object.indexOf(":", nameEnd) + 1);
    const end = behindValue(object, value);
    members.push({ name: JSON.parse(object.slice(at, nameEnd)) as string, start: at, value, end });
    const comma = skipSpace(object, end);
    if (object[comma] !== ",") break;
    at = skipSpace(object, comma + 1);
  }
  return members;
}

/**
 * The elements of the outermost array as text, in order.
 *
 * @param array JSON that `JSON.parse` takes, and gives an array for
 */
export function elementsOf(array: string): string[] {
  const elements: string[] = [];
  let at = skipSpace(array, array.indexOf("[") + 1);
  while (at < array.length && array[at] !== "]") {
    const end = behindValue(array, at);
    elements.push(array.slice(at, end));
    const comma = skipSpace(array, end);
    at = array[comma] === "," ? skipSpace(array, comma + 1) : array.length;
  }
  return elements;
}

/** The object without the members of a name, each with one of the commas beside it. @param members all of them */
export function withoutMembers(object: string, members: readonly Member[], name: string): string {
  const [first, last] = [members[0], members.at(-1)];
  if (!first || !last) return object;
  let text = object.slice(0, first.start);
  let isEmpty = true;
  for (const [index, member] of members.entries()) {
    if (member.name === name) continue;
    const from = isEmpty ? member.start : (members[index - 1] as Member).end;
    text += object.slice(from, member.end);
    isEmpty = false;
  }
  return text + object.slice(last.end);
}

function behindValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = behindString(text, at) - 1;
        break;
      case "{":
      case "[":
        depth++;
        continue;
      case "}":
      case "]":
        // Behind a number or a word, this closes what holds it.
        if (depth === 0) return trimmedEnd(text, start, at);
        depth--;
        break;
      case ",":
        if (depth === 0) return trimmedEnd(text, start, at);
        continue;
      default:
        continue;
    }
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function behindString(text: string, opening: number): number {
  let at = opening + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && isSpace(text[last - 1])) last--;
  return last;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text[at])) at++;
  return at;
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}
