import { decodeAgentPayload } from "../../src/viewer/agent-payload.ts";
import { receivedLog, spansOf } from "../../src/viewer/datadog-items.ts";
import { agentPayloadBytes } from "./agent-payload-bytes.ts";

const span = {
  service: "api",
  name: "think",
  resource: "x",
  traceID: "4704827353930348581",
  spanID: "18446744073709551615",
};

describe("a span that the intake got", () => {
  it("has ids in hex, exact nanoseconds and its attributes", () => {
    const meta = { subject: "technology", "_dd.p.tid": "6B00f9d500000000" };
    const numbers = { parentID: "1", start: "1795226069831013123", duration: "67823975" };
    expect(received({ spans: [{ ...span, ...numbers, meta, metrics: { "_dd.measured": 1 } }] })).toEqual([
      {
        traceId: "6b00f9d500000000414ae78d188f3825",
        spanId: "ffffffffffffffff",
        parentId: "0000000000000001",
        service: "api",
        name: "think",
        resource: "x",
        type: "",
        kind: 0,
        status: "unset",
        startTimeUnixNano: 1795226069831013123n,
        durationNano: 67823975n,
        error: null,
        attributes: { ...meta, "_dd.measured": 1 },
        events: [],
        links: [],
        origin: expect.objectContaining({ service: "api", attributes: { "service.name": "api" } }),
      },
    ]);
  });

  it("has the high half of its trace id from any span of its trace in the chunk, or from the chunk", () => {
    const meta = { "_dd.p.tid": "6b00f9d500000000" };
    const other = { ...span, traceID: "5" };
    const traceIds = (spans: { traceId: string }[]) => spans.map(({ traceId }) => traceId);
    expect(traceIds(received({ spans: [span, other, { ...span, meta }] }))).toEqual([
      "6b00f9d500000000414ae78d188f3825",
      "00000000000000000000000000000005",
      "6b00f9d500000000414ae78d188f3825",
    ]);
    expect(traceIds(received({ tags: meta, spans: [span] }))).toEqual(["6b00f9d500000000414ae78d188f3825"]);
    expect(traceIds(received({ tags: { "_dd.p.tid": "not hex" }, spans: [span] }))).toEqual([
      "0000000000000000414ae78d188f3825",
    ]);
  });

  it("has an error with its message, in the tracer's words or the Agent's", () => {
    const meta = { "error.type": "TypeError", "error.message": "bad" };
    expect(received({ spans: [{ ...span, error: 1, meta }] })[0]?.error).toEqual({
      type: "TypeError",
      message: "bad",
      stack: "",
    });
    expect(received({ spans: [{ ...span, error: 1, meta: { "error.msg": "bad" } }] })[0]?.error).toEqual({
      type: "",
      message: "bad",
      stack: "",
    });
    expect(received({ spans: [{ ...span, error: 0, meta }] })[0]?.error).toBeNull();
  });
});

describe("a log that the intake got", () => {
  it("belongs to the service that its ids belong to", () => {
    expect(receivedLog({ service: "lambda", dd: { service: "api" }, message: "x" }, 0).service).toBe("api");
    expect(receivedLog({ service: "lambda", dd: {}, message: "x" }, 0).service).toBe("lambda");
    expect(receivedLog({}, 0).service).toBe("");
  });

  it("has its time, severity, request, tags and whatever else the item says", () => {
    const message = "2026-11-21T01:51:12.822Z\t276FF3B9-1609-4ee7-a288-db3752630767\tERROR\tbad\n";
    const aws = { awslogs: { logGroup: "/aws/lambda/thinker", logStream: "a-stream", owner: "123456789012" } };
    const item = {
      id: "7",
      timestamp: 1_795_226_069_831,
      message,
      aws,
      ddsource: "lambda",
      host: "a-host",
      extra: { a: 1 },
    };
    expect(receivedLog({ ...item, ddtags: "env:dev,alone,url:http://x" }, 0)).toMatchObject({
      timeUnixNano: 1_795_226_069_831_000_000n,
      severity: "error",
      requestId: "276ff3b9-1609-4ee7-a288-db3752630767",
      attributes: { "log.record.uid": "7", extra: { a: 1 } },
      origin: {
        source: "lambda",
        logGroup: "/aws/lambda/thinker",
        logStream: "a-stream",
        functionName: "thinker",
        attributes: {
          env: "dev",
          alone: "",
          url: "http://x",
          "host.name": "a-host",
          "cloud.account.id": "123456789012",
        },
      },
    });
  });

  it.each([
    [1_795_226_069_831, 1_795_226_069_831_000_000n],
    ["1795226069831", 1_795_226_069_831_000_000n],
    ["2026-11-21T01:54:29.831Z", 1_795_226_069_831_000_000n],
    ["no time", 5_000_000n],
    [-1, 5_000_000n],
    [1e300, 5_000_000n],
    [undefined, 5_000_000n],
  ])("is of the time %p, or of its arrival", (timestamp, time) => {
    expect(receivedLog({ message: "a", timestamp }, 5).timeUnixNano).toBe(time);
  });

  it("has the level of a JSON message, and its request", () => {
    const message = JSON.stringify({ level: 40, requestId: "276ff3b9-1609-4ee7-a288-db3752630767" });
    expect(receivedLog({ message }, 0)).toMatchObject({
      severity: "warn",
      requestId: "276ff3b9-1609-4ee7-a288-db3752630767",
    });
    expect(receivedLog({ message, status: "error" }, 0).severity).toBe("error");
  });

  it.each([
    [{ message: "text\n" }, "text"],
    [{ message: "a\nb\r\n" }, "a\nb"],
    [{ message: { a: 1 } }, '{"a":1}'],
    [{ other: 1 }, '{"other":1}'],
  ])("has its message as its body: %j", (item, body) => {
    expect(receivedLog(item, 0).body).toBe(body);
  });
});

function received(chunk: Parameters<typeof agentPayloadBytes>[0]) {
  return spansOf(decodeAgentPayload(agentPayloadBytes(chunk)));
}
