import { readReport } from "../../src/formats/lambda-report.ts";
import { capturedMessages } from "../helpers/deliveries.ts";

const REQUEST = "276ff3b9-1609-4ee7-a288-db3752630767";
const reportsIn = (file: string) =>
  capturedMessages(file)
    .map((line) => readReport(line.startsWith('{"message"') ? JSON.parse(line).message : line))
    .filter((report) => report !== undefined);

describe("the report of a request", () => {
  it("is read from text", () => {
    expect(reportsIn("constructed-from-source/platform-lines-text.log")).toMatchObject([
      { durationMs: 469.4, initDurationMs: 100.99 },
      { durationMs: 2338.66, initDurationMs: undefined },
      { durationMs: 10935.7, errorType: "Runtime.OutOfMemory" },
      { durationMs: 3000, status: "" },
    ]);
    const line = `REPORT RequestId: ${REQUEST}\tDuration: 469.40 ms\tBilled Duration: 500 ms\tMemory Size: 1024 MB\tMax Memory Used: 21 MB\t`;
    const report = {
      durationMs: 469.4,
      billedDurationMs: 500,
      memorySizeMB: 1024,
      maxMemoryUsedMB: 21,
      initDurationMs: undefined,
      status: "",
      errorType: "",
    };
    expect(readReport(line)).toEqual(report);
    expect(readReport(line.replaceAll("\t", " "))).toEqual(report);
    expect(readReport(`${line}Init Duration: 100.99 ms\t\n`)).toEqual({ ...report, initDurationMs: 100.99 });
    expect(readReport(`${line}Status: error\tError Type: Runtime.OutOfMemory\nXRAY TraceId: 1-6`)).toEqual({
      ...report,
      errorType: "Runtime.OutOfMemory",
    });
  });

  it("is read from JSON, with whatever is in it", () => {
    expect(reportsIn("constructed-from-source/platform-lines-json.jsonl")).toEqual([
      {
        durationMs: 68.31,
        billedDurationMs: 201,
        memorySizeMB: 256,
        maxMemoryUsedMB: 91,
        initDurationMs: 131.512,
        status: "success",
        errorType: "",
      },
      expect.objectContaining({ durationMs: 3_000, initDurationMs: undefined, status: "timeout", errorType: "" }),
      expect.objectContaining({ status: "error", errorType: "Runtime.OutOfMemory" }),
      expect.objectContaining({ durationMs: 1.148, billedDurationMs: undefined, memorySizeMB: undefined }),
    ]);
  });

  it.each([
    "REPORT invalid report log line",
    `a REPORT RequestId: ${REQUEST}\tDuration: 1 ms\tBilled Duration: 1 ms\tMemory Size: 1 MB\tMax Memory Used: 1 MB`,
    '{"type":"platform.report","record":"x"}',
    '{"type":"platform.report"}',
    '{"type":"platform.start","record":{"metrics":{"durationMs":1}}}',
    '{"type":"platform.report","record":{',
    "[]",
    "",
  ])("is not %s", (line) => {
    expect(readReport(line)).toBeUndefined();
  });

  it("has no numbers that are none", () => {
    const metrics = { durationMs: "1", billedDurationMs: -1, memorySizeMB: null, maxMemoryUsedMB: [] };
    const report = readReport(
      JSON.stringify({ type: "platform.report", record: { metrics, status: 5, errorType: {} } }),
    );
    expect(Object.values(report ?? {}).filter(Boolean)).toEqual([]);
    expect(
      readReport(
        `REPORT RequestId: ${REQUEST}\tDuration: 1.2.3 ms\tBilled Duration: 5 ms\tMemory Size: 1 MB\tMax Memory Used: 1 MB`,
      ),
    ).toMatchObject({ durationMs: undefined, billedDurationMs: 5 });
  });
});
