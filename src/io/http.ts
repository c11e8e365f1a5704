/**
 * Requests over connections that stay open across invocations.
 *
 * node:http rather than fetch, whose first use lengthens a cold start and whose every megabyte costs more CPU.
 */
import { Agent, request as plainRequest, type RequestOptions } from "node:http";
import type { Request, World } from "../delivery/world.ts";

type Answer = Awaited<ReturnType<World["post"]>>;

/** Of what an intake says when it does not take something. */
const MAX_TEXT_BYTES = 1_000;
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

  /** The answer to one request, or why there is none, within the request's time. */
  async function post({ url, headers, body, timeoutMs }: Request): Promise<Answer> {
    const target = targets.get(url) ?? (await targetOf(url));
    return new Promise((resolve) => {
      const request = target.request({ ...target.options, headers: { ...headers, "content-length": body.length } });
      const timer = setTimeout(() => request.destroy(new Error("timeout")), timeoutMs);
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      const fail = (error: Error): void => {
        const code = reasonOf(error);
        // An intake may have closed a connection while Lambda held the process frozen, which only writing to it shows.
        const isStale = request.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
        settle({ error: code, isSent: request.writableFinished, ...(isStale && { isStale }) });
      };
      request.on("response", (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        const retryAfter = answered["retry-after"];
        if (status >= 200 && status < 300) {
          response.resume();
          response.on("end", () => settle({ status, retryAfter }));
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
