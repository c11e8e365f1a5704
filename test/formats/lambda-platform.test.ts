import { readPlatformJson, readPlatformText } from "../../src/formats/lambda-platform.ts";
import { capturedMessages } from "../helpers/deliveries.ts";

const ID = "276ff3b9-1609-4ee7-a288-db3752630767";

describe("platform lines as text", () => {
  it.each([
    [`START RequestId: ${ID} Version: $LATEST\n`, "start"],
    [`END RequestId: ${ID}\n`, "end"],
    [`REPORT RequestId: ${ID}\tDuration: 469.40 ms\tBilled Duration: 500 ms\n`, "report"],
    [`START RequestId: ${ID.toUpperCase()} Version: 12`, "start"],
  ])("are read: %j", (message, platform) => {
    expect(readPlatformText(message)).toEqual({ platform, requestId: ID, isRequestIdCertain: true });
  });

  it.each([
    "",
    "START",
    "START RequestId: ",
    `start RequestId: ${ID}`,
    ` START RequestId: ${ID}`,
    `START RequestID: ${ID}`,
    `RESTART RequestId: ${ID}`,
    `START RequestId: ${ID.slice(0, 35)}`,
    "INIT_START Runtime Version: nodejs:20.v41\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:0123",
    "INIT_REPORT Init Duration: 488.22 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\n",
  ])("are not %j", (message) => expect(readPlatformText(message)).toBeUndefined());
});

describe("platform lines as JSON", () => {
  const lines = capturedMessages("constructed-from-source/platform-lines-json.jsonl");

  it.each([
    ["platform.start", "start"],
    ["platform.runtimeDone", "end"],
    ["platform.report", "report"],
    ["platform.logsDropped", ""],
    ["platform.toString", ""],
    ["platform.__proto__", ""],
  ])("of type %s stand at a request's %j", (type, platform) => {
    expect(readPlatformJson({ time: "…", type, record: { requestId: ID.toUpperCase() } })).toEqual({
      platform,
      requestId: ID,
      isRequestIdCertain: true,
      xrayTraceId: "",
      atOnce: 0,
    });
  });

  it.each<[string, unknown, number]>([
    ["that requests are billed, so that one is worked on at a time", { durationMs: 1.5, billedDurationMs: 2 }, 1],
    ["that requests are not billed, so that several may be worked on", { durationMs: 1.5 }, 2],
    ["nothing of it without metrics", undefined, 0],
    ["nothing of it by metrics that are none", "durationMs", 0],
    ["nothing of it by metrics that are null", null, 0],
  ])("tell %s", (_, metrics, atOnce) => {
    const line = (type: string): object => ({ type, record: { requestId: ID, metrics } });
    expect(readPlatformJson(line("platform.report") as Record<string, unknown>)?.atOnce).toBe(atOnce);
    expect(readPlatformJson(line("platform.runtimeDone") as Record<string, unknown>)?.atOnce).toBe(0);
  });

  it.each([
    "Root=1-6b00f9d5-1e2c502e358361800241fd45",
    "Root=1-6b00f9d5-1e2c502e358361800241fd45;Parent=35465b3a9e2f7c6a;Sampled=1",
    "Sampled=1;Lineage=1:2:3;Root=1-6B00F9D5-1E2C502E358361800241FD45;Self=1-0-0",
  ])("tell X-Ray's trace id: %s", (value) => {
    const line = { type: "platform.start", record: { requestId: ID, tracing: { type: "X-Amzn-Trace-Id", value } } };
    expect(readPlatformJson(line)?.xrayTraceId).toBe("6b00f9d51e2c502e358361800241fd45");
  });

  it.each<[string, Record<string, unknown>]>([
    ["no type", { record: { requestId: ID } }],
    ["a type of something else", { type: "function", record: { requestId: ID } }],
    ["no record", { type: "platform.start" }],
    ["a record that is null", { type: "platform.start", record: null }],
    ["a record that is a list", { type: "platform.start", record: [] }],
    ["a record that is a text", { type: "platform.start", record: "x" }],
    ["a request id that is no text", { type: "platform.start", record: { requestId: 7 } }],
  ])("are not those with %s", (_, line) => expect(readPlatformJson(line)).toBeUndefined());

  it.each<[string, unknown]>([
    ["null", null],
    ["a text", "x"],
    ["an object without value", {}],
    ["a value that is no header", { value: "Root=x" }],
  ])("have no X-Ray trace id where tracing is %s", (_, tracing) => {
    expect(readPlatformJson({ type: "platform.start", record: { requestId: ID, tracing } })?.xrayTraceId).toBe("");
  });

  it("are read as they are delivered", () => {
    const read = lines.map((line) => readPlatformJson(JSON.parse(line))?.platform);
    expect(read).toEqual([undefined, "start", "end", "report", "report", "report", "report"]);
  });
});
