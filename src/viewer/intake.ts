import http from "node:http";
import type { AddressInfo } from "node:net";
import { isJsonObject } from "../formats/json-object.ts";
import { decodeAgentPayload } from "./agent-payload.ts";
import { receivedLog, spansOf } from "./datadog-items.ts";
import { decodeBody, readBody } from "./request-body.ts";
import { memoryStore, type Store } from "./store.ts";

export interface Intake {
  url: string;
  port: number;
  store: Store;
  /** Why requests were not accepted, the latest last; only the last few. */
  refusals(): string[];
  close(): Promise<void>;
}

export interface IntakeSettings {
  /** 0 takes any free port. */
  port?: number;
  maxBodyBytes?: number;
  store?: Store;
}

/**
 * An HTTP server on localhost that takes what Datadog's intake takes and keeps it in memory:
 * `POST /api/v2/logs` and `POST /api/v0.2/traces`. Of `POST /api/v1/distribution_points` it only tells whether Datadog
 * would take it.
 *
 * It refuses what Datadog refuses, so that a mistake shows here: no API key (403), more than 1,000 logs or a body over
 * `maxBodyBytes` after decompression (413; Datadog takes 5 MB of logs), anything it cannot read (400).
 *
 * @throws the error of `listen`, such as EADDRINUSE
 * @see https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
export async function startIntake(settings: IntakeSettings = {}): Promise<Intake> {
  const { port = 0, maxBodyBytes = 5 * 1024 * 1024, store = memoryStore() } = settings;
  const refusals: string[] = [];
  const server = http.createServer((request, response) => {
    respond(request).then(
      ({ status, problem }) => {
        if (problem) note(`${request.method} ${request.url}: ${status} ${problem}`);
        const body = problem ? JSON.stringify({ errors: [problem] }) : "{}";
        response.writeHead(status, { "content-type": "application/json" }).end(body);
      },
      // The sender broke off, so nobody waits for an answer.
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const listening = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${listening}`, port: listening, store, refusals: () => [...refusals], close };

  async function respond(request: http.IncomingMessage): Promise<IntakeAnswer> {
    const body = await readBody(request, maxBodyBytes);
    const path = request.url?.split("?")[0] ?? "";
    const take = Object.hasOwn(takers, path) ? takers[path] : undefined;
    if (!take) return refused(404, `no such path: this intake has ${Object.keys(takers).join(", ")}`);
    if (request.method !== "POST") return refused(405, "only POST");
    if (!request.headers["dd-api-key"]) return refused(403, "no DD-API-KEY header");
    if (!body) return refused(413, `body over ${maxBodyBytes} bytes`);
    const decoded = await decodeBody(body, request.headers["content-encoding"], maxBodyBytes);
    if ("bytes" in decoded) return take(decoded.bytes, store);
    return refused(decoded.problem === "too long" ? 413 : 400, `body is ${decoded.problem}`);
  }

  function note(refusal: string) {
    refusals.push(refusal);
    if (refusals.length > 20) refusals.shift();
  }

  function close(): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
}

interface IntakeAnswer {
  status: number;
  problem?: string;
}

const maxLogs = 1_000;

const takers: Readonly<Record<string, (body: Buffer, store: Store) => IntakeAnswer>> = {
  "/api/v2/logs": takeLogs,
  "/api/v0.2/traces": takeTraces,
  "/api/v1/distribution_points": takeMetrics,
};

function takeLogs(body: Buffer, store: Store): IntakeAnswer {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch {
    return refused(400, "body is not JSON");
  }
  const items: unknown[] = Array.isArray(json) ? json : [json];
  if (items.length > maxLogs) return refused(413, `more than ${maxLogs} logs`);
  if (!items.every(isJsonObject)) return refused(400, "body is not an object or an array of objects");
  store.addLogs(items.map(receivedLog), body.length);
  return { status: 202 };
}

function takeTraces(body: Buffer, store: Store): IntakeAnswer {
  try {
    store.addSpans(spansOf(decodeAgentPayload(body)), body.length);
    return { status: 202 };
  } catch (error) {
    return refused(400, `body is not an AgentPayload: ${(error as Error).message}`);
  }
}

function takeMetrics(body: Buffer): IntakeAnswer {
  try {
    const { series } = JSON.parse(body.toString("utf8")) as { series: unknown };
    const isSeries = Array.isArray(series) && series.every((item) => isJsonObject(item) && Array.isArray(item.points));
    return isSeries ? { status: 202 } : refused(400, "body is not a list of series with points");
  } catch {
    return refused(400, "body is not JSON");
  }
}

function refused(status: number, problem: string): IntakeAnswer {
  return { status, problem };
}
