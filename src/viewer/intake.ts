import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Answer, json, refused } from "./answer.ts";
import { answering, answerOf, isTraceLike, limitOf, parametersOf, queryOf, traceWith } from "./api.ts";
import type { ApiServerStatus } from "./api-types.ts";
import { DATADOG_TAKERS } from "./datadog-intake.ts";
import { type LiveSettings, startLive } from "./live.ts";
import { lineOfLog, linesOfTrace } from "./otlp-export.ts";
import { importLines } from "./otlp-import.ts";
import { OTLP_SIGNALS, otlpError, otlpType, takeOtlp } from "./otlp-intake.ts";
import { type PageFile, PLACEHOLDER_PAGE } from "./placeholder-page.ts";
import { matches } from "./query.ts";
import { BodyBudget, readBody, withBody } from "./request-body.ts";
import { refusalOf, SECURITY_HEADERS } from "./request-guard.ts";
import { searchableLog } from "./searchable.ts";
import { Store } from "./store.ts";

declare const __VERSION__: string;

export interface Intake {
  url: string;
  port: number;
  store: Store;
  /** Why what was sent was not accepted, the latest last; only the last few. */
  refusals(): string[];
  close(): Promise<void>;
}

export interface IntakeSettings {
  /** 0 takes any free port. */
  port?: number;
  /** The address to listen at; this machine alone unless it says otherwise. */
  host?: string;
  /** Names of this server besides `localhost` and addresses. */
  allowedHosts?: readonly string[];
  /** Of what Datadog takes. */
  maxBodyBytes?: number;
  /** Of what OpenTelemetry sends, and of one line that is imported. */
  maxOtlpBytes?: number;
  /** Of all bodies that are read at once. */
  maxBodiesBytes?: number;
  /** How long a body waits for room among them. */
  maxBodyWaitMs?: number;
  store?: Store;
  live?: Partial<LiveSettings>;
  /** By path. */
  page?: ReadonlyMap<string, PageFile>;
}

const MAX_REFUSALS = 20;
const EVICTION_PAUSE_MS = 5_000;

/**
 * An HTTP server on localhost that takes what Datadog's intake and an OpenTelemetry collector take, keeps it in memory, and
 * answers questions about it; docs/api.md has all paths.
 *
 * It refuses what Datadog refuses, so that a mistake shows here: no API key (403), more than 1,000 logs or a body over
 * `maxBodyBytes` after decompression (413; Datadog takes 5 MB of logs), anything it cannot read (400).
 *
 * @throws the error of `listen`, such as EADDRINUSE
 * @see https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
export async function startIntake(settings: IntakeSettings = {}): Promise<Intake> {
  const {
    port = 0,
    host = "127.0.0.1",
    allowedHosts = [],
    maxBodyBytes = 5 * 1024 * 1024,
    maxOtlpBytes = 16 * 1024 * 1024,
    maxBodiesBytes = 256 * 1024 * 1024,
    store = new Store(),
    page = PLACEHOLDER_PAGE,
  } = settings;
  const refusals: string[] = [];
  const budget = new BodyBudget(maxBodiesBytes, settings.maxBodyWaitMs);
  const live = startLive(store, settings.live);
  const startedAtMs = Date.now();
  const server = http.createServer(
    // A sender that takes its time must not hold a connection for ever.
    { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16 * 1024 },
    (request, response) => {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      respond(request, response).then(
        (answer) => answer && send(request, response, answer),
        // The sender broke off, so nobody waits for an answer.
        () => response.destroy(),
      );
    },
  );
  server.maxConnections = 256;
  const eviction = setInterval(() => store.evict(), EVICTION_PAUSE_MS);
  eviction.unref();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  }).catch((error) => {
    clearInterval(eviction);
    throw error;
  });
  const listening = (server.address() as AddressInfo).port;
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${listening}`, port: listening, store, refusals: () => [...refusals], close };

  /** Undefined where the answer is a stream, and already on its way. */
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const refusal = refusalOf(request, allowedHosts);
    if (refusal) return afterBody(request, refusal);
    const url = urlOf(request);
    if (!url) return afterBody(request, refused(400, "the path of the request is none"));
    const taker = takerOf(url.pathname, request);
    if (taker) {
      if (request.method !== "POST") return afterBody(request, onlyWith("POST"));
      return taker();
    }
    const isGet = request.method === "GET";
    const answer = answering(() => read(url, response, isGet));
    if (answer === "unknown") {
      return afterBody(request, refused(404, "no such path: docs/api.md and / list what there is"));
    }
    if (isGet || (answer && request.method === "HEAD")) return answer;
    return afterBody(request, onlyWith(answer ? "GET, HEAD" : "GET"));
  }

  function takerOf(path: string, request: IncomingMessage): (() => Promise<Answer>) | undefined {
    const takeDatadog = DATADOG_TAKERS.get(path);
    if (takeDatadog) {
      return async () => {
        if (!request.headers["dd-api-key"]) return afterBody(request, refused(403, "no DD-API-KEY header"));
        const taken = await withBody(request, maxBodyBytes, budget, (bytes) => takeDatadog(bytes, store));
        return "body" in taken ? taken : refused(taken.status, taken.problem);
      };
    }
    const signal = OTLP_SIGNALS.get(path);
    if (signal) {
      return async () => {
        const type = otlpType(request.headers["content-type"]);
        if (typeof type !== "string") return afterBody(request, type);
        const taken = await withBody(request, maxOtlpBytes, budget, (bytes) => takeOtlp(signal, type, bytes, store));
        if ("body" in taken) return taken;
        const refusal = otlpError(type, taken.status, taken.problem);
        return taken.status === 503 ? { ...refusal, headers: { "retry-after": "1" } } : refusal;
      };
    }
    return path === "/api/import" ? () => takeImport(request) : undefined;
  }

  async function takeImport(request: IncomingMessage): Promise<Answer> {
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity" && encoding !== "gzip") {
      return afterBody(request, refused(400, "content-encoding is not gzip"));
    }
    try {
      const input = encoding === "gzip" ? request.pipe(createGunzip()) : request;
      request.once("close", () => !request.complete && input.destroy());
      const result = await importLines(input, store, maxOtlpBytes);
      const isUseless = result.rejected > 0 && result.spans + result.logs === 0;
      return isUseless ? refused(400, `nothing can be imported: ${result.problems[0]}`) : json(200, result);
    } catch (error) {
      if (!request.complete && request.destroyed) throw error;
      return refused(400, "body is not gzip");
    }
  }

  /** @param isGet whether an answer that is a stream begins */
  function read(url: URL, response: ServerResponse, isGet: boolean): Answer | "unknown" | undefined {
    const file = page.get(url.pathname);
    if (file) return { status: 200, ...file };
    if (url.pathname === "/api/status") return json(200, statusOf());
    if (url.pathname === "/api/live") {
      const given = parametersOf(url, ["query", "recent"]);
      const query = queryOf(given.query);
      const recent = given.recent === undefined ? 0 : limitOf({ limit: given.recent }, "recent");
      if (!isGet) return undefined;
      return live.add(response, query, recent) ? undefined : refused(503, "too many listen already");
    }
    if (url.pathname === "/api/export") {
      const { trace, query } = parametersOf(url, ["trace", "query"]);
      const held = trace === undefined ? undefined : traceWith(trace, store);
      const lines = held ? linesOfTrace(held) : linesLike(query);
      if (isGet) stream(lines, held ? `trace-${held.traceId}` : "telemetry", response);
      return undefined;
    }
    return answerOf(url, store) ?? "unknown";
  }

  /** What matches when it is asked for, the oldest first. */
  function linesLike(text: string | undefined): Iterable<string> {
    const query = queryOf(text);
    const traces = [...store.tracesNewestFirst()].filter((trace) => isTraceLike(query, trace)).reverse();
    const alone = [...store.logsNewestFirst()]
      .filter(({ trace, log }) => !trace && (query.is === "all" || matches(query, searchableLog(log))))
      .reverse();
    return (function* () {
      for (const trace of traces) yield* linesOfTrace(trace);
      for (const log of alone) yield lineOfLog(log);
    })();
  }

  function stream(lines: Iterable<string>, name: string, response: ServerResponse) {
    response.writeHead(200, {
      "content-type": "application/x-ndjson",
      "content-disposition": `attachment; filename="${name}.ndjson"`,
    });
    // Whoever breaks off needs no answer.
    pipeline(Readable.from(lines), response).catch(() => response.destroy());
  }

  function statusOf(): ApiServerStatus {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      version: __VERSION__,
      startedAtMs,
      held: { ...store.held(), bytes: store.bytes, oldestReceivedAtMs: store.oldestReceivedAtMs() ?? null },
      limits: store.limits,
      received: { ...store.received, metricPoints: store.metrics.points },
      evicted: store.evicted,
      refusals: [...refusals],
      liveClients: live.clients(),
      process: {
        rssBytes: rss,
        heapUsedBytes: heapUsed,
        cpuMs: (user + system) / 1000,
        uptimeMs: process.uptime() * 1000,
      },
    };
  }

  function send(request: IncomingMessage, response: ServerResponse, answer: Answer) {
    const { status, contentType, body, headers, problem } = answer;
    // Whoever asks sees the answer; the list is for what was sent.
    const isQuestion = request.method === "GET" || request.method === "HEAD";
    if (problem !== undefined && !isQuestion)
      note(`${request.method} ${request.url?.slice(0, 200)}: ${status} ${problem}`);
    response.writeHead(status, { "content-type": contentType, ...headers }).end(body);
  }

  function note(refusal: string) {
    refusals.push(refusal);
    if (refusals.length > MAX_REFUSALS) refusals.shift();
  }

  function close(): Promise<void> {
    clearInterval(eviction);
    live.close();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
}

/** A sender comes to read its answer when it has sent everything. */
async function afterBody(request: IncomingMessage, answer: Answer): Promise<Answer> {
  await readBody(request, 0);
  return answer;
}

function onlyWith(methods: string): Answer {
  return { ...refused(405, `only ${methods}`), headers: { allow: methods } };
}

function urlOf({ url = "" }: IncomingMessage): URL | undefined {
  // Beside a base, two slashes would begin the name of a server.
  const whole = `http://localhost${url}`;
  return url.startsWith("/") && URL.canParse(whole) ? new URL(whole) : undefined;
}
