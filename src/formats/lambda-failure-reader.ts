/**
 * Lines that tell of a timeout, or of memory that ran out: those that the Lambda platform and its runtimes write. The same
 * words anywhere else are somebody's text.
 */
import { isJsonObject } from "./json-object.ts";

/** `2026-11-21T01:51:12.822Z 276ff3b9-1609-4ee7-a288-db3752630767 Task timed out after 3.00 seconds` */
const TIMEOUT =
  /^\d{4}-\d\d-\d\dT[\d:.]{12}Z ([0-9a-fA-F-]{36}) Task timed out after \d{1,6}(?:\.\d{1,6})? seconds\s*$/;

/** Each from the start of a line on: what precedes the words is what the runtime puts there. */
const OUT_OF_MEMORY = [
  // Go
  /^fatal error: (?:runtime: )?out of memory[ \t]*$/m,
  // Java: a stack trace, and the line of Lambda's runtime, which has the message in front
  /^(?:Exception in thread "[^"\r\n]{0,200}" )?java\.lang\.OutOfMemoryError(?:: |[ \t]*$)/m,
  /^(?:Java heap space|Metaspace|Compressed class space|Direct buffer memory|GC overhead limit exceeded|Requested array size exceeds VM limit): java\.lang\.OutOfMemoryError[ \t]*$/m,
  // Node.js
  /^FATAL ERROR: .{0,200}JavaScript heap out of memory[ \t]*$/m,
  // Python, at the start of the message
  /^\[ERROR\] MemoryError(?=[:\s]|$)/,
  // Ruby
  /^(?:\[FATAL\] |[^\s:]{1,200}:\d{1,6}:in [`'][^'\r\n]{1,200}': )?failed to allocate memory \(NoMemoryError\)[ \t]*$/m,
];

/** What runtimes call it in the JSON of an error that nobody caught. */
const ERROR_TYPES = new Set(["MemoryError", "java.lang.OutOfMemoryError", "NoMemoryError", "Function<NoMemoryError>"]);

/** The request, in lower case, that the platform says took too long; undefined where the line says no such thing. */
export function timedOutRequest(message: string): string | undefined {
  return TIMEOUT.exec(message)?.[1]?.toLowerCase();
}

/** Whether a runtime says that it had no memory left. */
export function isOutOfMemory(message: string): boolean {
  return message.startsWith("{") ? isUncaught(message) : OUT_OF_MEMORY.some((line) => line.test(message));
}

/** Whether it is the JSON of an error that nobody caught: type and stack are at its root. */
function isUncaught(message: string): boolean {
  try {
    const error: unknown = JSON.parse(message);
    if (!isJsonObject(error) || !Array.isArray(error.stackTrace)) return false;
    return typeof error.errorType === "string" && ERROR_TYPES.has(error.errorType);
  } catch {
    return false;
  }
}
