/**
 * The process of a local function: loads one Lambda handler and runs it when told over the IPC channel, with the
 * console and the error lines of Lambda's Node runtime. It ends when the channel closes, so it outlives no command.
 */
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { asFunctionError, describeError } from "./function-error.ts";
import type { HostAnswer, HostRequest } from "./function-protocol.ts";
import { locateHandler } from "./handler-location.ts";
import { lambdaLine, patchConsole } from "./lambda-console.ts";

type Invocation = Extract<HostRequest, { kind: "invoke" }>;
type Callback = (error?: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback: Callback) => unknown;

let handler: Handler | undefined;
let current: Invocation | undefined;
let startedMs = performance.now();

patchConsole(console, writeOutput, () => current?.requestId);
// One pipe for everything keeps the order of lines; writing it synchronously keeps it also for loggers that
// write to the file descriptor themselves.
for (const stream of [process.stdout, process.stderr]) stream.write = writeInOrder as typeof stream.write;

process.on(
  "message",
  (request: HostRequest) => void (request.kind === "load" ? load(request.handler) : invoke(request)),
);
process.on("disconnect", () => process.exit());
// Ctrl-C in a terminal reaches the whole process group; when to stop is for the command to say.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("uncaughtException", (error) => crash("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) => crash("Unhandled Promise Rejection", unhandledRejection(reason), 128));

async function load(location: string) {
  startedMs = performance.now();
  try {
    const { file, exportName, isCommonJs } = locateHandler(location);
    // A required module can be instrumented by tracers that hook `require`.
    const loaded = isCommonJs ? createRequire(file)(file) : await import(pathToFileURL(file).href);
    const found = exportName.split(".").reduce((value, key) => value?.[key], loaded);
    if (typeof found !== "function") {
      throw Object.assign(new Error(`${location} is undefined or not a function`), { name: "Runtime.HandlerNotFound" });
    }
    handler = found as Handler;
    send({ kind: "loaded", durationMs: elapsedMs() });
  } catch (error) {
    logError("Uncaught Exception", error);
    send({ kind: "failed", error: asFunctionError(error), ...usage() });
  }
}

async function invoke(invocation: Invocation) {
  current = invocation;
  const { requestId } = invocation;
  process.env._X_AMZN_TRACE_ID = invocation.traceHeader;
  let answer: HostAnswer;
  startedMs = performance.now();
  try {
    const result = await run(invocation);
    // Lambda answers `null` for a handler that returns nothing.
    answer = { kind: "answered", requestId, resultJson: JSON.stringify(result) ?? "null", ...usage() };
  } catch (error) {
    logError("Invoke Error", error);
    answer = { kind: "failed", requestId, error: asFunctionError(error), ...usage() };
  }
  current = undefined;
  for (const descriptor of [1, 2]) writeOutput(`${invocation.endOfOutput}\n`, descriptor);
  send(answer);
}

function run({ requestId, eventJson, deadlineMs, context }: Invocation): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => (error == null ? resolve(result) : reject(error));
    const answer = handler?.(
      JSON.parse(eventJson),
      {
        ...context,
        awsRequestId: requestId,
        callbackWaitsForEmptyEventLoop: true,
        getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
      },
      callback,
    );
    if (isThenable(answer)) answer.then(resolve, reject);
    else if ((handler?.length ?? 0) < 3) resolve(answer);
  });
}

function crash(what: string, error: unknown, exitCode: number) {
  logError(what, error);
  const requestId = current?.requestId;
  send({ kind: "failed", ...(requestId && { requestId }), error: asFunctionError(error), ...usage() }, () =>
    process.exit(exitCode),
  );
}

function logError(what: string, error: unknown) {
  writeOutput(lambdaLine("ERROR", current?.requestId, `${what} \t${describeError(error)}`));
}

function unhandledRejection(reason: unknown): Error {
  return Object.assign(new Error(String(reason), { cause: reason }), { name: "Runtime.UnhandledPromiseRejection" });
}

function send(answer: HostAnswer, sent: () => void = () => {}) {
  if (process.connected) process.send?.(answer, undefined, undefined, sent);
  else process.exit();
}

function usage() {
  // resourceUsage counts in kibibytes.
  return { durationMs: elapsedMs(), maxMemoryUsedMB: Math.ceil(process.resourceUsage().maxRSS / 1024) };
}

function elapsedMs(): number {
  return performance.now() - startedMs;
}

function writeInOrder(
  chunk: string | Uint8Array,
  encoding?: BufferEncoding | (() => void),
  done?: () => void,
): boolean {
  writeOutput(typeof chunk === "string" && typeof encoding === "string" ? Buffer.from(chunk, encoding) : chunk);
  const callback = typeof encoding === "function" ? encoding : done;
  if (callback) process.nextTick(callback);
  return true;
}

function writeOutput(chunk: string | Uint8Array, descriptor = 1) {
  let rest = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader is gone, so nobody can see what is written.
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      // The pipe is full and not blocking: wait for the reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
}
