import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { callerError } from "./function-error.ts";
import type { FunctionContext, HostAnswer, HostRequest } from "./function-protocol.ts";
import { outputLines } from "./output-lines.ts";

export interface EnvironmentSettings {
  hostModule: string;
  handler: string;
  environment: Record<string, string>;
  nodeOptions: string[];
  cwd: string;
  /** Every line of stdout and stderr, in order, without its newline. */
  onLine(line: string): void;
}

export interface InvokeRequest {
  requestId: string;
  eventJson: string;
  deadlineMs: number;
  traceHeader: string;
  context: FunctionContext;
}

/** How one invocation ended; `exited` names the end of the process, such as `exit status 1`. */
export type InvokeEnd =
  | { kind: "answered"; resultJson: string; durationMs: number; maxMemoryUsedMB: number }
  | { kind: "failed"; error: Error; durationMs: number; maxMemoryUsedMB: number }
  | { kind: "exited"; how: string; error?: Error };

/** One process with a loaded handler; after its end it is of no more use. */
export interface ExecutionEnvironment {
  initDurationMs: number;
  hasEnded(): boolean;
  /** Ends after every line of the invocation was given to `onLine`. One at a time. */
  invoke(request: InvokeRequest): Promise<InvokeEnd>;
  /** Ends after the last output was given to `onLine`. */
  kill(): Promise<void>;
}

/**
 * Starts a process and loads the handler in it.
 *
 * @throws the error of the module, when it cannot be loaded or takes more than `initTimeoutMs`
 */
export async function startEnvironment(
  settings: EnvironmentSettings,
  initTimeoutMs: number,
): Promise<ExecutionEnvironment> {
  const child = spawn(process.execPath, [...settings.nodeOptions, settings.hostModule], {
    cwd: settings.cwd,
    env: settings.environment,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // A random text that no output of the function can contain by chance.
  const endOfOutput = `end-of-output-${randomUUID()}`;
  let onEndOfOutput: () => unknown = () => {};
  let onAnswer: (answer: HostAnswer) => void = () => {};
  let ended = false;

  const stdout = outputLines(takeLine);
  const stderr = outputLines(takeLine);
  child.stdout?.on("data", stdout.push);
  child.stderr?.on("data", stderr.push);
  child.on("message", (answer) => onAnswer(answer as HostAnswer));
  child.once("exit", () => {
    // A process that the function started may hold the pipes open after it.
    const timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, 1000);
    child.once("close", () => clearTimeout(timer));
  });
  // A process that cannot be started gives an error and never closes.
  const closed = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ? `signal: ${signal}` : `exit status ${code}`));
  }).then((how) => {
    ended = true;
    stdout.end();
    stderr.end();
    return how;
  });

  const load = await answerTo({ kind: "load", handler: settings.handler }, initTimeoutMs);
  if (load.kind !== "loaded") {
    await kill();
    throw load.kind === "failed" ? callerError(load.error) : await notLoaded(load.kind);
  }
  return { initDurationMs: load.durationMs, hasEnded: () => ended || !child.connected, invoke, kill };

  async function invoke(request: InvokeRequest): Promise<InvokeEnd> {
    let openStreams = 2;
    const outputEnded = new Promise<void>((resolve) => {
      onEndOfOutput = () => --openStreams === 0 && resolve();
    });
    const answer = await answerTo({ kind: "invoke", endOfOutput, ...request });
    await Promise.race([outputEnded, closed]);
    switch (answer.kind) {
      case "answered":
        return answer;
      case "failed":
        return ended
          ? { kind: "exited", how: await closed, error: callerError(answer.error) }
          : { ...answer, error: callerError(answer.error) };
      default:
        return { kind: "exited", how: await closed };
    }
  }

  function takeLine(line: string) {
    if (!line.endsWith(endOfOutput)) return settings.onLine(line);
    // Output without a newline at its end stands in front of the marker.
    const rest = line.slice(0, -endOfOutput.length);
    if (rest) settings.onLine(rest);
    onEndOfOutput();
  }

  async function answerTo(
    request: HostRequest,
    timeoutMs?: number,
  ): Promise<HostAnswer | { kind: "exited" | "silent" }> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<HostAnswer | { kind: "silent" }>((resolve) => {
      onAnswer = resolve;
      if (timeoutMs !== undefined) timer = setTimeout(() => resolve({ kind: "silent" }), timeoutMs);
    });
    // When the channel is closed, the end of the process is the answer.
    child.send(request, () => {});
    const first = await Promise.race([answer, closed.then(() => ({ kind: "exited" as const }))]);
    clearTimeout(timer);
    return first;
  }

  async function kill() {
    endNow(child);
    await closed;
  }

  async function notLoaded(kind: string): Promise<Error> {
    const why =
      kind === "silent" ? `did not load within ${initTimeoutMs / 1000} seconds` : `did not load: ${await closed}`;
    return new Error(`${settings.handler} ${why}`);
  }
}

function endNow(child: ChildProcess) {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
}
