import type {
  ApiError,
  ApiFunctions,
  ApiLedger,
  ApiLogs,
  ApiResources,
  ApiServerStatus,
  ApiServiceMap,
  ApiServices,
  ApiTrace,
  ApiTraces,
} from "../../src/viewer/api-types.ts";
import type { Intake } from "../../src/viewer/intake.ts";
import type { ReceivedSpan } from "../../src/viewer/received.ts";
import { Store } from "../../src/viewer/store.ts";
import { aReceivedLog, aReceivedSpan } from "../helpers/received.ts";
import { aServer, get, post, stopAll } from "./a-server.ts";

afterEach(stopAll);

const nowNano = BigInt(Math.floor(Date.now() / 15_000) * 15_000) * 1_000_000n;
const ms = 1_000_000n;
const error = { type: "Error", message: "Subject unknown", stack: "at think" };
const traceIdOf = (number: number): string => `6b00f9d500000000${String(number).padStart(16, "0")}`;

/** A request to an API that asks a microservice that asks a table. */
function aRequest(
  number: number,
  spans: Partial<Record<"api" | "call" | "micro" | "query", Partial<ReceivedSpan>>> = {},
): ReceivedSpan[] {
  const traceId = traceIdOf(number);
  const at = nowNano + BigInt(number) * ms;
  const span = (spanId: string, parentId: string | null, service: string, given: Partial<ReceivedSpan>): ReceivedSpan =>
    aReceivedSpan({
      traceId,
      spanId: spanId.padStart(16, "0"),
      parentId: parentId?.padStart(16, "0") ?? null,
      service,
      ...given,
    });
  return [
    span("a", null, "api", {
      resource: "GET /think",
      kind: 2,
      startTimeUnixNano: at,
      durationNano: 100n * ms,
      ...spans.api,
    }),
    span("b", "a", "api", {
      name: "http.request",
      kind: 3,
      startTimeUnixNano: at + 10n * ms,
      durationNano: 80n * ms,
      ...spans.call,
    }),
    span("c", "b", "micro", {
      resource: "think",
      kind: 2,
      startTimeUnixNano: at + 20n * ms,
      durationNano: 60n * ms,
      ...spans.micro,
    }),
    span("d", "c", "micro", {
      name: "query",
      kind: 3,
      startTimeUnixNano: at + 30n * ms,
      durationNano: 40n * ms,
      attributes: { "db.system.name": "dynamodb", "db.namespace": "thoughts" },
      ...spans.query,
    }),
  ];
}

async function serverWith(...spans: ReceivedSpan[]): Promise<Intake> {
  const intake = await aServer();
  intake.store.addSpans(spans);
  return intake;
}

describe("the API of services", () => {
  it("tells requests, errors and latencies of each, in all and over time", async () => {
    const slow = { durationNano: 1_000n * ms, error };
    const intake = await serverWith(...aRequest(1), ...aRequest(2), ...aRequest(3, { api: slow }), ...aRequest(4));
    const { stepMs, services } = await get<ApiServices>(intake, "/api/services");
    expect(
      services.map(({ name, requests, errors, errorRate, resources }) => [
        name,
        requests,
        errors,
        errorRate,
        resources,
      ]),
    ).toEqual([
      ["api", 4, 1, 0.25, 1],
      ["micro", 4, 0, 0, 1],
    ]);
    const [api] = services as [ApiServices["services"][number]];
    expect([api.p50Ms / 100, api.p95Ms / 1000, api.p99Ms / 1000].every((ratio) => Math.abs(ratio - 1) < 0.011)).toBe(
      true,
    );
    expect(api.series).toHaveLength(60);
    expect(api.series.map(({ timeMs }) => timeMs)).toEqual(
      Array.from({ length: 60 }, (_, at) => (api.series[0]?.timeMs ?? 0) + at * stepMs),
    );
    expect(api.series.filter(({ requests }) => requests > 0)).toMatchObject([
      { timeMs: Number(nowNano / ms), requests: 4, errors: 1 },
    ]);
    expect(api.requestsPerSecond).toBeGreaterThan(0);
  });

  it("draws who calls whom, down to what sends no spans itself", async () => {
    const queue = aReceivedSpan({
      ...aRequest(9)[1],
      spanId: "000000000000000e",
      kind: 4,
      attributes: { "messaging.system": "aws_sqs", "messaging.destination.name": "jobs" },
    });
    const intake = await serverWith(...aRequest(1), ...aRequest(2, { micro: { error } }), queue);
    const { nodes, edges } = await get<ApiServiceMap>(intake, "/api/service-map");
    expect(nodes.map(({ name, kind, figures }) => [name, kind, figures?.requests])).toEqual([
      ["api", "service", 3],
      ["aws_sqs jobs", "queue", undefined],
      ["dynamodb thoughts", "database", undefined],
      ["micro", "service", 2],
    ]);
    expect(edges.map(({ from, to, requests, errors }) => [from, to, requests, errors])).toEqual([
      ["api", "aws_sqs jobs", 1, 0],
      ["api", "micro", 2, 1],
      ["micro", "dynamodb thoughts", 2, 0],
    ]);
  });

  it("has one edge from one to another, however their spans tell of the call", async () => {
    const intake = await aServer();
    const of = (spanId: string, parentId: string | null, service: string, more = {}) =>
      aReceivedSpan({ spanId, parentId, service, ...more });
    const postgres = { kind: 3, attributes: { "db.system": "postgresql" } };
    intake.store.addSpans([of("a", null, "api"), of("b", "a", "db", postgres), of("c", "a", "db"), of("d", "b", "db")]);
    const { nodes, edges } = await get<ApiServiceMap>(intake, "/api/service-map");
    expect(edges.filter(({ from }) => from === "api")).toMatchObject([{ to: "db", requests: 2 }]);
    expect(nodes.find(({ name }) => name === "db")).toMatchObject({ kind: "service" });
  });

  it("tells the same of each resource, and of one how its latencies are distributed", async () => {
    const intake = await serverWith(
      ...aRequest(1),
      ...aRequest(2, { api: { resource: "POST /think", durationNano: 7n * ms } }),
    );
    const { resources } = await get<ApiResources>(intake, "/api/resources?service=api");
    expect(resources.map(({ name, requests, distribution }) => [name, requests, distribution])).toEqual([
      ["GET /think", 1, undefined],
      ["POST /think", 1, undefined],
    ]);
    const one = await get<ApiResources>(intake, "/api/resources?service=api&resource=POST+/think");
    expect(one.resources).toHaveLength(1);
    const bars = one.resources[0]?.distribution ?? [];
    expect(bars.filter(({ fromMs, toMs }) => fromMs < 7 && 7 <= toMs)).toMatchObject([{ count: 1 }]);
    await get<ApiError>(intake, "/api/resources?service=no", 404);
    await get<ApiError>(intake, "/api/resources", 400);
  });
});

describe("the API of traces", () => {
  const list = async (intake: Intake, parameters: string): Promise<[number, string][]> =>
    (await get<ApiTraces>(intake, `/api/traces?${parameters}`)).traces.map(({ traceId, resource }) => [
      Number(traceId.slice(16)),
      resource,
    ]);

  it("lists them newest first, whatever order they came in, page by page", async () => {
    const intake = await serverWith(...[3, 1, 5, 2, 4].flatMap((number) => aRequest(number)));
    const first = await get<ApiTraces>(intake, "/api/traces?limit=2");
    expect(first.traces.map(({ traceId }) => traceId)).toEqual([5, 4].map(traceIdOf));
    expect(first.traces[0]).toMatchObject({
      service: "api",
      spans: 4,
      logs: 0,
      errors: 0,
      services: ["api", "micro"],
      durationMs: 100,
    });
    const second = await get<ApiTraces>(intake, `/api/traces?limit=2&before=${first.next}`);
    expect(second.traces.map(({ traceId }) => traceId)).toEqual([3, 2].map(traceIdOf));
    const third = await get<ApiTraces>(intake, `/api/traces?limit=2&before=${second.next}`);
    expect([third.traces.map(({ traceId }) => traceId), third.next]).toEqual([[traceIdOf(1)], null]);
  });

  it("finds them by service, resource, status, duration and query", async () => {
    const intake = await serverWith(
      ...aRequest(1),
      ...aRequest(2, { micro: { error, durationNano: 5n * ms } }),
      ...aRequest(3, { api: { error, resource: "POST /think" } }),
    );
    intake.store.addLogs([aReceivedLog({ traceId: traceIdOf(1), body: "a rare word" })]);
    expect(await list(intake, "service=micro")).toEqual([
      [3, "think"],
      [2, "think"],
      [1, "think"],
    ]);
    expect(await list(intake, "service=micro&status=error")).toEqual([[2, "think"]]);
    expect(await list(intake, "service=micro&maxDurationMs=5")).toEqual([[2, "think"]]);
    expect(await list(intake, "service=api&resource=POST+/think")).toEqual([[3, "POST /think"]]);
    expect((await list(intake, "status=error")).map(([number]) => number)).toEqual([3, 2]);
    expect((await list(intake, "status=ok")).map(([number]) => number)).toEqual([1]);
    expect((await list(intake, "minDurationMs=100.5")).map(([number]) => number)).toEqual([]);
    expect((await list(intake, "query=rare+word")).map(([number]) => number)).toEqual([1]);
    expect(
      (await list(intake, `query=${encodeURIComponent("service:micro status:error")}`)).map(([number]) => number),
    ).toEqual([2]);
    expect((await list(intake, `query=${encodeURIComponent("@db.namespace:thoughts duration:>=40ms")}`)).length).toBe(
      3,
    );
  });

  it("shows one by its id in decimal or hex, with its logs, times and critical path", async () => {
    const intake = await serverWith(...aRequest(1, { query: { error, status: "error" } }));
    const spanId = "000000000000000d";
    intake.store.addLogs([
      aReceivedLog({ traceId: traceIdOf(1), spanId, body: "second", timeUnixNano: nowNano + 2n }),
      aReceivedLog({
        traceId: `${"0".repeat(16)}${traceIdOf(1).slice(16)}`,
        spanId,
        body: '{"msg":"first","subject":"foo_bar"}',
        timeUnixNano: nowNano + 1n,
      }),
    ]);
    const trace = await get<ApiTrace>(intake, `/api/traces/${traceIdOf(1)}`);
    expect(trace).toMatchObject({ traceId: traceIdOf(1), traceIdDecimal: "1", durationMs: 100, status: "unset" });
    expect(trace.services).toEqual([
      { service: "micro", selfTimeMs: 60, share: 0.6, spans: 2, errors: 1 },
      { service: "api", selfTimeMs: 40, share: 0.4, spans: 2, errors: 0 },
    ]);
    expect(trace.criticalPath).toEqual(["a", "b", "c", "d"].map((id) => id.padStart(16, "0")));
    expect(trace.spans.map(({ selfTimeMs }) => selfTimeMs)).toEqual([20, 20, 20, 40]);
    expect(trace.spans[3]).toMatchObject({ error, attributes: { "db.namespace": "thoughts" } });
    expect(trace.logs).toMatchObject([
      {
        message: '{"msg":"first","subject":"foo_bar"}',
        attributes: { subject: "foo_bar" },
        traceId: traceIdOf(1),
        spanId,
      },
      { message: "second" },
    ]);
    for (const id of [traceIdOf(1).slice(16), traceIdOf(1).toUpperCase(), "1"]) {
      expect(await get<ApiTrace>(intake, `/api/traces/${id}`)).toEqual(trace);
    }
  });

  it.each([
    ["/api/traces/5", 404, /no such trace/],
    ["/api/traces/xyz", 400, /trace id/],
    ["/api/traces/0", 400, /trace id/],
    [`/api/traces/${"9".repeat(20)}`, 400, /trace id/],
    ["/api/traces/%2e%2e", 404, /no such path/],
    ["/api/traces?limit=0", 400, /1 to 1000/],
    ["/api/traces?limit=1001", 400, /1 to 1000/],
    ["/api/traces?before=yesterday", 400, /before/],
    ["/api/traces?status=bad", 400, /error or ok/],
    ["/api/traces?minDurationMs=-1", 400, /milliseconds/],
    ["/api/traces?servce=api", 400, /no parameter has the name "servce": there are service/],
    ["/api/traces?limit=1&limit=2", 400, /twice/],
    ["/api/services?x=1", 400, /none/],
    ["/api/live?query=(", 400, /query: /],
    ["/api/export?trace=xyz", 400, /trace id/],
  ])("answers %s with %i and what is wrong", async (path, status, why) => {
    const { errors } = await get<ApiError>(await aServer(), path, status);
    expect(errors).toEqual([expect.stringMatching(why)]);
  });

  it("says where a query goes wrong", async () => {
    const path = `/api/traces?query=${encodeURIComponent("service:api servce:x")}`;
    expect(await get<ApiError>(await aServer(), path, 400)).toMatchObject({ position: 12 });
  });
});

describe("the API of logs", () => {
  it("lists them newest first, page by page, and those that match", async () => {
    const intake = await aServer();
    // Three of one time each.
    const times = [1, 2, 3, 1, 2, 3, 1, 2, 3];
    intake.store.addLogs(
      times.map((time, at) =>
        aReceivedLog({ timeUnixNano: BigInt(time), body: `${time} ${at}`, severity: at === 4 ? "error" : "info" }),
      ),
    );
    const seen: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: ApiLogs = await get<ApiLogs>(intake, `/api/logs?limit=2&before=${next}`);
      expect(page.logs.length).toBeLessThanOrEqual(2);
      seen.push(...page.logs.map(({ message }) => message));
      next = page.next;
    }
    expect(seen).toEqual(["3 8", "3 5", "3 2", "2 7", "2 4", "2 1", "1 6", "1 3", "1 0"]);
    const errors = await get<ApiLogs>(intake, "/api/logs?query=status:error");
    expect(errors.logs.map(({ message }) => message)).toEqual(["2 4"]);
  });
});

describe("the API of functions", () => {
  it("tells what their reports say", async () => {
    const intake = await aServer();
    const lines = [
      report(
        1,
        "Duration: 100.00 ms\tBilled Duration: 100 ms\tMemory Size: 1024 MB\tMax Memory Used: 80 MB\tInit Duration: 250.00 ms\t",
      ),
      report(2, "Duration: 10.00 ms\tBilled Duration: 10 ms\tMemory Size: 1024 MB\tMax Memory Used: 90 MB\t"),
      report(
        3,
        "Duration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 1024 MB\tMax Memory Used: 85 MB\tStatus: timeout",
      ),
      // The same timeout, told by a line of its own; and an error that the report does not tell.
      `2026-11-21T01:51:12.822Z ${requestId(3)} Task timed out after 3.00 seconds\n\n`,
      `2026-11-21T01:51:12.822Z\t${requestId(2)}\tERROR\tInvoke Error \t{"errorType":"Error"}`,
      `2026-11-21T01:51:12.822Z\t${requestId(1)}\tERROR\tonly logged`,
    ];
    const aws = { awslogs: { logGroup: "/aws/lambda/thinker", logStream: "2026/11/21/[$LATEST]0" } };
    const items = lines.map((message, at) => ({
      id: `${at}`,
      timestamp: 1_795_226_069_000,
      message,
      aws,
      ddsource: "lambda",
    }));
    const other = {
      message: '{"type":"platform.report","record":{"requestId":"x","status":"error","metrics":{"durationMs":5}}}',
      ddtags: "functionname:other",
    };
    await post(intake, "/api/v2/logs", JSON.stringify([...items, other, { message: lines[0] }]));
    const { functions } = await get<ApiFunctions>(intake, "/api/functions");
    expect(functions).toMatchObject([
      { name: "other", invocations: 1, errors: 1, timeouts: 0, duration: { p50Ms: 5 } },
      {
        name: "thinker",
        invocations: 3,
        errors: 2,
        timeouts: 1,
        coldStarts: 1,
        duration: { p50Ms: 100, p95Ms: 3000, p99Ms: 3000, maxMs: 3000 },
        initDuration: { p50Ms: 250, maxMs: 250 },
        billedMs: 3110,
        memorySizeMB: 1024,
        maxMemoryUsedMB: 90,
      },
    ]);
    expect(functions[1]?.errorRate).toBeCloseTo(2 / 3);
    expect(functions[1]?.estimatedCostUsd).toBeCloseTo(3 * 0.0000002 + 3.11 * 0.0000166667, 12);
    const { logs } = await get<ApiLogs>(intake, "/api/logs?query=status:error");
    expect(logs.map(({ requestId: id }) => id).sort()).toEqual([requestId(1), requestId(2)]);
  });

  const requestId = (number: number): string => `276ff3b9-1609-4ee7-a288-db375263076${number}`;
  const report = (number: number, rest: string): string => `REPORT RequestId: ${requestId(number)}\t${rest}\n`;
});

describe("the API of the intake itself", () => {
  it("tells the ledgers of the forwarder, added up and the last of them", async () => {
    const intake = await aServer();
    intake.store.addLedger({ events: 3, dropped: { "not JSON": 1 }, destinations: { "datadog-logs": { offered: 2 } } });
    await post(intake, "/api/v2/logs", JSON.stringify({ message: '{"ledger":{"events":2,"dropped":{"not JSON":4}}}' }));
    expect(await get<ApiLedger>(intake, "/api/ledger?limit=1")).toMatchObject({
      count: 2,
      totals: { events: 5, dropped: { "not JSON": 5 }, destinations: { "datadog-logs": { offered: 2 } } },
      last: [{ ledger: { events: 2 } }],
    });
  });

  it("tells what is held, within which limits, and what had to go", async () => {
    const intake = await aServer({ store: new Store({ maxBytes: 10_000 }) });
    for (let number = 1; number <= 20; number++) intake.store.addSpans(aRequest(number));
    await post(intake, "/no", "");
    const status = await get<ApiServerStatus>(intake, "/api/status");
    expect(status).toMatchObject({
      limits: { maxBytes: 10_000, maxAgeMs: 900_000 },
      received: { traces: 20, spans: 80, logs: 0, duplicateSpans: 0 },
      refusals: [expect.stringMatching(/^POST \/no: 404/)],
      liveClients: 0,
    });
    expect(status.held.spans + status.evicted.spans).toBe(80);
    expect(status.held.bytes).toBeLessThanOrEqual(10_000);
    expect(status.evicted.traces).toBeGreaterThan(0);
    expect(status.process.rssBytes).toBeGreaterThan(status.process.heapUsedBytes);
  });

  it("is listed at /", async () => {
    const response = await fetch(`${(await aServer()).url}/`);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await response.text()).toContain('<a href="/api/services">');
  });
});
