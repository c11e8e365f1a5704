import { mayBeTimeout, mayTellOutOfMemory, outOfMemoryNeedles } from "../../src/formats/lambda-failure.ts";
import { isOutOfMemory, timedOutRequest } from "../../src/formats/lambda-failure-reader.ts";

const REQUEST = "276ff3b9-1609-4ee7-a288-db3752630767";

describe("memory that ran out", () => {
  const uncaught = (errorType: string): string =>
    JSON.stringify({
      timestamp: "2026-11-21T01:51:12Z",
      log_level: "ERROR",
      errorType,
      requestId: REQUEST,
      stackTrace: [],
    });

  it.each([
    ["Go", "fatal error: runtime: out of memory\n\nruntime stack:\n"],
    [
      "Go, behind what it asked for",
      "runtime: out of memory: cannot allocate 1-byte block\nfatal error: out of memory\n",
    ],
    ["Java", "java.lang.OutOfMemoryError: Java heap space\n\tat java.base/java.util.Arrays.copyOf(Unknown Source)\n"],
    ["Java's runtime in Lambda", "Requested array size exceeds VM limit: java.lang.OutOfMemoryError\n"],
    ["Java's threads", 'Exception in thread "main" java.lang.OutOfMemoryError: Metaspace\n'],
    ["Java in JSON", uncaught("java.lang.OutOfMemoryError")],
    ["Node.js", "FATAL ERROR: CALL_AND_RETRY_LAST Allocation failed - JavaScript heap out of memory"],
    [
      "Node.js with all it says",
      "\n<--- Last few GCs --->\n\n<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n 1: 0xb0\n",
    ],
    ["Python", "[ERROR] MemoryError\nTraceback (most recent call last):\n"],
    ["Python in one line", "[ERROR] MemoryError: \rTraceback (most recent call last):\r"],
    ["Python in JSON", uncaught("MemoryError")],
    ["Ruby", "failed to allocate memory (NoMemoryError)"],
    ["Ruby with its place", "/var/task/app.rb:5:in `handler': failed to allocate memory (NoMemoryError)\n"],
    ["Ruby in JSON", uncaught("Function<NoMemoryError>")],
  ])("is told by %s", (_, message) => {
    expect(isOutOfMemory(message)).toBe(true);
    const text = JSON.stringify(message);
    expect(mayTellOutOfMemory(text)).toBe(true);
    expect(outOfMemoryNeedles(text).some((needle) => needle.isBetween(0, text.length))).toBe(true);
  });

  it.each([
    "how to catch MemoryError",
    "MemoryError is what Python raises",
    "2026-11-21T01:51:12Z\tid\tINFO\t[ERROR] MemoryError",
    "[ERROR] MemoryErrorHandler started",
    "see java.lang.OutOfMemoryError: Java heap space",
    "how to catch: java.lang.OutOfMemoryError",
    "java.lang.OutOfMemoryErrorHandler",
    'the answer was "FATAL ERROR: Reached heap limit - JavaScript heap out of memory"',
    "JavaScript heap out of memory",
    "we never see fatal error: runtime: out of memory here",
    "it said: failed to allocate memory (NoMemoryError)",
    JSON.stringify({ level: "INFO", message: "how to catch MemoryError" }),
    JSON.stringify({ errorType: "MemoryError", page: "what it means" }),
    JSON.stringify({ message: "MemoryError", stackTrace: [], errorType: ["MemoryError"] }),
    '{"errorType":"MemoryError","stackTrace":[',
  ])("is not told by prose: %s", (message) => {
    expect(isOutOfMemory(message)).toBe(false);
  });
});

describe("lines that almost tell of a failure", () => {
  it.each([
    ["java.lang.OutOfMemoryErro", ""],
    ["FATAL ERROR: ", ""],
    ["FATAL ERROR: JavaScript heap out of memory!\n", ""],
    ["a:1:in `x': failed to allocate memory (NoMemoryErro\n", ""],
    ["a:1:in `", ""],
    ["a".repeat(150), ":1:in `"],
    ["\n", ""],
    [" ", "java.lang.OutOfMemoryError"],
    ["{", ""],
    ["9", "2026-11-21T"],
    [" ", `2026-11-21T01:51:12.822Z ${REQUEST} Task timed out after 3.00 seconds`],
  ])("are read in time in proportion to their length: %j", (piece, front) => {
    const message = `${front}${piece.repeat(1_000_000 / piece.length)}MemoryError`;
    // A time in proportion to the square would be minutes.
    expect(isOutOfMemory(message)).toBe(false);
    expect(timedOutRequest(message)).toBeUndefined();
  });
});

describe("a timeout", () => {
  it("is told by the platform's line, with its request", () => {
    for (const time of ["3.00", "3", "900.05"]) {
      const line = `2026-11-21T01:51:12.822Z ${REQUEST.toUpperCase()} Task timed out after ${time} seconds\n\n`;
      expect(timedOutRequest(line)).toBe(REQUEST);
      expect(mayBeTimeout(JSON.stringify(line), 1)).toBe(true);
    }
  });

  it.each([
    "Task timed out after 3.00 seconds",
    `2026-11-21T01:51:12.822Z\t${REQUEST}\tINFO\tTask timed out after 3.00 seconds`,
    `2026-11-21T01:51:12.822Z ${REQUEST} Task timed out after 3.00 seconds is what Lambda says`,
    `he wrote: 2026-11-21T01:51:12.822Z ${REQUEST} Task timed out after 3.00 seconds`,
    `2026-11-21T01:51:12.822Z no-request-id Task timed out after 3.00 seconds`,
  ])("is not told by prose: %s", (message) => {
    expect(timedOutRequest(message)).toBeUndefined();
  });
});
