import { plain } from "../../src/cli/paint.ts";
import { traceTree } from "../../src/cli/trace-tree.ts";
import type { ReceivedLog, ReceivedSpan } from "../../src/viewer/received.ts";
import { aReceivedLog, aReceivedSpan } from "../helpers/received.ts";

const traceId = "6b00f9d500000000414ae78d188f3825";

describe("a trace as a tree", () => {
  it("shows spans by start with durations, errors and the logs of each", () => {
    const spans = [
      aSpan("1", null, { service: "api", name: "aws.lambda", resource: "api" }),
      aSpan("2", "1", { name: "think", resource: "technology", durationNano: 20_115_999n }),
      aSpan("3", "2", { name: "same", resource: "same" }),
      aSpan("4", "1", {
        name: "think",
        resource: "foo_bar",
        error: { type: "Error", message: "Subject\nunknown", stack: "" },
      }),
    ];
    const logs = [aLog("1", "hello"), aLog("2", "a thought"), aLog("4", "nothing"), aLog("4", "again")];
    expect(drawn(spans, logs)).toBe(`trace ${traceId}  2 services, 4 spans, 4 logs
└─ api · aws.lambda / api  1.00 ms
   │  · hello
   ├─ a-service · think / technology  20.11 ms
   │  │  · a thought
   │  └─ a-service · same  1.00 ms
   └─ a-service · think / foo_bar  1.00 ms  ✗ Error: Subject unknown
         · nothing
         · again`);
  });

  it("shows spans whose parent is missing, and logs whose span is missing", () => {
    expect(
      drawn([aSpan("2", "1", {})], [aLog("9", "lost"), aLog(null, "no span")]),
    ).toBe(`trace ${traceId}  1 service, 1 span, 2 logs
└─ a-service · a-span  1.00 ms  parent did not arrive
   logs of spans that did not arrive:
   · lost
   · no span`);
  });

  it.each([
    ["is its own parent", [aSpan("1", "1", {})]],
    ["are parents of each other", [aSpan("1", "2", {}), aSpan("2", "1", {})]],
    ["came twice", [aSpan("1", null, {}), aSpan("1", null, {}), aSpan("2", "1", {}), aSpan("2", "1", {})]],
  ])("shows spans once each when one %s", (_, spans) => {
    const lines = drawn(spans, [aLog("1", "a log")]).split("\n");
    expect(lines.filter((line) => line.includes("a-span"))).toHaveLength(spans.length);
    expect(lines.filter((line) => line.includes("a log"))).toHaveLength(1);
  });

  it("keeps logs within the width and lets none of them steer the terminal", () => {
    const [, , line] = drawn(
      [aSpan("1", null, {})],
      [aLog("1", `\u001b[2J\r\n😀${"long ".repeat(100_000)}`)],
      40,
    ).split("\n");
    expect(line).toMatch(/^ {6}· \[2J 😀long long .*…$/);
    expect([...(line ?? "")]).toHaveLength(40);
  });
});

function drawn(spans: ReceivedSpan[], logs: ReceivedLog[], width = 100): string {
  return traceTree({ traceId, spans, logs }, width, plain).join("\n");
}

function aSpan(spanId: string, parentId: string | null, span: Partial<ReceivedSpan>): ReceivedSpan {
  return aReceivedSpan({ traceId, spanId, parentId, ...span });
}

function aLog(spanId: string | null, body: string): ReceivedLog {
  return aReceivedLog({ traceId, spanId, body });
}
