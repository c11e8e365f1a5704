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
        startTimeUnixNano: 1795226069831013123n,
        durationNano: 67823975n,
        error: null,
        attributes: { ...meta, "_dd.measured": 1 },
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
    expect(received({ spans: [{ ...span, error: 1, meta }] })[0]?.error).toEqual({ type: "TypeError", message: "bad" });
    expect(received({ spans: [{ ...span, error: 1, meta: { "error.msg": "bad" } }] })[0]?.error).toEqual({
      type: "",
      message: "bad",
    });
    expect(received({ spans: [{ ...span, error: 0, meta }] })[0]?.error).toBeNull();
  });
});

describe("a log that the intake got", () => {
  it("belongs to the service that its ids belong to", () => {
    expect(receivedLog({ service: "lambda", dd: { service: "api" }, message: "x" }).service).toBe("api");
    expect(receivedLog({ service: "lambda", dd: {}, message: "x" }).service).toBe("lambda");
    expect(receivedLog({}).service).toBe("");
  });

  it.each([
    [{ message: "text\n" }, "text"],
    [{ message: "a\nb\r\n" }, "a\nb"],
    [{ message: { a: 1 } }, '{"a":1}'],
    [{ other: 1 }, '{"other":1}'],
  ])("has its message as its body: %j", (item, body) => {
    expect(receivedLog(item).body).toBe(body);
  });
});

function received(chunk: Parameters<typeof agentPayloadBytes>[0]) {
  return spansOf(decodeAgentPayload(agentPayloadBytes(chunk)));
}
