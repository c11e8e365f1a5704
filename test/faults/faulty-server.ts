/** An HTTP server that does what a service says, and misbehaves on command. One process of the function calls it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { Fault, FaultMet } from "./faults.ts";
import type { Invocation } from "./history.ts";

/** Steps of a call at which a process can be killed: the request is there; it is done; the answer is sent. */
export type Moment = "arrived" | "processed" | "answered";

/** The process that calls. */
export interface Caller {
  /** @param what for the trace: `PUT failed_events/…` */
  beginCall(what: string): Call;
  /** A call of it meets a fault. */
  meets(fault: string): void;
  /** @param problem that is not the function's, but the suite's own */
  report(problem: string): void;
}

export interface Call {
  invocation: Invocation;
  /** Kills the caller if it is to die here. Resolves when it is dead, to whether it is. */
  reach(moment: Moment): Promise<boolean>;
  /** @param outcome for the trace: `HTTP 202` */
  end(outcome: string): void;
}

export interface Service {
  /** For the totals. */
  name: string;
  /** The call, for the trace. */
  describe(request: IncomingMessage): string;
  faultFor(request: IncomingMessage, invocation: Invocation): FaultMet | undefined;
  /** Does what is asked, or answers with the error and does nothing. */
  answer(request: WholeRequest, error: ErrorAnswer | undefined): Promise<Answer>;
}

export type ErrorAnswer = Extract<Fault, { answer: "status" }>;

export interface WholeRequest {
  message: IncomingMessage;
  /** As it was sent. */
  body: Buffer;
  invocation: Invocation;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** What was done, for the trace: `12 items`. */
  summary?: string;
  /** Hears what became of the answer: `whole`, or what kept it from the caller. */
  onEnd?(how: string): void;
}

export interface FaultyServer {
  port: number;
  /** As an intake does with a connection that nothing was sent over for a while. */
  closeIdleConnections(): void;
  stop(): Promise<void>;
}

/** Of a slow answer, in three parts. */
const SLOW_PART_MS = 100;
const ENDLESS_PART_MS = 50;

/** @param tls of a server that speaks https */
export async function startFaultyServer(
  caller: Caller,
  service: Service,
  tls?: { key: Buffer; cert: Buffer },
): Promise<FaultyServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => void take(request, response);
  // A connection is closed when a step says so, and not because time passed.
  const options = { keepAliveTimeout: 600_000 };
  const server = tls ? https.createServer({ ...tls, ...options }, listener) : createServer(options, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  async function take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    // A caller that is gone shows in how the call ends.
    message.on("error", () => {});
    response.on("error", () => {});
    const call = caller.beginCall(service.describe(message));
    requests.set(message.socket, (requests.get(message.socket) ?? 0) + 1);
    const met = service.faultFor(message, call.invocation);
    if (met) caller.meets(`${service.name}: ${met.name}`);
    try {
      call.end(await outcomeOf(message, response, call, met));
    } catch (error) {
      caller.report(String((error as Error).stack));
      message.socket.destroy();
      call.end("a mistake in the suite");
    }
  }

  async function outcomeOf(
    message: IncomingMessage,
    response: ServerResponse,
    call: Call,
    met: FaultMet | undefined,
  ): Promise<string> {
    const fault = met?.fault;
    if (fault?.answer === "reset" && fault.at !== "end") {
      if (fault.at === "body") await happened(message, "data", message.socket);
      if (await call.reach("arrived")) return "killed";
      message.socket.resetAndDestroy();
      return met?.name ?? "";
    }
    const body = await wholeBody(message);
    if (!body) return "the caller left before the body was whole";
    if (await call.reach("arrived")) return "killed before it was processed";
    const isProcessed = !fault || (fault.answer !== "status" && fault.isProcessed);
    const request = { message, body, invocation: call.invocation };
    const error = fault?.answer === "status" ? fault : undefined;
    const answer = isProcessed || error ? await service.answer(request, error) : undefined;
    const summary = answer?.summary ? `${answer.summary}: ` : "";
    if (await call.reach("processed")) {
      answer?.onEnd?.("killed");
      return `${summary}killed before it was answered`;
    }
    const how = (await send(answer, response, message.socket, fault)) ? "whole" : (met?.name ?? "the caller left");
    answer?.onEnd?.(how);
    const isDead = await call.reach("answered");
    return `${summary}${how === "whole" ? `HTTP ${answer?.status}` : how}${isDead ? ", then killed" : ""}`;
  }

  const { port } = server.address() as AddressInfo;
  return {
    port,
    closeIdleConnections: () => server.closeIdleConnections(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Undefined: the caller left before. */
async function wholeBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** How many requests have come over a connection. */
const requests = new WeakMap<Socket, number>();

/** Resolves when nothing more happens, to whether the caller got the answer. */
async function send(
  answer: Answer | undefined,
  response: ServerResponse,
  socket: Socket,
  fault: Fault | undefined,
): Promise<boolean> {
  switch (fault?.answer) {
    case "reset":
      socket.resetAndDestroy();
      return false;
    case "cut":
      socket.end("HTTP/1.1 202 Acc");
      await closed(socket);
      return false;
    case "endless":
      response.writeHead(answer?.status ?? 200, { "content-type": "application/json" });
      for (; !socket.destroyed; await pause(ENDLESS_PART_MS)) response.write(" ");
      return false;
    case "hang":
      await closed(socket);
      return false;
    case "slow":
      await pause(SLOW_PART_MS);
      break;
  }
  if (!answer) throw new Error("there is no answer to send");
  const body = Buffer.from(answer.body ?? "");
  const asked = requests.get(socket);
  response.writeHead(answer.status, { ...answer.headers, ...lengthOf(response, body) });
  if (fault?.answer === "slow") {
    response.flushHeaders();
    await pause(SLOW_PART_MS);
    response.write(body.subarray(0, body.length / 2));
    await pause(SLOW_PART_MS);
    response.end(body.subarray(body.length / 2));
  } else {
    response.end(body);
  }
  await happened(response, "finish", socket);
  // A caller that had left before shows only now; one that asks for more over the same connection had not.
  await turns();
  const isGone = socket.destroyed || socket.readableEnded;
  return response.writableFinished && (!isGone || requests.get(socket) !== asked);
}

/** Resolves when this process has seen all that had reached its sockets: a connection, what came over it, and its end. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await nextTurn();
}

/** A HEAD's answer has the length of what it leaves out. */
function lengthOf({ req }: ServerResponse, body: Buffer): Record<string, string> {
  return req.method === "HEAD" ? {} : { "content-length": String(body.length) };
}

function closed(socket: Socket): Promise<void> {
  return happened(socket, "close", socket);
}

/** Resolves at the event, or when the connection is closed. */
function happened(emitter: IncomingMessage | ServerResponse | Socket, event: string, socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      emitter.removeListener(event, done);
      socket.removeListener("close", done);
      resolve();
    };
    emitter.on(event, done);
    socket.on("close", done);
  });
}
