import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { unzipSync } from "node:zlib";

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The client's port: equal for requests over one connection. */
  socketPort: number | undefined;
  /** As it came over the wire. */
  wireBytes: number;
  /** Decompressed. */
  body: Buffer;
}

/** One answer: a status, or `"reset"` to close the connection unanswered, or `"hang"` to never answer. */
export type Reply =
  | number
  | "reset"
  | "hang"
  | { status: number; headers: Record<string, string>; body?: Uint8Array | string };

export interface TestIntake {
  url: string;
  port: number;
  requests: ReceivedRequest[];
  /** What it answers next, in order; after the last, 202. */
  replies: Reply[];
  /** The items of all log requests that were answered with 2xx. */
  logs(): Record<string, unknown>[];
  /** The bodies of all trace requests that were answered with 2xx. */
  tracePayloads(): Buffer[];
  /** The series of all metric requests that were answered with 2xx. */
  series(): Record<string, unknown>[];
  stop(): Promise<void>;
}

/**
 * A real HTTP server on localhost that keeps what it is sent.
 *
 * @param replies taken one a request, in order; after the last, 202
 */
export async function anIntake(...replies: Reply[]): Promise<TestIntake> {
  return listen(0, replies);
}

/** The same on a given port. */
anIntake.onPort = (port: number, ...replies: Reply[]): Promise<TestIntake> => listen(port, replies);

/** The same over TLS, with a certificate that nobody vouches for. */
anIntake.withTls = (...replies: Reply[]): Promise<TestIntake> => listen(0, replies, certificate());

/** The same, for clients that have that certificate too. */
anIntake.withClientCertificates = (...replies: Reply[]): Promise<TestIntake> => {
  const { key, cert } = certificate();
  return listen(0, replies, { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true });
};

function certificate(): { key: Buffer; cert: Buffer } {
  const read = (name: string): Buffer => readFileSync(path.join(__dirname, "certificate", name));
  return { key: read("key.pem"), cert: read("certificate.pem") };
}

async function listen(wantedPort: number, replies: Reply[], tls?: https.ServerOptions): Promise<TestIntake> {
  const requests: ReceivedRequest[] = [];
  const accepted: ReceivedRequest[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => void receive(request, response);
  const server = tls ? https.createServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(wantedPort, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const wire = Buffer.concat(chunks);
    const body = request.headers["content-encoding"] ? unzipSync(wire) : wire;
    const { method = "", url = "", headers } = request;
    const received = {
      method,
      path: url,
      headers,
      socketPort: request.socket.remotePort,
      wireBytes: wire.length,
      body,
    };
    requests.push(received);
    const reply = replies.shift() ?? 202;
    if (reply === "hang") return;
    if (reply === "reset") {
      request.socket.destroy();
      return;
    }
    const {
      status,
      headers: answered,
      body: answer = "{}",
    }: Exclude<Reply, number | string> = typeof reply === "number" ? { status: reply, headers: {} } : reply;
    if (status >= 200 && status < 300) accepted.push(received);
    response.writeHead(status, answered).end(answer);
  }

  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    requests,
    replies,
    logs: () =>
      accepted.filter(({ path }) => path === "/api/v2/logs").flatMap(({ body }) => JSON.parse(body.toString())),
    tracePayloads: () => accepted.filter(({ path }) => path === "/api/v0.2/traces").map(({ body }) => body),
    series: () =>
      accepted
        .filter(({ path }) => path === "/api/v1/distribution_points")
        .flatMap(({ body }) => JSON.parse(body.toString()).series),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
