/** AWS's tags as Datadog writes them: `key:value`, in the form that the Datadog Forwarder gives them. */

/** Of a whole tag, in characters. */
export const MAX_TAG_CHARACTERS = 200;

/**
 * `key:value`, or the key alone where nothing is left of the value; "" where nothing is left of either.
 *
 * Lower case; letters and digits of any script, `_`, `-`, `.`, `/`, and in values `:`, stay; all else becomes `_`, one
 * for several in a row, none at the end. A key begins with neither digit nor `_`.
 *
 * @param maxCharacters of the whole tag
 */
export function datadogTag(key: string, value: string, maxCharacters = Number.POSITIVE_INFINITY): string {
  const name = normalised(key.replaceAll(":", "_"));
  // The Datadog Forwarder takes the digits of other scripts away too, but only behind one of these.
  const shortName = /^[_0-9]/.test(name) ? name.replace(/^[_\p{Nd}]+/u, "") : name;
  const text = normalised(value);
  const tag = text ? `${shortName}:${text}` : shortName;
  return tag.length > maxCharacters ? Array.from(tag).slice(0, maxCharacters).join("") : tag;
}

function normalised(text: string): string {
  const merged = text.toLowerCase().replace(/[^\p{L}\p{N}:\-./]+/gu, "_");
  return merged.endsWith("_") ? merged.slice(0, -1) : merged;
}
