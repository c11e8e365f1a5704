import { randomUUID } from "node:crypto";
import path from "node:path";
import { type ExecutionEnvironment, type InvokeEnd, startEnvironment } from "./execution-environment.ts";
import type { FunctionContext } from "./function-protocol.ts";
import { lambdaEnvironment, newLogStream, newTraceHeader } from "./lambda-environment.ts";
import { endLine, exitLine, reportLine, startLine, timeoutLine } from "./platform-lines.ts";

export interface LocalFunctionSettings {
  functionName: string;
  /** Absolute path of the module without extension, a dot and the export: `/dir/dist/forwarder.handler`. */
  handler: string;
  /** Added to a small clean environment like Lambda's; nothing else of this process's environment is passed on. */
  environment: Record<string, string>;
  /** Absolute path of the built `dist/cli/function-host.mjs`. */
  hostModule: string;
  /** Modules loaded before everything else, as by `node -r`. */
  preload?: string[];
  memorySizeMB?: number;
  timeoutMs?: number;
  region?: string;
  accountId?: string;
  /**
   * Every line of output in order, START, END and REPORT included; messages end with a newline, as CloudWatch's do.
   */
  onLogEvent(event: { timestamp: number; message: string }): void;
}

export interface LocalFunction {
  functionName: string;
  logGroup: string;
  /** Stays the same when a process is replaced. */
  logStream: string;
  /** Rejects with the handler's error (its `name` is the error type). Invocations run one after the other. */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the process; invocations that are not finished reject. */
  stop(): Promise<void>;
}

const initTimeoutMs = 60_000;

/**
 * Runs a Lambda handler in a process of its own, as Lambda would.
 *
 * A process that times out or ends is replaced at the next invocation.
 *
 * @throws the error of the handler's module, when it cannot be loaded
 */
export async function startLocalFunction(settings: LocalFunctionSettings): Promise<LocalFunction> {
  const { functionName, memorySizeMB = 512, timeoutMs = 30_000, region = "eu-west-1", onLogEvent } = settings;
  const accountId = settings.accountId ?? "123456789012";
  const logGroup = `/aws/lambda/${functionName}`;
  const logStream = newLogStream(new Date());
  const context: FunctionContext = {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}`,
    memoryLimitInMB: String(memorySizeMB),
    logGroupName: logGroup,
    logStreamName: logStream,
  };
  let stopped = false;
  let current: ExecutionEnvironment | undefined;
  let coldStart = true;
  let last: Promise<unknown> = Promise.resolve();

  await environment();
  return { functionName, logGroup, logStream, invoke, stop };

  function invoke(event: unknown): Promise<unknown> {
    const next = last.then(() => invokeNow(event));
    last = next.catch(() => {});
    return next;
  }

  async function invokeNow(event: unknown): Promise<unknown> {
    const eventJson = JSON.stringify(event) ?? "null";
    const ready = await environment();
    const requestId = randomUUID();
    const initDurationMs = coldStart ? ready.initDurationMs : undefined;
    coldStart = false;
    write(startLine(requestId));
    const startedMs = performance.now();
    const request = {
      requestId,
      eventJson,
      deadlineMs: Date.now() + timeoutMs,
      traceHeader: newTraceHeader(),
      context,
    };
    const end = await withinTime(ready.invoke(request));
    if (end.kind === "silent" || end.kind === "exited") await ready.kill();
    if (end.kind === "silent") write(timeoutLine(new Date(), requestId, timeoutMs));
    if (end.kind === "exited" && stopped) throw wasStopped();
    if (end.kind === "exited") write(exitLine(requestId, end.how));
    write(endLine(requestId));
    write(
      reportLine({ requestId, memorySizeMB, initDurationMs, status: reportStatus(end), ...measured(end, startedMs) }),
    );
    return resultOf(end, requestId);
  }

  function resultOf(end: InvokeEnd | { kind: "silent" }, requestId: string): unknown {
    switch (end.kind) {
      case "answered":
        return JSON.parse(end.resultJson);
      case "failed":
        throw end.error;
      case "silent":
        throw named(
          "Sandbox.Timedout",
          `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
        );
      case "exited":
        throw (
          end.error ??
          named("Runtime.ExitError", `RequestId: ${requestId} Error: Runtime exited with error: ${end.how}`)
        );
    }
  }

  async function environment(): Promise<ExecutionEnvironment> {
    if (stopped) throw wasStopped();
    if (current && !current.hasEnded()) return current;
    coldStart = true;
    const started = await startEnvironment(
      {
        hostModule: settings.hostModule,
        handler: settings.handler,
        environment: { ...lambdaEnvironment(context, region, settings.handler), ...settings.environment },
        nodeOptions: [
          // Lambda gives the heap most of the function's memory.
          `--max-old-space-size=${Math.floor(memorySizeMB * 0.9)}`,
          ...(settings.preload ?? []).flatMap((module) => ["-r", module]),
        ],
        cwd: path.dirname(settings.handler),
        onLine: (line) => write(`${line}\n`),
      },
      initTimeoutMs,
    );
    current = started;
    if (stopped) {
      await started.kill();
      throw wasStopped();
    }
    return started;
  }

  async function stop() {
    stopped = true;
    await current?.kill();
    await last;
  }

  function write(message: string) {
    onLogEvent({ timestamp: Date.now(), message });
  }

  async function withinTime(end: Promise<InvokeEnd>): Promise<InvokeEnd | { kind: "silent" }> {
    let timer: NodeJS.Timeout | undefined;
    const silent = new Promise<{ kind: "silent" }>((resolve) => {
      timer = setTimeout(() => resolve({ kind: "silent" }), timeoutMs);
    });
    const first = await Promise.race([end, silent]);
    clearTimeout(timer);
    return first;
  }

  function measured(end: InvokeEnd | { kind: "silent" }, startedMs: number) {
    if (end.kind === "answered" || end.kind === "failed") return end;
    const durationMs = end.kind === "silent" ? timeoutMs : performance.now() - startedMs;
    return { durationMs, maxMemoryUsedMB: memorySizeMB };
  }

  function wasStopped(): Error {
    return new Error(`${functionName} was stopped`);
  }
}

function reportStatus({ kind }: InvokeEnd | { kind: "silent" }): string | undefined {
  if (kind === "silent") return "Status: timeout";
  if (kind === "exited") return "Status: error\tError Type: Runtime.ExitError";
  return undefined;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
