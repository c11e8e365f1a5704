import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type S3, type S3Call, type S3Hooks, s3 } from "../emulator/s3.ts";
import { type AwsAnswer, type AwsCall, AwsError } from "../emulator/service.ts";

/**
 * What goes wrong with a call: it is denied, throttled, fails in S3, is answered with any other error, is late, is never
 * answered, loses its connection, or its answer stops in the middle.
 */
export type S3Fault =
  | "deny"
  | "throttle"
  | "fail"
  | { code: string; status: number; message?: string }
  | { slowMs: number }
  | "hang"
  | "reset"
  | "stall";

export interface FaultyCalls {
  /** Such as `PutObject`; without it, all. */
  operation?: string;
  /** Some text in the key; without it, all. */
  key?: string;
  /** Whether the call has been carried out when the fault comes; an answer can stall only then. */
  isDone?: boolean;
  /** How many calls; without it, all. */
  times?: number;
}

export interface S3Server {
  endpoint: string;
  /** The variables by which AWS SDKs use the server. */
  environment: Record<string, string>;
  s3: S3;
  /** Run before the faults; may be set and replaced at any time. */
  hooks: S3Hooks;
  /** What came, such as `PutObject folder/key`. */
  calls: string[];
  /** From now on. The first that fits a call counts. */
  faulty(fault: S3Fault, which?: FaultyCalls): void;
  /** Ends all faults. */
  heal(): void;
  stop(): Promise<void>;
}

/** The answer is not sent, or not to its end. */
class Broken extends Error {
  constructor(readonly answer?: AwsAnswer) {
    super("the connection is broken");
  }
}

/** S3 alone on a local port, with faults. It has no buckets: `s3.store` makes them. */
export async function startS3(region = "eu-west-1"): Promise<S3Server> {
  const service = s3({ region, accountId: "123456789012" });
  const calls: string[] = [];
  const hooks: S3Hooks = {};
  let faults: { fault: S3Fault; which: FaultyCalls; left: number }[] = [];

  const server = createServer(async (request, response) => {
    try {
      const { status, headers, body } = await service.answer(await callOf(request));
      response.writeHead(status, headers).end(body);
    } catch (error) {
      if (!(error instanceof Broken)) {
        response.writeHead(500).end(String(error));
      } else if (error.answer) {
        const { status, headers, body = "" } = error.answer;
        const whole = Buffer.from(body);
        response.writeHead(status, { ...headers, "content-length": whole.length });
        response.write(whole.subarray(0, whole.length / 2));
      } else {
        request.socket.destroy();
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  service.hooks.beforeCall = async (call) => {
    calls.push(`${call.operation} ${call.key}`);
    await hooks.beforeCall?.(call);
    await suffer(faultOf(call, false));
  };
  service.hooks.afterCall = async (call, answer) => {
    await hooks.afterCall?.(call, answer);
    await suffer(faultOf(call, true), answer);
  };

  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: region,
    },
    s3: service,
    hooks,
    calls,
    faulty: (fault, which = {}) => void faults.push({ fault, which, left: which.times ?? Number.POSITIVE_INFINITY }),
    heal() {
      faults = [];
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function faultOf({ operation, key }: S3Call, isDone: boolean): S3Fault | undefined {
    const found = faults.find(
      ({ which, left }) =>
        left > 0 &&
        (which.isDone ?? false) === isDone &&
        (which.operation ?? operation) === operation &&
        key.includes(which.key ?? ""),
    );
    if (found) found.left--;
    return found?.fault;
  }
}

async function suffer(fault: S3Fault | undefined, answer?: AwsAnswer): Promise<void> {
  switch (fault) {
    case undefined:
      return;
    case "deny":
      throw new AwsError("AccessDenied", "Access Denied", 403);
    case "throttle":
      throw new AwsError("SlowDown", "Please reduce your request rate.", 503);
    case "fail":
      throw new AwsError("InternalError", "We encountered an internal error. Please try again.", 500);
    case "hang":
      return new Promise(() => {});
    case "reset":
      throw new Broken();
    case "stall":
      throw new Broken(answer ?? { status: 200 });
    default:
      if ("slowMs" in fault) return new Promise((resolve) => setTimeout(resolve, fault.slowMs).unref());
      throw new AwsError(fault.code, fault.message ?? fault.code, fault.status);
  }
}

async function callOf(request: IncomingMessage): Promise<AwsCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  // Not by `new URL`, which would resolve the dots in a key.
  const [path = "", query] = (request.url ?? "").split("?");
  const [, accessKeyId = ""] = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
  return {
    service: "s3",
    accessKeyId,
    method: request.method ?? "GET",
    path: decodeURIComponent(path),
    query: new URLSearchParams(query),
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}
