/**
 * Requests over connections that stay open across invocations.
 *
 * node:http rather than fetch, whose first use lengthens a cold start and whose every megabyte costs more CPU.
 */
import http, { type RequestOptions } from "node:http";
import https from "node:https";
import type { Request, World } from "../delivery/world.ts";

type Answer = Awaited<ReturnType<World["post"]>>;

/** Enough for every destination's bodies under way. */
const MAX_SOCKETS = 16;

/** @param skipSslValidation accept any certificate */
export function createPost({ skipSslValidation }: { skipSslValidation: boolean }): World["post"] {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: "lifo" } as const;
  const secure = new https.Agent({ ...options, rejectUnauthorized: !skipSslValidation, minVersion: "TLSv1.2" });
  const plain = new http.Agent(options);
  /** By URL: there are as many as destinations. */
  const targets = new Map<string, RequestOptions>();
  return post;

  /** The answer to one request, or why there is none, within the request's time. Its body is read and left. */
  async function post(request: Request): Promise<Answer> {
    const startedMs = performance.now();
    const first = await attempt(request);
    // An intake may have closed a connection while Lambda held the process frozen, which only writing to it shows.
    const timeoutMs = request.timeoutMs - (performance.now() - startedMs);
    return first.isStale && timeoutMs > 0 ? (await attempt({ ...request, timeoutMs })).answer : first.answer;
  }

  function attempt({ url, headers, body, timeoutMs }: Request): Promise<{ answer: Answer; isStale: boolean }> {
    return new Promise((resolve) => {
      const target = targetOf(url);
      const request = (target.protocol === "https:" ? https : http).request({
        ...target,
        headers: { ...headers, "content-length": body.length },
      });
      const timer = setTimeout(() => request.destroy(new Error("timeout")), timeoutMs);
      const settle = (answer: Answer, isStale = false): void => {
        clearTimeout(timer);
        resolve({ answer, isStale });
      };
      request.on("response", (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        response.resume();
        response.on("end", () => settle({ status, retryAfter: answered["retry-after"] }));
        response.on("error", (error) => settle({ error: reasonOf(error) }));
      });
      request.on("error", (error) => {
        const code = (error as NodeJS.ErrnoException).code;
        settle({ error: reasonOf(error) }, request.reusedSocket && (code === "ECONNRESET" || code === "EPIPE"));
      });
      request.end(body);
    });
  }

  function targetOf(url: string): RequestOptions {
    let target = targets.get(url);
    if (!target) {
      const { protocol, hostname, port, pathname, search } = new URL(url);
      const agent = protocol === "https:" ? secure : plain;
      // An IPv6 address stands in brackets in a URL, and without them everywhere else.
      target = {
        method: "POST",
        protocol,
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port,
        path: pathname + search,
        agent,
      };
      targets.set(url, target);
    }
    return target;
  }
}

/** A code such as ECONNREFUSED; messages may name what was sent. */
function reasonOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? (error.message === "timeout" ? "timeout" : error.name);
}
