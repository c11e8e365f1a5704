import { randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { readBody } from "../viewer/request-body.ts";

export interface HttpFront {
  url: string;
  close(): Promise<void>;
}

/** Lambda takes events of up to 6 MB. */
const maxBodyBytes = 6_000_000;

/**
 * An HTTP server on localhost in front of a function, as an API Gateway HTTP API is: a request becomes an event of
 * payload format 2.0, the function's answer becomes the response.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function startHttpFront(invoke: (event: unknown) => Promise<unknown>): Promise<HttpFront> {
  const server = http.createServer((request, response) => {
    answer(request)
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      // API Gateway does not tell the caller why a function failed, or that its answer was no HTTP response.
      .catch(() => response.writeHead(502, json).end('{"message":"Internal Server Error"}'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };

  async function answer(request: http.IncomingMessage): Promise<HttpAnswer> {
    const body = await readBody(request, maxBodyBytes);
    if (!body) return { status: 413, headers: json, body: '{"message":"Request Too Long"}' };
    return asHttpAnswer(await invoke(gatewayEvent(request, body)));
  }

  function close(): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
}

interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

const json = { "content-type": "application/json" };

/** The event of payload format 2.0: values of a repeated query parameter or header are joined by commas. */
export function gatewayEvent(request: http.IncomingMessage, body: Buffer): object {
  const url = new URL(`http://localhost${request.url}`);
  const method = request.method ?? "GET";
  const { host = "localhost", "user-agent": userAgent = "" } = request.headers;
  const now = new Date();
  const names = [...new Set(url.searchParams.keys())];
  const isText = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/.test(
    request.headers["content-type"] ?? "text/plain",
  );
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    ...(names.length > 0 && {
      queryStringParameters: Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name).join(",")])),
    }),
    requestContext: {
      accountId: "123456789012",
      apiId: "local",
      domainName: host,
      domainPrefix: host.split(".")[0],
      http: {
        method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent,
      },
      requestId: randomBytes(12).toString("base64url"),
      routeKey: "$default",
      stage: "$default",
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** A function may answer with a status code, or with just the body. */
function asHttpAnswer(result: unknown): HttpAnswer {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    return { status: 200, headers: json, body: typeof result === "string" ? result : JSON.stringify(result) };
  }
  const { statusCode, headers, body, isBase64Encoded } = result as {
    statusCode: unknown;
    headers?: Record<string, unknown>;
    body?: unknown;
    isBase64Encoded?: unknown;
  };
  return {
    status: Number(statusCode),
    headers: Object.fromEntries(Object.entries(headers ?? json).map(([name, value]) => [name, String(value)])),
    body: isBase64Encoded ? Buffer.from(String(body), "base64") : String(body ?? ""),
  };
}
