import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import https from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import path from "node:path";

/** What the proxy does: its work, or a refusal with a status, or nothing at all. */
export type ProxyManner = "work" | "hang" | "reset" | number;

export interface TestProxy {
  /** `http://127.0.0.1:…` */
  url: string;
  port: number;
  /** What it was asked for, in order: `CONNECT host:port`, or `POST http://…`. */
  asked: string[];
  /** The `Proxy-Authorization` of each. */
  credentials: (string | undefined)[];
  /** The `Host` of each. */
  hosts: (string | undefined)[];
  /** From now on. */
  manner: ProxyManner;
  stop(): Promise<void>;
}

/** A real HTTP proxy on localhost: tunnels by CONNECT, and requests with a whole URL. All names are localhost's. */
export async function aProxy(manner: ProxyManner = "work"): Promise<TestProxy> {
  return listen(manner, createServer());
}

/** The same, spoken to over TLS. */
aProxy.withTls = (manner: ProxyManner = "work"): Promise<TestProxy> => {
  const read = (name: string): Buffer => readFileSync(path.join(__dirname, "certificate", name));
  return listen(manner, https.createServer({ key: read("key.pem"), cert: read("certificate.pem") }));
};

async function listen(manner: ProxyManner, server: ReturnType<typeof createServer>): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  server.on("connection", keep);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: TestProxy = {
    url: `${server instanceof https.Server ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    asked: [],
    credentials: [],
    hosts: [],
    manner,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };

  server.on("connect", (asking: IncomingMessage, client: Socket, head: Buffer) => {
    note(asking);
    client.on("error", () => client.destroy());
    if (proxy.manner === "hang") return;
    if (proxy.manner === "reset") return void client.destroy();
    if (proxy.manner !== "work") {
      client.end(`HTTP/1.1 ${proxy.manner} No\r\ncontent-length: 2\r\n\r\nno`);
      return;
    }
    const upstream = connect(Number(asking.url?.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    keep(upstream);
  });

  server.on("request", (asking: IncomingMessage, response: ServerResponse) => {
    note(asking);
    if (proxy.manner === "hang") return;
    if (proxy.manner === "reset") return void asking.socket.destroy();
    if (proxy.manner !== "work") return void response.writeHead(proxy.manner).end("no");
    const { port, pathname, search } = new URL(asking.url ?? "");
    const { method, headers } = asking;
    const onward = request({ host: "127.0.0.1", port, method, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    asking.pipe(onward);
  });

  return proxy;

  function note({ method, url, headers }: IncomingMessage): void {
    proxy.asked.push(`${method} ${url}`);
    proxy.credentials.push(headers["proxy-authorization"]);
    proxy.hosts.push(headers.host);
  }
}
