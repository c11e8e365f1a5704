import { connect } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { type Intake, type IntakeSettings, startIntake } from "../../src/viewer/intake.ts";
import { agentPayloadBytes } from "./agent-payload-bytes.ts";

let intake: Intake;
afterEach(() => intake.close());

const key = { "dd-api-key": "k" };
const span = { service: "api", name: "think", traceID: "4704827353930348581", spanID: "7285829489079319125" };

describe("the intake of logs", () => {
  it.each([
    ["an array", JSON.stringify([{ message: "a", service: "s" }, { message: "b" }]), ["a", "b"]],
    ["one object", JSON.stringify({ message: "é\n" }), ["é"]],
    ["an empty array", "[]", []],
  ])("takes %s, plain or gzip, and answers 202 {}", async (_, json, bodies) => {
    await anIntake();
    expect(await post("/api/v2/logs", json)).toEqual([202, "{}"]);
    expect(await post("/api/v2/logs", gzipSync(json), { "content-encoding": "gzip" })).toEqual([202, "{}"]);
    expect(intake.store.snapshot().uncorrelatedLogs.map(({ body }) => body)).toEqual([...bodies, ...bodies]);
  });

  it.each([
    ["text that is no JSON", "{"],
    ["nothing", ""],
    ["JSON that is no log", "7"],
    ["an array with something that is no log", '[{"message":"a"},null]'],
  ])("refuses %s with 400 and a reason, and keeps nothing of it", async (_, body) => {
    await anIntake();
    expect(await post("/api/v2/logs", body)).toEqual([400, expect.stringMatching(/^\{"errors":\["body is not/)]);
    expect(intake.store.snapshot().uncorrelatedLogs).toEqual([]);
    expect(intake.refusals()).toEqual([expect.stringMatching(/^POST \/api\/v2\/logs: 400 body is not/)]);
  });

  it("refuses more logs than Datadog takes in one request", async () => {
    await anIntake();
    expect((await post("/api/v2/logs", JSON.stringify(Array(1000).fill({}))))[0]).toBe(202);
    expect((await post("/api/v2/logs", JSON.stringify(Array(1001).fill({}))))[0]).toBe(413);
  });
});

describe("the intake of metrics", () => {
  const json = JSON.stringify({ series: [{ metric: "a", points: [[1, [2]]] }] });

  it("takes series with points, plain or deflate", async () => {
    await anIntake();
    const path = "/api/v1/distribution_points";
    expect(await post(path, json)).toEqual([202, "{}"]);
    expect(await post(path, deflateSync(json), { "content-encoding": "deflate" })).toEqual([202, "{}"]);
    expect(await post(path, gzipSync(json), { "content-encoding": "deflate" })).toEqual([
      400,
      expect.stringContaining("not deflate"),
    ]);
  });

  it("keeps the tags of a series, and its host", async () => {
    await anIntake();
    const series = [{ metric: "a", host: "h", tags: ["env:dev", 7, "x"], points: [[1, [2, 3]]] }];
    await post("/api/v1/distribution_points", JSON.stringify({ series }));
    expect(intake.store.metrics.named("a")?.series).toMatchObject([
      { tags: ["env:dev", "host:h", "x"], points: 2, sum: 5 },
    ]);
  });

  it.each(["{", "null", "[]", '{"series":{}}', '{"series":[null]}', '{"series":[{"metric":"a"}]}'])(
    "refuses %s with 400 and a reason",
    async (body) => {
      await anIntake();
      expect((await post("/api/v1/distribution_points", body))[0]).toBe(400);
    },
  );
});

describe("the intake of traces", () => {
  it("takes an AgentPayload, plain or gzip", async () => {
    await anIntake();
    const [bytes, others] = ["7285829489079319125", "1"].map((spanID) =>
      agentPayloadBytes({ spans: [{ ...span, spanID }] }),
    );
    expect(await post("/api/v0.2/traces", others as Uint8Array)).toEqual([202, "{}"]);
    expect(await post("/api/v0.2/traces", gzipSync(bytes as Uint8Array), { "content-encoding": "gzip" })).toEqual([
      202,
      "{}",
    ]);
    expect(intake.store.snapshot().traces).toMatchObject([
      {
        traceId: "0000000000000000414ae78d188f3825",
        spans: [{ spanId: "0000000000000001" }, { spanId: "651c77517ea37a55" }],
      },
    ]);
  });

  it.each([
    ["bytes that are no message", Buffer.from([0x2a, 0xff, 0xff])],
    ["JSON", Buffer.from('{"traces":[]}')],
    ["a span without ids", agentPayloadBytes({ spans: [span, { name: "no ids" }] })],
  ])("refuses %s with 400 and a reason, and keeps nothing of it", async (_, bytes) => {
    await anIntake();
    expect(await post("/api/v0.2/traces", bytes)).toEqual([400, expect.stringMatching(/AgentPayload: /)]);
    expect(intake.store.snapshot().traces).toEqual([]);
  });
});

describe("the intake", () => {
  it("refuses what has no API key", async () => {
    await anIntake();
    expect((await post("/api/v2/logs", "[]", { "dd-api-key": "" }))[0]).toBe(403);
    expect((await post("/api/v0.2/traces", "", { "dd-api-key": "" }))[0]).toBe(403);
  });

  it("knows no other paths and methods", async () => {
    await anIntake();
    expect((await post("/api/v2/series", "[]"))[0]).toBe(404);
    expect((await fetch(`${intake.url}/api/v2/logs`, { headers: key })).status).toBe(405);
    expect((await post("/api/v2/logs?ddtags=a", "[]"))[0]).toBe(202);
  });

  it("refuses what is too long, also when it is small before decompression", async () => {
    await anIntake({ maxBodyBytes: 1000 });
    expect((await post("/api/v2/logs", "x".repeat(100_000)))[0]).toBe(413);
    expect(await post("/api/v2/logs", gzipSync("[]".padEnd(1001)), { "content-encoding": "gzip" })).toEqual([
      413,
      '{"errors":["body over 1000 bytes when decompressed"]}',
    ]);
    expect((await post("/api/v2/logs", gzipSync("[]".padEnd(1000)), { "content-encoding": "gzip" }))[0]).toBe(202);
  });

  it("refuses a body that is not what its encoding says", async () => {
    await anIntake();
    const gzip = { "content-encoding": "gzip" };
    expect(await post("/api/v2/logs", "[]", gzip)).toEqual([400, '{"errors":["body is not gzip"]}']);
    expect(await post("/api/v2/logs", gzipSync("[]").subarray(0, 15), gzip)).toEqual([
      400,
      '{"errors":["body is not gzip"]}',
    ]);
    expect(await post("/api/v2/logs", "[]", { "content-encoding": "zstd" })).toEqual([
      400,
      '{"errors":["content-encoding is neither gzip nor deflate"]}',
    ]);
  });

  it("takes a path as it stands: two slashes begin no name of a server", async () => {
    await anIntake();
    const statuses: string[] = [];
    for (const target of ["//api/status", "//x/api/status", "/api/status"]) {
      await new Promise<void>((resolve) => {
        const socket = connect(intake.port, "127.0.0.1", () => {
          socket.end(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
        });
        let answer = "";
        socket.on("data", (bytes) => {
          answer += bytes;
        });
        socket.once("close", () => {
          statuses.push(answer.split(" ")[1] ?? "");
          resolve();
        });
      });
    }
    expect(statuses).toEqual(["404", "404", "200"]);
  });

  it("survives a sender that breaks off", async () => {
    await anIntake();
    await new Promise<void>((resolve) => {
      const socket = connect(intake.port, "127.0.0.1", () => {
        socket.write("POST /api/v2/logs HTTP/1.1\r\nhost: x\r\ndd-api-key: k\r\ncontent-length: 100\r\n\r\n[{", () => {
          socket.destroy();
          resolve();
        });
      });
    });
    expect(await post("/api/v2/logs", "[]")).toEqual([202, "{}"]);
    expect(intake.store.snapshot().uncorrelatedLogs).toEqual([]);
  });

  it("does not start on a port that is in use", async () => {
    await anIntake();
    await expect(startIntake({ port: intake.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("remembers no questions that have no answer: whoever asks is told", async () => {
    await anIntake();
    for (const path of ["/api/traces/1", "/api/traces?query=duration:", "/no"]) await fetch(intake.url + path);
    expect(intake.refusals()).toEqual([]);
  });

  it("remembers only the last refusals", async () => {
    await anIntake();
    for (let at = 0; at < 25; at++) await post(`/${at}`, "");
    expect(intake.refusals()).toHaveLength(20);
    expect(intake.refusals().at(-1)).toMatch(/^POST \/24: 404/);
  });
});

async function anIntake(settings?: IntakeSettings) {
  intake = await startIntake(settings);
}

async function post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(intake.url + path, {
    method: "POST",
    headers: { ...key, ...headers },
    body: body as string,
  });
  return [response.status, await response.text()];
}
