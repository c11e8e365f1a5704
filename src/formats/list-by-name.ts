/** Lists of objects as objects by name: Datadog makes facets of these alone. */
import { isJsonObject } from "./json-object.ts";

export type Entry = [name: string, value: unknown];

/**
 * Nothing of the list is lost: several entries of one name become a list under it.
 *
 * @param entryOf is given an element and its position, a name for what has none
 */
export function byName(
  list: readonly unknown[],
  entryOf: (element: unknown, position: string) => Entry,
): Record<string, unknown> {
  const values = new Map<string, unknown[]>();
  for (const [index, element] of list.entries()) {
    const [name, value] = entryOf(element, String(index));
    const same = values.get(name);
    if (same) same.push(value);
    else values.set(name, [value]);
  }
  return Object.fromEntries([...values].map(([name, same]) => [name, same.length === 1 ? same[0] : same]));
}

/** The name an element has under a key, and the rest of it; undefined when it has none. */
export function named(element: unknown, key: string): Entry | undefined {
  if (!isJsonObject(element) || !Object.hasOwn(element, key)) return undefined;
  const name = element[key];
  if (typeof name !== "string" || name === "") return undefined;
  return [name, Object.fromEntries(Object.entries(element).filter(([other]) => other !== key))];
}
