/**
 * Requests over connections that stay open across invocations.
 *
 * node:http rather than fetch, whose first use lengthens a cold start and whose every megabyte costs more CPU.
 */
import { Agent, request as plainRequest } from "node:http";
import type { Request, World } from "../delivery/world.ts";
import type { ProxySettings } from "./proxy.ts";
import type { Certificates, Route } from "./route.ts";

type Answer = Awaited<ReturnType<World["post"]>>;

/** Of what an intake says when it does not take something. */
const MAX_TEXT_BYTES = 1_000;
/** Enough for every destination's bodies under way. */
const MAX_SOCKETS = 16;

/**
 * @param skipSslValidation accept any certificate
 * @param noSsl whether requests over TLS are not to be expected
 * @param certificates those that are trusted instead of the usual, and the client's own, for TLS with an intake
 * @param httpsProxy for URLs with https, unless `noProxy` fits them; "" = none
 */
export function createPost({
  skipSslValidation,
  noSsl,
  httpsProxy = "",
  httpProxy = "",
  noProxy = "",
  certificates,
}: {
  skipSslValidation: boolean;
  noSsl: boolean;
  certificates?: Certificates;
} & Partial<ProxySettings>): World["post"] {
  const keepAlive = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const plain = { request: plainRequest, agent: new Agent(keepAlive) };
  const tls = { rejectUnauthorized: !skipSslValidation, minVersion: "TLSv1.2", ...certificates } as const;
  let secure: Promise<typeof plain> | undefined;
  // It takes time to load, of which Lambda has most before the first invocation.
  if (!noSsl) void loadSecure();
  /** By URL: there are as many as destinations. */
  const routes = new Map<string, Route>();
  return post;

  /** The answer to one request, or why there is none, within the request's time. */
  async function post({ url, headers, body, timeoutMs, maxAnswerBytes = 0 }: Request): Promise<Answer> {
    const route = routes.get(url) ?? (await routeTo(url));
    const { request: open, options, proxy } = route;
    return new Promise((resolve) => {
      const request = open({ ...options, headers: headerList(headers, route, body.length) });
      const timer = setTimeout(() => {
        const error = new Error("timeout");
        // A request whose connection a proxy is still making would not say so before that is made.
        fail(error);
        request.destroy(error);
      }, timeoutMs);
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      const fail = (error: Error): void => {
        const code = reasonOf(error);
        // An intake may have closed a connection while Lambda held the process frozen, which only writing to it shows.
        const isStale = request.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
        // The connection is the proxy's until there is a tunnel.
        const isProxys = proxy && !(proxy.isTunnel && request.socket);
        settle({
          error: isProxys ? `${proxy.name}: ${code}` : code,
          isSent: request.writableFinished,
          ...(isStale && { isStale }),
        });
      };
      request.on("response", (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        const retryAfter = answered["retry-after"];
        if (status >= 200 && status < 300) {
          const front: Buffer[] = [];
          let wantedBytes = maxAnswerBytes;
          response.on("data", (chunk: Buffer) => {
            if (wantedBytes > 0) front.push(chunk.subarray(0, wantedBytes));
            wantedBytes -= chunk.length;
          });
          response.on("end", () => settle({ status, retryAfter, ...(front[0] && { body: Buffer.concat(front) }) }));
        } else if (status === 407 && proxy?.isTunnel === false) {
          // Of the proxy's own answers the one that cannot be taken for the intake's.
          response.resume();
          settle({ error: `${proxy.name}: HTTP 407`, isSent: false });
        } else {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => {
            text = (text + chunk).slice(0, MAX_TEXT_BYTES);
          });
          response.on("end", () => settle({ status, retryAfter, text }));
        }
        response.on("error", fail);
      });
      request.on("error", fail);
      request.end(body);
    });
  }

  async function routeTo(url: string): Promise<Route> {
    const parsed = new URL(url);
    const route = (httpsProxy || httpProxy ? await routeByProxy(parsed) : undefined) ?? (await directRoute(parsed));
    // Requests that were begun at once share the connections of the first.
    const first = routes.get(url) ?? route;
    routes.set(url, first);
    return first;
  }

  async function routeByProxy(url: URL): Promise<Route | undefined> {
    const { routeThroughProxy } = await import("./proxy.ts");
    return routeThroughProxy(url, { httpsProxy, httpProxy, noProxy }, keepAlive, tls);
  }

  async function directRoute({ protocol, hostname, port, pathname, search, host }: URL): Promise<Route> {
    const { request, agent } = protocol === "https:" ? await loadSecure() : plain;
    // An IPv6 address stands in brackets in a URL, and without them where connections are made.
    const address = hostname.replace(/^\[|\]$/g, "");
    const options = { method: "POST", protocol, hostname: address, port, path: pathname + search, agent };
    return { request, options, host };
  }

  function loadSecure(): Promise<typeof plain> {
    secure ??= import("node:https").then(({ Agent, request }) => ({
      request,
      agent: new Agent({ ...keepAlive, ...tls }),
    }));
    return secure;
  }
}

/** Names and values, in which Node checks the same as in an object, with half the work. */
function headerList(
  headers: Readonly<Record<string, string>>,
  { headers: ofRoute, host }: Route,
  bodyBytes: number,
): string[] {
  const all = ofRoute ? { ...headers, ...ofRoute } : headers;
  const list: string[] = [];
  for (const name in all) list.push(name, all[name] as string);
  list.push("content-length", String(bodyBytes), "Host", host);
  return list;
}

/** A code such as ECONNREFUSED; messages may name what was sent. */
function reasonOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? (error.message === "timeout" ? "timeout" : error.name);
}
