/** A text, its colon when it is a key; or a number, true, false, null. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[^\s",:{}[\]]+/gs;

/**
 * JSON, or a piece of it, with other texts in place of its values. What is not changed stays as it was written, keys
 * too, and it is JSON still: what is put in for a number is a text.
 */
export function scrubJson(json: string, apply: (text: string) => string): string {
  return json.replace(TOKEN, (token: string, colon: string | undefined) => {
    if (colon !== undefined) return token;
    const text = token.startsWith('"') ? (JSON.parse(token) as string) : token;
    const scrubbed = apply(text);
    return scrubbed === text ? token : JSON.stringify(scrubbed);
  });
}
