/**
 * Connections over TLS through an HTTP proxy, kept open like any others.
 *
 * Node's own (`proxyEnv`) came with Node 22 and is silently without effect before.
 */
import { type AgentOptions, type ClientRequestArgs, request as plainRequest } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import type { Duplex } from "node:stream";

/** A proxy that takes longer to connect is as good as none; it leaves time to try again. */
const TUNNEL_TIMEOUT_MS = 5_000;

type Created = (error: Error | null, stream: Duplex) => void;

/** Why there is no tunnel. */
class TunnelError extends Error {
  override name = "TunnelError";
  /** `HTTP 407`, or a code such as ECONNREFUSED. */
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #credentials: Record<string, string>;
  readonly #rejectUnauthorized: boolean;

  constructor(
    proxy: URL,
    credentials: Record<string, string>,
    options: AgentOptions & { rejectUnauthorized: boolean; minVersion: "TLSv1.2" },
  ) {
    super(options);
    this.#proxy = proxy;
    this.#credentials = credentials;
    this.#rejectUnauthorized = options.rejectUnauthorized;
  }

  override createConnection(options: ClientRequestArgs, created?: Created): undefined {
    const done = created as Created;
    const host = options.host as string;
    const authority = `${host.includes(":") ? `[${host}]` : host}:${options.port}`;
    const { protocol, hostname, port } = this.#proxy;
    const connect = (protocol === "https:" ? secureRequest : plainRequest)({
      method: "CONNECT",
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      path: authority,
      headers: { host: authority, ...this.#credentials },
      agent: false,
      rejectUnauthorized: this.#rejectUnauthorized,
    });
    const fail = (code: string): void => {
      clearTimeout(timer);
      connect.destroy();
      done(new TunnelError(code), undefined as unknown as Duplex);
    };
    const timer = setTimeout(() => fail("timeout"), TUNNEL_TIMEOUT_MS);
    connect.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.name));
    // What the proxy answers instead of CONNECT's own answer.
    connect.on("response", ({ statusCode }) => fail(`HTTP ${statusCode}`));
    connect.on("connect", ({ statusCode = 0 }, socket) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        return fail(`HTTP ${statusCode}`);
      }
      clearTimeout(timer);
      done(null, super.createConnection({ ...options, socket } as ClientRequestArgs) as Duplex);
    });
    connect.end();
    return undefined;
  }
}
