const MAX_TEXTS = 20_000;
const MAX_LENGTH = 64;

/**
 * Keeps one copy of short texts that come again and again, such as names of services and values of tags: each request
 * body is decoded into texts of its own.
 */
export function textPool(): (text: string) => string {
  let texts = new Map<string, string>();
  return (text) => {
    if (text.length > MAX_LENGTH) return text;
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= MAX_TEXTS) texts = new Map();
    texts.set(text, text);
    return text;
  };
}
