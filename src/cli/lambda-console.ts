import { format } from "node:util";

const levels = {
  log: "INFO",
  info: "INFO",
  debug: "DEBUG",
  warn: "WARN",
  error: "ERROR",
  trace: "TRACE",
  fatal: "FATAL",
} as const;

/**
 * Makes `console` write as Lambda's Node runtime does in text format: `time<TAB>request id<TAB>level<TAB>text`.
 *
 * Newlines inside one call become `\r`, as in a runtime without its telemetry file descriptor, so one call is one line.
 *
 * @param requestId of the invocation that runs now; between invocations Lambda prints the word `undefined`
 */
export function patchConsole(console: object, write: (line: string) => void, requestId: () => string | undefined) {
  const patched = Object.entries(levels).map(([method, level]) => [
    method,
    (...values: unknown[]) => write(lambdaLine(level, requestId(), format(...values))),
  ]);
  Object.assign(console, Object.fromEntries(patched));
}

/** One line of the Node runtime, ending with a newline. */
export function lambdaLine(level: string, requestId: string | undefined, text: string): string {
  return `${[new Date().toISOString(), requestId, level, text].map(String).join("\t").replaceAll("\n", "\r")}\n`;
}
