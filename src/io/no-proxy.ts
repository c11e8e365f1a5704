import { BlockList, isIP } from "node:net";

/**
 * Whether a URL is reached without a proxy, by `NO_PROXY` as curl and Python's requests read it.
 *
 * Entries stand between commas or white space: `*`; `example.com`, also as `.example.com` and `*.example.com`, which is
 * that host and all below it; an IP address; a range such as `10.0.0.0/8`; any of them but a range with `:port` behind
 * it. Host names are not looked up, so addresses and ranges fit only URLs that have an address in them. What cannot be
 * read fits nothing.
 */
export function isWithoutProxy(url: URL, noProxy: string): boolean {
  const host = plain(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy.split(/[\s,]+/).some((entry) => entry !== "" && fits(entry.toLowerCase(), host, port));
}

function fits(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const slash = entry.lastIndexOf("/");
  if (slash >= 0) return isInRange(host, plain(entry.slice(0, slash)), entry.slice(slash + 1));
  // An IPv6 address has colons of its own, unless it stands in brackets.
  const [, name = entry, wanted = port] = isIP(entry) ? [] : (/^(.*?):(\d+)$/.exec(entry) ?? []);
  if (wanted !== port) return false;
  const wantedHost = plain(name).replace(/^\*?\./, "");
  if (isIP(host) || isIP(wantedHost)) return isSameAddress(host, wantedHost);
  return wantedHost !== "" && (host === wantedHost || host.endsWith(`.${wantedHost}`));
}

/** Without the brackets of an IPv6 address, and the dot at the end of a name that is complete. */
function plain(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function isSameAddress(one: string, other: string): boolean {
  return isIP(other) !== 0 && isInRange(one, other, isIP(other) === 4 ? "32" : "128");
}

function isInRange(host: string, network: string, prefix: string): boolean {
  const version = isIP(network);
  if (!isIP(host) || !version || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (version === 4 ? 32 : 128)) return false;
  const range = new BlockList();
  range.addSubnet(network, Number(prefix), family(network));
  return range.check(host, family(host));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
