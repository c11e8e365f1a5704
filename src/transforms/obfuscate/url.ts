const [SLASH, QUESTION_MARK, HASH, PERCENT, DELETE, SPACE] = [0x2f, 0x3f, 0x23, 0x25, 0x7f, 0x20];
const SCHEME = /^[a-z][a-z0-9+.-]{0,40}$/i;
/** Of nearly all URLs. */
const HTTPS = "https:";

/**
 * A URL without user, query and fragment, and a question mark for each part of the path with a digit in it; "?" for what
 * is no URL.
 *
 * @see https://github.com/DataDog/datadog-agent/blob/main/pkg/obfuscate/http.go
 */
export function obfuscateUrl(url: string): string {
  const pathStart = startOfPath(url);
  let out = withoutUser(url.slice(0, pathStart));
  let partStart = pathStart;
  let hasDigit = false;
  let end = url.length;
  for (let at = 0; at < url.length; at++) {
    const code = url.charCodeAt(at);
    const isEscape = code === PERCENT;
    if (code < SPACE || code === DELETE || (isEscape && !isHex(url, at + 1))) return "?";
    if (at < pathStart || at >= end) continue;
    if (code === QUESTION_MARK || code === HASH) {
      end = at;
    } else if (code === SLASH) {
      out += `${hasDigit ? "?" : url.slice(partStart, at)}/`;
      partStart = at + 1;
      hasDigit = false;
    } else if (isEscape) {
      // `%31` is a digit; those of `%20` are none.
      hasDigit ||= url.charAt(at + 1) === "3" && isDigit(url.charCodeAt(at + 2));
      at += 2;
    } else {
      hasDigit ||= isDigit(code);
    }
  }
  out += hasDigit ? "?" : url.slice(partStart, end);
  return end < url.length && url.charCodeAt(end) === QUESTION_MARK ? `${out}?` : out;
}

/** Behind scheme and host. */
function startOfPath(url: string): number {
  const start = endOfScheme(url);
  if (!url.startsWith("//", start)) return start;
  let at = start + 2;
  while (at < url.length && !isEndOfHost(url.charCodeAt(at))) at++;
  return at;
}

function endOfScheme(url: string): number {
  if (url.startsWith(HTTPS)) return HTTPS.length;
  const colon = url.indexOf(":");
  return colon !== -1 && SCHEME.test(url.slice(0, colon)) ? colon + 1 : 0;
}

function isEndOfHost(code: number): boolean {
  return code === SLASH || code === QUESTION_MARK || code === HASH;
}

/** @param front scheme and host */
function withoutUser(front: string): string {
  const user = front.lastIndexOf("@");
  return user === -1 ? front : front.slice(0, front.indexOf("//") + 2) + front.slice(user + 1);
}

function isHex(url: string, at: number): boolean {
  return /^[0-9a-f]{2}$/i.test(url.slice(at, at + 2));
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
