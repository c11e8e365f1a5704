import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { createPost } from "../../src/io/http.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";

const post = createPost({ skipSslValidation: false, noSsl: true });
const body = Buffer.from("{}");
const to = (intake: TestIntake, timeoutMs = 2_000): Parameters<typeof post>[0] => ({
  url: `${intake.url}/api/v2/logs`,
  headers: { "dd-api-key": "k" },
  body,
  timeoutMs,
});

describe("post", () => {
  let intake: TestIntake;
  afterEach(() => intake.stop());

  it("gives the status and what the server asks to wait", async () => {
    intake = await anIntake({ status: 429, headers: { "retry-after": "5" } });
    expect(await post(to(intake))).toEqual({ status: 429, retryAfter: "5", text: "{}" });
    expect(intake.requests[0]).toMatchObject({
      method: "POST",
      path: "/api/v2/logs",
      headers: { "content-length": "2" },
    });
  });

  it("gives the front of a 2xx answer where it is asked for, and reads the rest", async () => {
    const answer = { status: 200, headers: {}, body: "x".repeat(300_000) };
    intake = await anIntake(answer, answer, answer);
    expect(await post(to(intake))).toEqual({ status: 200, retryAfter: undefined });
    expect(await post({ ...to(intake), maxAnswerBytes: 70_000 })).toEqual({
      status: 200,
      retryAfter: undefined,
      body: Buffer.from("x".repeat(70_000)),
    });
    await post({ ...to(intake), maxAnswerBytes: 1 });
    expect(new Set(intake.requests.map(({ socketPort }) => socketPort)).size).toBe(1);
  });

  it("keeps its connection for the next request", async () => {
    intake = await anIntake();
    await post(to(intake));
    const sockets = new Set(intake.requests.map(({ socketPort }) => socketPort));
    await post(to(intake));
    for (const { socketPort } of intake.requests) sockets.add(socketPort);
    expect(intake.requests.length).toBe(2);
    expect(sockets.size).toBe(1);
  });

  it("says why there is no answer", async () => {
    intake = await anIntake("reset", "hang");
    expect(await post(to(intake))).toEqual({ error: "ECONNRESET", isSent: true });
    expect(await post(to(intake, 50))).toEqual({ error: "timeout", isSent: true });
    const { url } = intake;
    await intake.stop();
    expect(await post({ ...to(intake), url })).toEqual({ error: "ECONNREFUSED", isSent: false });
  });

  it("says when the connection was one that had been kept, and makes a new one for the next request", async () => {
    intake = await anIntake(202, "reset", 202);
    await post(to(intake));
    expect(await post(to(intake))).toEqual({ error: "ECONNRESET", isSent: true, isStale: true });
    expect(await post(to(intake))).toEqual({ status: 202, retryAfter: undefined });
    const [first, second, third] = intake.requests.map(({ socketPort }) => socketPort);
    expect(second).toBe(first);
    expect(third).not.toBe(second);
  });

  it("keeps the front of what an intake says of what it does not take", async () => {
    intake = await anIntake();
    const says = "no ".repeat(100_000);
    const server = createServer((socket) =>
      socket.once("data", () =>
        socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-length: ${says.length}\r\n\r\n${says}`),
      ),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await post({ ...to(intake), url })).toEqual({ status: 400, text: says.slice(0, 1_000) });
    server.close();
  });

  it("calls an answer that stops in the middle no answer", async () => {
    intake = await anIntake();
    const server = createServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 202 Accepted\r\ncontent-length: 10\r\n\r\n{}")),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await post({ ...to(intake), url })).toEqual({ error: "ECONNRESET", isSent: true });
    server.close();
  });

  it("speaks TLS, and takes a certificate that nobody vouches for only when told to", async () => {
    intake = await anIntake.withTls();
    expect(await post(to(intake))).toEqual({ error: "DEPTH_ZERO_SELF_SIGNED_CERT", isSent: false });
    expect(intake.requests).toEqual([]);
    const trusting = createPost({ skipSslValidation: true, noSsl: false });
    expect(await trusting(to(intake))).toEqual({ status: 202, retryAfter: undefined });
    await trusting(to(intake));
    expect(new Set(intake.requests.map(({ socketPort }) => socketPort)).size).toBe(1);
  });
});
