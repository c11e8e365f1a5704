/** A process of the built function, an execution environment in Lambda's words: warm between invocations, and mortal. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Call, type Caller, type FaultyServer, type Moment, turns } from "./faulty-server.ts";
import type { History, Invocation, InvocationEnd, PrintedLedger } from "./history.ts";
import { stalledMsSince } from "./stalls.ts";

const HOST = path.join(__dirname, "function-host.mjs");
const MODULE = pathToFileURL(path.join(__dirname, "../../dist/forwarder.mjs")).href;

/** Past its deadline Lambda kills a process; a busy machine may be late to hear that it has ended in time. */
const GRACE_MS = 1_500;
/** More than loading the AWS SDK takes. Whatever keeps a process from running longer spoils an invocation. */
const MAX_STALLED_MS = 300;
/** For a process that is late to say how long it could not run. One that cannot say it by then is itself at fault. */
const MAX_SILENT_MS = 10_000;
/** For a connection that the function has let go of to be closed. */
const MAX_CLOSING_MS = 2_000;

export const FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder";

/** Where a process is killed: at a step of a call, the first is 1, or when all is done and Lambda has not heard of it. */
export type Kill = { call: number; when: Moment } | "at the end";

export interface Plan {
  msLeft: number;
  clockAheadMs: number;
  kill: Kill | undefined;
}

/** Starts the servers of one process, before it, and gives the variables by which it finds them. */
export interface Surroundings {
  history: History;
  servers(caller: Caller): Promise<{ servers: FaultyServer[]; environment: Record<string, string> }>;
}

type HostMessage =
  | { kind: "loaded" }
  | { kind: "line"; text: string }
  | { kind: "returned"; msLeft: number; stalledMs: number }
  | { kind: "threw"; msLeft: number; stalledMs: number; message: string }
  | { kind: "alive"; stalledMs: number };

/** Processes that would outlive the tests: one that is stopped does not see its parent go. */
const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export class FunctionProcess implements Caller {
  readonly #history: History;
  #servers: FaultyServer[] = [];
  #child: ChildProcess | undefined;
  #exited: Promise<string> = Promise.resolve("");
  #stderr = "";
  #invocation: Invocation | undefined;
  #kill: Kill | undefined;
  #wasKilled = false;
  #isDead = false;
  #openCalls = 0;
  #onCallEnd: () => void = () => {};
  #onMessage: (message: HostMessage) => void = () => {};

  private constructor(history: History) {
    this.#history = history;
  }

  /** @throws {Error} when the function's module cannot be loaded */
  static async start({ history, servers }: Surroundings): Promise<FunctionProcess> {
    const started = new FunctionProcess(history);
    const around = await servers(started);
    started.#servers = around.servers;
    await started.#load(around.environment);
    return started;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async #load(environment: Record<string, string>): Promise<void> {
    const child = spawn(process.execPath, [HOST, MODULE], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    alive.add(child);
    child.stderr?.on("data", (text) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-2_000);
    });
    child.on("message", (message) => this.#onMessage(message as HostMessage));
    const loaded = new Promise<void>((resolve) => {
      this.#onMessage = ({ kind }) => kind === "loaded" && resolve();
    });
    this.#exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        alive.delete(child);
        this.#isDead = true;
        resolve(signal ?? `exit status ${code}: ${this.#stderr}`);
      });
    });
    const how = await Promise.race([loaded, this.#exited]);
    if (how !== undefined) throw new Error(`the function cannot be loaded: ${how}`);
    this.#freeze();
  }

  /** Runs the handler once. Resolves when it has ended and no call of it is under way, or the process is dead. */
  async invoke(event: unknown, invocation: Invocation, plan: Plan): Promise<InvocationEnd> {
    this.#invocation = invocation;
    this.#kill = plan.kill;
    const startedMs = performance.now();
    const ended = new Promise<InvocationEnd>((resolve) => {
      this.#onMessage = (message) => {
        if (message.kind === "line") this.#printed(message.text, invocation);
        else if (message.kind === "returned" || message.kind === "threw") {
          invocation.isStarved = Math.max(message.stalledMs, stalledMsSince(startedMs)) > MAX_STALLED_MS;
          resolve(endOf(message));
        }
      };
    });
    this.#child?.kill("SIGCONT");
    const context = { awsRequestId: randomUUID(), functionName: "Forwarder", invokedFunctionArn: FUNCTION_ARN };
    this.#child?.send({ event, context, msLeft: plan.msLeft, clockAheadMs: plan.clockAheadMs }, () => {});
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<InvocationEnd>((resolve) => {
      timer = setTimeout(() => resolve({ how: "timed out" }), plan.msLeft + GRACE_MS);
    });
    const died = this.#exited.then((message): InvocationEnd => {
      return this.#wasKilled ? { how: "killed" } : { how: "crashed", message };
    });
    let end = await Promise.race([ended, timedOut, died]);
    clearTimeout(timer);
    if (end.how === "timed out") {
      invocation.isStarved = Math.max(await this.#stalledMs(), stalledMsSince(startedMs)) > MAX_STALLED_MS;
      await this.#end();
    }
    if (plan.kill === "at the end" && (end.how === "returned" || end.how === "threw")) {
      await this.#end();
      end = { how: "killed" };
    }
    invocation.callsLeftOpen = await this.#callsLeftOpen();
    // It had ended by itself when it died, and Lambda does not hear of it.
    if (this.#wasKilled) end = { how: "killed" };
    if (this.#isDead) await this.stop();
    else this.#freeze();
    invocation.end = end;
    return end;
  }

  /** While it is frozen, as between invocations, it does not see it. */
  closeIdleConnections(): void {
    for (const server of this.#servers) server.closeIdleConnections();
  }

  async stop(): Promise<void> {
    await this.#end();
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  beginCall(what: string): Call {
    const invocation = this.#invocation;
    if (!invocation) throw new Error(`a process that was never invoked calls: ${what}`);
    const number = ++invocation.calls;
    this.#openCalls++;
    return {
      invocation,
      reach: (moment) => this.#reach(number, moment),
      end: (outcome) => {
        this.#history.trace.push(`    invocation ${invocation.number}, call ${number}: ${what}: ${outcome}`);
        this.#openCalls--;
        this.#onCallEnd();
      },
    };
  }

  meets(fault: string): void {
    const { faultsMet } = this.#history;
    faultsMet[fault] = (faultsMet[fault] ?? 0) + 1;
  }

  report(problem: string): void {
    this.#history.oddities.push(problem);
  }

  /** What a process that has not ended says of itself; 0 where it says nothing. */
  async #stalledMs(): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const said = new Promise<number>((resolve) => {
      this.#onMessage = (message) => message.kind === "alive" && resolve(message.stalledMs);
      timer = setTimeout(resolve, MAX_SILENT_MS, 0);
    });
    this.#child?.send("how are you", () => {});
    const stalledMs = await Promise.race([said, this.#exited.then(() => 0)]);
    clearTimeout(timer);
    return stalledMs;
  }

  async #reach(call: number, moment: Moment): Promise<boolean> {
    const kill = this.#kill;
    if (kill === undefined || kill === "at the end" || kill.call !== call || kill.when !== moment) return false;
    this.#wasKilled = true;
    await this.#end();
    return true;
  }

  #printed(text: string, { ledgers }: Invocation): void {
    for (const line of text.split("\n")) {
      if (line.startsWith('{"message":"ledger"')) ledgers.push((JSON.parse(line) as { ledger: PrintedLedger }).ledger);
    }
  }

  async #callsLeftOpen(): Promise<number> {
    await turns();
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), MAX_CLOSING_MS);
    while (this.#openCalls > 0 && !giveUp.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onCallEnd = resolve;
        giveUp.signal.addEventListener("abort", () => resolve());
      });
    }
    clearTimeout(timer);
    return this.#openCalls;
  }

  /** Lambda lets a process run only while there is an invocation. */
  #freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  async #end(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#exited;
  }
}

function endOf(message: Extract<HostMessage, { kind: "returned" | "threw" }>): InvocationEnd {
  const { msLeft } = message;
  return message.kind === "threw" ? { how: "threw", msLeft, message: message.message } : { how: "returned", msLeft };
}
