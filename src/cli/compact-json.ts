const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * JSON without the spaces between its parts: what `aws logs tail --format json` has spread over lines is one line again, and
 * numbers and texts stay as they are written. What is not an object or a list in JSON is given back as it is.
 */
export function compactJson(text: string): string {
  const trimmed = text.trim();
  if (!/^[{[]/.test(trimmed) || !isJson(trimmed)) return text;
  const parts: string[] = [];
  let from = 0;
  let isInText = false;
  for (let at = 0; at < trimmed.length; at++) {
    const code = trimmed.charCodeAt(at);
    if (isInText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isInText = false;
    } else if (code === QUOTE) isInText = true;
    else if (SPACES.has(code)) {
      parts.push(trimmed.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(trimmed.slice(from));
  return parts.join("");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
