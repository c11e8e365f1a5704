import { isJsonObject } from "./json-object.ts";

/** Stacks and security events, which are what tracers write, are nested a few levels deep. */
const MAX_DEPTH = 64;
const TOO_DEEP = Symbol();

/**
 * The structured attributes of a span, `{"<name>": <any JSON>}`; undefined when there are none. One that is nested deeper
 * than can be written is left out.
 *
 * @param readLeaf what a value of the JSON stands for, unless it is a list or an object
 */
export function readMetaStruct(
  value: unknown,
  readLeaf: (value: unknown) => unknown,
): Record<string, unknown> | undefined {
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value)
    .map(([name, item]): [string, unknown] => [name, copied(item, MAX_DEPTH)])
    .filter(([, item]) => item !== TOO_DEEP);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;

  function copied(item: unknown, depth: number): unknown {
    if (typeof item !== "object" || item === null) return readLeaf(item);
    if (depth === 0) return TOO_DEEP;
    if (Array.isArray(item)) {
      const items = item.map((inner) => copied(inner, depth - 1));
      return items.includes(TOO_DEEP) ? TOO_DEEP : items;
    }
    const inner = Object.entries(item).map(([name, of]): [string, unknown] => [name, copied(of, depth - 1)]);
    return inner.some(([, of]) => of === TOO_DEEP) ? TOO_DEEP : Object.fromEntries(inner);
  }
}
