import { clearerError, LambdaErrors, readUncaught } from "../../src/formats/lambda-error.ts";
import { A_REQUEST_ID, nodeLine } from "../helpers/platform-lines.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const error = '{"errorType":"TypeError","errorMessage":"x is not a function","stack":["TypeError: x","    at y"]}';

describe("an error that ends a request", () => {
  it.each([
    [nodeLine(`Invoke Error \t${error}`, "ERROR"), { type: "TypeError", message: "x is not a function", rank: 2 }],
    [nodeLine(`Unhandled Promise Rejection \t${error}`, "ERROR"), { type: "TypeError" }],
    [nodeLine('Invoke Error \t{"errorType":5}', "ERROR"), { type: "", message: "" }],
    ["[ERROR] Exception\rTraceback (most recent call last):\r", { type: "Exception", message: "" }],
    ["[ERROR] my.Error: a: b\nTraceback (most recent call last):\n", { type: "my.Error", message: "a: b" }],
    [
      `RequestId: ${A_REQUEST_ID} Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n`,
      { type: "Runtime.ExitError", message: "Error: Runtime exited with error: exit status 1", rank: 1 },
    ],
  ])("is read of %j", (line, expected) => {
    expect(readUncaught(line)).toMatchObject(expected);
  });

  it.each([
    nodeLine("Invoke Error \tnot JSON", "ERROR"),
    nodeLine("Invoke Error \t{", "ERROR"),
    nodeLine("Invoke Error \t[1]", "ERROR"),
    nodeLine(`the log of an ${error}`, "ERROR"),
    nodeLine(`Invoke Error \t${error}`, "INFO"),
    "[ERROR]\t2026-11-21T01:51:12.822Z\tx\ttext",
    "[ERROR] a text without a stack",
    "RequestId: x Error: y",
  ])("is not: %j", (line) => {
    expect(readUncaught(line)).toBeUndefined();
  });

  it("is found among the lines of a slice, each by its own", () => {
    const lines = [
      "a",
      `2026-11-21T01:51:12.822Z ${A_REQUEST_ID} Task timed out after 3.00 seconds\n\n`,
      "fatal error: runtime: out of memory",
      "we are out of memory",
      nodeLine(`Invoke Error \t${error}`, "ERROR"),
      "java.lang.OutOfMemoryError: Java heap space",
    ];
    const { logs, slice } = telemetryOf(lines);
    const errors = new LambdaErrors(slice);
    expect(logs.map((record) => errors.of(record)?.type)).toEqual([
      undefined,
      "timeout",
      "Runtime.OutOfMemory",
      undefined,
      "TypeError",
      "Runtime.OutOfMemory",
    ]);
  });

  it("is the one that tells more, and the first of equals", () => {
    const [low, high] = [
      { type: "a", message: "", rank: 1 as const },
      { type: "b", message: "", rank: 2 as const },
    ];
    expect(clearerError(undefined, undefined)).toBeUndefined();
    expect(clearerError(undefined, low)).toBe(low);
    expect(clearerError(low, undefined)).toBe(low);
    expect(clearerError(low, high)).toBe(high);
    expect(clearerError(high, low)).toBe(high);
    expect(clearerError(low, { ...low })).toBe(low);
  });
});
