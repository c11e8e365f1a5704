import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What Lambda says of one call: it takes the event, refuses it with a code, or never answers. */
export type LambdaReply = "take" | "hang" | { code: string; status: number };

export interface LambdaServer {
  /** The variables by which AWS SDKs use the server. */
  environment: Record<string, string>;
  /** What came, in order. */
  calls: { functionName: string; invocationType: string | undefined; region: string; payload: string }[];
  /** By the name or ARN in the call, until it is changed; without one, the event is taken. */
  replies: Map<string, LambdaReply>;
  stop(): Promise<void>;
}

/** Lambda's `Invoke` alone, on a local port. */
export async function startLambda(): Promise<LambdaServer> {
  const calls: LambdaServer["calls"] = [];
  const replies: LambdaServer["replies"] = new Map();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, name = ""] = /\/functions\/([^/]+)\/invocations/.exec(request.url ?? "") ?? [];
    const [, region = ""] = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
    const functionName = decodeURIComponent(name);
    const invocationType = request.headers["x-amz-invocation-type"] as string | undefined;
    calls.push({ functionName, invocationType, region, payload: Buffer.concat(chunks).toString() });
    const reply = replies.get(functionName) ?? "take";
    if (reply === "hang") return;
    if (reply === "take") response.writeHead(202).end();
    else response.writeHead(reply.status, { "x-amzn-errortype": reply.code }).end('{"message":"no"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    environment: {
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
    },
    calls,
    replies,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
