/**
 * Requests over connections that stay open across invocations.
 *
 * node:http rather than fetch, whose first use lengthens a cold start and whose every megabyte costs more CPU.
 */
import { Agent, request as plainRequest, type RequestOptions } from "node:http";
import type { Request, World } from "../delivery/world.ts";

type Answer = Awaited<ReturnType<World["post"]>>;

/** Enough for every destination's bodies under way. */
const MAX_SOCKETS = 16;

interface Target {
  request: typeof plainRequest;
  options: RequestOptions;
}

/**
 * @param skipSslValidation accept any certificate
 * @param noSsl whether requests over TLS are not to be expected
 */
export function createPost({
  skipSslValidation,
  noSsl,
}: {
  skipSslValidation: boolean;
  noSsl: boolean;
}): World["post"] {
  const keepAlive = { keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: "lifo" } as const;
  const plain = { request: plainRequest, agent: new Agent(keepAlive) };
  let secure: Promise<typeof plain> | undefined;
  // It takes time to load, of which Lambda has most before the first invocation.
  if (!noSsl) void loadSecure();
  /** By URL: there are as many as destinations. */
  const targets = new Map<string, Target>();
  return post;

  /** The answer to one request, or why there is none, within the request's time. Its body is read and left. */
  async function post(request: Request): Promise<Answer> {
    const startedMs = performance.now();
    const first = await attempt(request);
    // An intake may have closed a connection while Lambda held the process frozen, which only writing to it shows.
    const timeoutMs = request.timeoutMs - (performance.now() - startedMs);
    return first.isStale && timeoutMs > 0 ? (await attempt({ ...request, timeoutMs })).answer : first.answer;
  }

  async function attempt({ url, headers, body, timeoutMs }: Request): Promise<{ answer: Answer; isStale: boolean }> {
    const target = targets.get(url) ?? (await targetOf(url));
    return new Promise((resolve) => {
      const request = target.request({ ...target.options, headers: { ...headers, "content-length": body.length } });
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

  async function targetOf(url: string): Promise<Target> {
    const { protocol, hostname, port, pathname, search } = new URL(url);
    const { request, agent } = protocol === "https:" ? await loadSecure() : plain;
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    const host = hostname.replace(/^\[|\]$/g, "");
    const options = { method: "POST", protocol, hostname: host, port, path: pathname + search, agent };
    const target = { request, options };
    targets.set(url, target);
    return target;
  }

  function loadSecure(): Promise<typeof plain> {
    secure ??= import("node:https").then(({ Agent, request }) => ({
      request,
      agent: new Agent({ ...keepAlive, rejectUnauthorized: !skipSslValidation, minVersion: "TLSv1.2" }),
    }));
    return secure;
  }
}

/** A code such as ECONNREFUSED; messages may name what was sent. */
function reasonOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? (error.message === "timeout" ? "timeout" : error.name);
}
