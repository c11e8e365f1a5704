import { type HttpFront, startHttpFront } from "../../src/cli/http-front.ts";

let front: HttpFront | undefined;
afterEach(() => front?.close());

describe("the HTTP server in front of a function", () => {
  it("makes an API Gateway event of a request", async () => {
    const url = await aFront(async (event) => event);
    const response = await fetch(`${url}/a%20b?x=1&x=2&y=%C3%A9`, {
      method: "PUT",
      headers: { "x-datadog-trace-id": "4704827353930348581", "content-type": "text/plain" },
      body: "hé",
    });
    expect(await response.json()).toMatchObject({
      version: "2.0",
      rawPath: "/a%20b",
      rawQueryString: "x=1&x=2&y=%C3%A9",
      queryStringParameters: { x: "1,2", y: "é" },
      headers: { "x-datadog-trace-id": "4704827353930348581" },
      requestContext: { http: { method: "PUT", path: "/a%20b" }, stage: "$default" },
      body: "hé",
      isBase64Encoded: false,
    });
  });

  it("passes bytes that are no text as base64, both ways", async () => {
    const url = await aFront(async (event) => ({ statusCode: 201, ...(event as object), headers: { "x-a": 1 } }));
    const bytes = Buffer.from([0, 255, 10, 128]);
    const response = await fetch(url, { method: "POST", headers: { "content-type": "image/png" }, body: bytes });
    expect([response.status, response.headers.get("x-a")]).toEqual([201, "1"]);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  it("answers 200 with what a function gives without a status code", async () => {
    expect(await text(await aFront(async () => "plain"))).toEqual([200, "plain"]);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("secret"))],
    ["answers with no valid status", async () => ({ statusCode: "many", body: "secret" })],
  ])("answers 502 without the reason when the function %s", async (_, invoke) => {
    expect(await text(await aFront(invoke))).toEqual([502, '{"message":"Internal Server Error"}']);
  });

  it("does not hand over more than Lambda takes", async () => {
    const url = await aFront(async () => "unreachable");
    expect((await fetch(url, { method: "POST", body: "x".repeat(6_000_001) })).status).toBe(413);
  });
});

async function aFront(invoke: (event: unknown) => Promise<unknown>): Promise<string> {
  await front?.close();
  front = await startHttpFront(invoke);
  return front.url;
}

async function text(url: string): Promise<[number, string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}
