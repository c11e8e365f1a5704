/** Who may ask: the machine's own programs, and pages of this server; no page of anybody else in the user's browser. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { type Answer, refused } from "./answer.ts";

/** On every answer. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/**
 * Undefined when the request may be answered.
 *
 * A name of somebody else's may point to this machine (DNS rebinding), so only `localhost`, addresses and names that were
 * allowed are taken for this server's. A page of another origin may send requests even if it cannot read the answer; its
 * browser says so in `Origin` or `Sec-Fetch-Site`.
 */
export function refusalOf(request: IncomingMessage, allowedHosts: readonly string[]): Answer | undefined {
  const { host = "", origin, "sec-fetch-site": site, "sec-fetch-dest": dest } = request.headers;
  const name = nameIn(host);
  if (name === undefined || !isOwn(name, allowedHosts)) {
    return refused(
      403,
      "the Host header names another server: use localhost, an IP address, or allow the name (--allow-host)",
    );
  }
  // Somebody follows a link.
  const isOpened = request.method === "GET" && dest === "document";
  const isBeside = (site === "cross-site" || site === "same-site") && !isOpened;
  return isBeside || (origin !== undefined && origin !== `http://${host}`)
    ? refused(403, "the request comes from a page of another origin")
    : undefined;
}

/** The name in a Host header, lower case, without its port. */
function nameIn(host: string): string | undefined {
  return /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1];
}

function isOwn(name: string, allowedHosts: readonly string[]): boolean {
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return isIP(name.replace(/^\[|\]$/g, "")) !== 0 || allowedHosts.includes(name);
}
