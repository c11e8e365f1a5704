import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface EndlessObject {
  /** The variables by which AWS SDKs find it. */
  environment: Record<string, string>;
  /** Ranges that were asked for. */
  ranges: string[];
  bytes: number;
  stop(): Promise<void>;
}

/** S3 with one object, whatever it is asked for: the same bytes again and again, so that it takes no memory. */
export async function endlessObject(unit: Buffer, times: number): Promise<EndlessObject> {
  const bytes = unit.length * times;
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    const [, from = 0, to = 0] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "")?.map(Number) ?? [];
    const end = Math.min(to + 1, bytes);
    ranges.push(`${from}-${end}`);
    response.writeHead(206, {
      etag: '"endless"',
      "content-length": end - from,
      "content-range": `bytes ${from}-${end - 1}/${bytes}`,
    });
    const parts: Buffer[] = [];
    for (let at = from; at < end; ) {
      const start = at % unit.length;
      const part = unit.subarray(start, Math.min(unit.length, start + end - at));
      parts.push(part);
      at += part.length;
    }
    response.end(Buffer.concat(parts));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "eu-west-1",
    },
    ranges,
    bytes,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
