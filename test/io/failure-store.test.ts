import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createFailureStore } from "../../src/io/failure-store.ts";

describe("the failure store of a function in a VPC", () => {
  it("names the bucket in the path of a URL, not in its host", async () => {
    const asked: string[] = [];
    const server = createServer(({ headers, url }, response) => {
      asked.push(`${headers.host} ${url?.split("?")[0]}`);
      response
        .writeHead(200, { "content-type": "application/xml" })
        .end("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: `http://localhost:${port}`,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
    });
    try {
      const store = createFailureStore({ bucket: "failed", sqsQueueUrl: "", useVpc: true }, "arn");
      await store?.open(["logs"], Date.now() + 2_000);
      expect(asked).toEqual([expect.stringMatching(`^localhost:${port} /failed/?$`)]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
