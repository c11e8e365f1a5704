import { mayBeInit, readLambdaLine } from "../../src/formats/lambda-lines.ts";
import { capturedMessages } from "../helpers/deliveries.ts";

const REQUEST = "276ff3b9-1609-4ee7-a288-db3752630767";
const JSON_REQUEST = "defaa4fc-bf79-487e-a848-9f6f5feef9a0";
const texts = capturedMessages("constructed-from-source/platform-lines-text.log").map(
  (line) => JSON.parse(line).message as string,
);
const objects = capturedMessages("constructed-from-source/platform-lines-json.jsonl");
const escaped = (message: string): string => JSON.stringify(message).slice(1, -1);

describe("the platform's lines", () => {
  it("are told from text", () => {
    expect(texts.map(readLambdaLine)).toMatchObject([
      { kind: "initStart", requestId: "" },
      { kind: "start", requestId: REQUEST, functionVersion: "$LATEST" },
      { kind: "end", requestId: REQUEST, xray: undefined },
      { kind: "report", requestId: REQUEST, status: "", initDurationMs: 100.99, isRestore: false, xray: undefined },
      { kind: "report", initDurationMs: 398.97, isRestore: true },
      {
        kind: "report",
        status: "error",
        errorType: "Runtime.OutOfMemory",
        initDurationMs: undefined,
        xray: {
          traceId: "6ac7d556032906e375c910cf42cb849e",
          spanId: "90cbc97f4ee64a7f",
          parentSpanId: "",
          isSampled: true,
        },
      },
      { kind: "report", status: "timeout", errorType: "" },
      undefined,
      { kind: "initReport", requestId: "", initDurationMs: 488.22, status: "error", errorType: "Runtime.ExitError" },
      undefined,
    ]);
  });

  it("are told from JSON", () => {
    const xray = {
      traceId: "6b00f9d51e2c502e358361800241fd45",
      spanId: "24cd7d670fa455f0",
      parentSpanId: "35465b3a9e2f7c6a",
      isSampled: true,
    };
    expect(objects.map(readLambdaLine)).toMatchObject([
      { kind: "initStart", requestId: "" },
      { kind: "start", requestId: JSON_REQUEST, functionVersion: "$LATEST", xray },
      { kind: "end", requestId: JSON_REQUEST, status: "success", xray: undefined },
      { kind: "report", status: "success", initDurationMs: 131.512, report: { durationMs: 68.31 }, xray },
      { kind: "report", status: "timeout", xray: undefined },
      { kind: "report", status: "error", errorType: "Runtime.OutOfMemory" },
      { kind: "report", report: { durationMs: 1.148, memorySizeMB: undefined } },
    ]);
  });

  it("have ids of X-Ray's in whatever order, and none that are no ids", () => {
    const tracing = (value: string, spanId: unknown = "24cd7d670fa455f0"): unknown =>
      readLambdaLine(
        JSON.stringify({
          time: "",
          type: "platform.start",
          record: { requestId: REQUEST, tracing: { spanId, value } },
        }),
      )?.xray;
    const root = "Root=1-6b00f9d5-1e2c502e358361800241fd45";
    const traceId = "6b00f9d51e2c502e358361800241fd45";
    expect(tracing(`Sampled=0; Lineage=a:0;Parent=35465B3a9e2f7c6a ;${root}`)).toMatchObject({
      traceId,
      isSampled: false,
    });
    expect(tracing(`${root};Parent=24cd7d670fa455f0`)).toMatchObject({ spanId: "24cd7d670fa455f0", parentSpanId: "" });
    expect(tracing(`${root};Parent=0000000000000000`, 5)).toMatchObject({ traceId, spanId: "", parentSpanId: "" });
    expect(tracing("Root=1-00000000-000000000000000000000000")).toBeUndefined();
    expect(tracing("Parent=35465b3a9e2f7c6a")).toBeUndefined();
  });

  it.each([
    "",
    "a",
    "START RequestId: x Version: 1",
    "INIT_STARTED",
    "{",
    "[]",
    '{"type":"platform.start"}',
    '{"type":"platform.start","record":{}}',
    '{"type":"constructor","record":{"requestId":"x"}}',
    '{"type":"platform.report","record":[]}',
  ])("are not: %s", (line) => {
    expect(readLambdaLine(line)).toBeUndefined();
  });

  it("are seen to be of an environment by their fronts", () => {
    const seen = (message: string): boolean => mayBeInit(`"${escaped(message)}"`, 1, escaped(message).length + 1);
    expect([...texts, ...objects].filter(seen)).toEqual(
      [...texts, ...objects].filter((line) => readLambdaLine(line)?.kind.startsWith("init")),
    );
    expect(mayBeInit(`{\\"time\\":\\"x\\"}${escaped(objects[0] as string)}`, 0, 16)).toBe(false);
  });
});
