import { request } from "node:http";
import { connect } from "node:net";
import type { Intake } from "../../src/viewer/intake.ts";
import { aServer, post, stopAll } from "./a-server.ts";

afterEach(stopAll);

describe("the server", () => {
  it.each(["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:4318", "192.168.1.7", "app.localhost", "my-machine:9"])(
    "answers requests to %s",
    async (host) => {
      expect(await statusOf(await aServer({ allowedHosts: ["my-machine"] }), "/api/status", { host })).toBe(200);
    },
  );

  it.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "my-machine", "a b", "[::1"])(
    "answers no request to %j, as whoever owns the name may have pointed it here",
    async (host) => {
      const intake = await aServer();
      expect(await statusOf(intake, "/api/status", { host })).toBe(403);
      expect(await statusOf(intake, "/api/v2/logs", { host, "dd-api-key": "k" }, "POST")).toBe(403);
    },
  );

  it("answers its own pages and no others", async () => {
    const intake = await aServer();
    const host = `localhost:${intake.port}`;
    const ask = (headers: Record<string, string>): Promise<number> =>
      statusOf(intake, "/api/status", { host, ...headers });
    expect(await ask({ origin: `http://${host}`, "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await ask({ "sec-fetch-site": "none" })).toBe(200);
    expect(await ask({ origin: "http://localhost:1" })).toBe(403);
    expect(await ask({ origin: "null" })).toBe(403);
    expect(await ask({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await ask({ "sec-fetch-site": "same-site", "sec-fetch-dest": "script" })).toBe(403);
    // Somebody follows a link to a trace.
    expect(await ask({ "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" })).toBe(200);
  });

  it.each(["/", "/api/status", "/no/such/path", "/api/v2/logs", "/api/live", "/api/export"])(
    "tells browsers to run and to guess nothing at %s",
    async (path) => {
      const response = await fetch((await aServer()).url + path);
      expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      await response.body?.cancel();
    },
  );

  it("answers what it does not know with 404, and the wrong method with 405, as JSON", async () => {
    const intake = await aServer();
    for (const [method, path, status, allow] of [
      ["GET", "/no", 404, null],
      ["GET", "/api/traces/5/spans", 404, null],
      ["POST", "/api", 404, null],
      ["GET", "//evil.example/api", 404, null],
      ["POST", "/api/services", 405, "GET, HEAD"],
      ["DELETE", "/", 405, "GET, HEAD"],
      ["HEAD", "/api/live", 405, "GET"],
      ["GET", "/v1/traces", 405, "POST"],
      ["OPTIONS", "/v1/traces", 405, "POST"],
      ["GET", "/api/import", 405, "POST"],
    ] as const) {
      const response = await fetch(intake.url + path, { method });
      expect([path, response.status, response.headers.get("allow")]).toEqual([path, status, allow]);
      expect(response.headers.get("content-type")).toBe("application/json");
      if (method !== "HEAD") expect(await response.json()).toEqual({ errors: [expect.any(String)] });
    }
    expect((await fetch(`${intake.url}/api/status`, { method: "HEAD" })).status).toBe(200);
  });

  it("shows what somebody logged as data, never as a page", async () => {
    const intake = await aServer();
    const html = "<script>alert(1)</script>";
    expect((await post(intake, "/api/v2/logs", JSON.stringify({ message: html, service: html }))).status).toBe(202);
    const response = await fetch(`${intake.url}/api/logs`);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({ logs: [{ message: html, service: html }] });
  });

  it("takes no headers without end, and no request that is none", async () => {
    const intake = await aServer();
    expect(await statusOf(intake, "/", { "x-long": "a".repeat(20_000) })).toBe(431);
    expect(await rawAnswer(intake, "GET nonsense HTTP/1.1\r\nhost: localhost\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect(await rawAnswer(intake, "GET /api/status HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1.1 403 /);
    expect(await rawAnswer(intake, "nonsense\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect(await statusOf(intake, "/", {})).toBe(200);
  });
});

/** With any Host header, which fetch does not send. */
function statusOf(intake: Intake, path: string, headers: Record<string, string>, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: intake.port, host: "127.0.0.1", path, method, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    asked.once("error", reject).end();
  });
}

function rawAnswer(intake: Intake, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(intake.port, "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8").once("data", (answer: string) => {
      resolve(answer);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
