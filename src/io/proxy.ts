/** Requests by way of a proxy. Loaded only where one is configured. */
import { type AgentOptions, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { isWithoutProxy } from "./no-proxy.ts";
import type { Route } from "./route.ts";
import { TunnelAgent } from "./tunnel-agent.ts";

/** URLs, "" = none. */
export interface ProxySettings {
  httpsProxy: string;
  httpProxy: string;
  noProxy: string;
}

/**
 * The way to a URL through its proxy: through a tunnel to https, and by asking the proxy for the whole URL to http.
 * Undefined when the URL has no proxy.
 *
 * @param tls what counts for every TLS connection
 */
export function routeThroughProxy(
  url: URL,
  { httpsProxy, httpProxy, noProxy }: ProxySettings,
  keepAlive: AgentOptions,
  tls: { rejectUnauthorized: boolean; minVersion: "TLSv1.2" },
): Route | undefined {
  const isSecure = url.protocol === "https:";
  const text = isSecure ? httpsProxy : httpProxy;
  if (!text || isWithoutProxy(url, noProxy)) return undefined;
  const proxy = new URL(text);
  const credentials = credentialsIn(proxy);
  const name = `proxy ${proxy.host}`;
  if (isSecure) {
    const agent = new TunnelAgent(proxy, credentials, { ...keepAlive, ...tls });
    const options = { method: "POST", hostname: bare(url), port: url.port, path: url.pathname + url.search, agent };
    return { request: secureRequest as typeof plainRequest, options, host: url.host, proxy: { name, isTunnel: true } };
  }
  const toProxy =
    proxy.protocol === "https:"
      ? { request: secureRequest as typeof plainRequest, agent: new SecureAgent({ ...keepAlive, ...tls }) }
      : { request: plainRequest, agent: new PlainAgent(keepAlive) };
  return {
    request: toProxy.request,
    options: { method: "POST", hostname: bare(proxy), port: proxy.port, path: url.href, agent: toProxy.agent },
    host: url.host,
    headers: credentials,
    proxy: { name, isTunnel: false },
  };
}

function credentialsIn({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** Bytes that are no UTF-8 stay escaped. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An IPv6 address stands in brackets in a URL, and without them everywhere else. */
function bare({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
