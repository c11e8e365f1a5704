import { deflateSync, gzipSync } from "node:zlib";
import type { ApiLogs, ApiMetrics, ApiTrace } from "../../src/viewer/api-types.ts";
import { decodeAnswer, encodeOtlp } from "../helpers/otlp-published.ts";
import { aServer, get, post, stopAll } from "./a-server.ts";

afterEach(stopAll);

const traceId = "6b00f9d500000000414ae78d188f3825";
const spanId = "651c77517ea37a55";
const parentSpanId = "00000000000000aa";
const bytes = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const start = "1795226069831013123";
const end = "1795226069898837098";
const json = { "content-type": "application/json; charset=utf-8" };
const protobuf = { "content-type": "application/x-protobuf" };

/** @param id writes ids @param time writes 64-bit numbers of attributes */
function spansRequest(id: (hex: string) => unknown): Record<string, unknown> {
  return {
    resourceSpans: [
      {
        resource: { attributes: [keyValue("service.name", "api"), keyValue("faas.name", "thinker")] },
        scopeSpans: [
          {
            scope: { name: "a-scope", version: "1.2.3" },
            spans: [
              {
                traceId: id(traceId),
                spanId: id(spanId),
                parentSpanId: id(parentSpanId),
                name: "think",
                kind: 2,
                startTimeUnixNano: start,
                endTimeUnixNano: end,
                attributes: [
                  keyValue("http.request.method", "GET"),
                  keyValue("http.route", "/think"),
                  { key: "count", value: { intValue: "9223372036854775807" } },
                  { key: "share", value: { doubleValue: 0.5 } },
                  { key: "is", value: { boolValue: true } },
                  { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }, { intValue: "2" }] } } },
                  { key: "map", value: { kvlistValue: { values: [keyValue("b", "c")] } } },
                  { key: "__proto__", value: { stringValue: "no prototype" } },
                  { key: "empty", value: {} },
                ],
                events: [
                  {
                    timeUnixNano: end,
                    name: "exception",
                    attributes: [
                      keyValue("exception.type", "TypeError"),
                      keyValue("exception.message", "Subject unknown"),
                      keyValue("exception.stacktrace", "at think"),
                    ],
                  },
                ],
                links: [{ traceId: id(traceId), spanId: id(parentSpanId), attributes: [keyValue("a", "b")] }],
                status: { code: 2, message: "failed" },
              },
            ],
          },
        ],
      },
    ],
  };
}

function logsRequest(id: (hex: string) => unknown): Record<string, unknown> {
  const records = [
    {
      timeUnixNano: start,
      severityNumber: 17,
      severityText: "ERROR",
      body: { stringValue: "no thought\n" },
      attributes: [keyValue("faas.invocation_id", "276FF3B9-1609-4EE7-A288-DB3752630767")],
      traceId: id(traceId),
      spanId: id(spanId),
    },
    {
      observedTimeUnixNano: end,
      body: { kvlistValue: { values: [keyValue("msg", "structured")] } },
      eventName: "an.event",
    },
  ];
  const attributes = [keyValue("service.name", "api"), keyValue("aws.log.group.names", "/aws/lambda/thinker")];
  return { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: records }] }] };
}

function keyValue(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

describe("the intake of OpenTelemetry's spans", () => {
  const encodings = [
    ["protobuf", encodeOtlp("traces", spansRequest(bytes)), protobuf],
    [
      "protobuf, gzip",
      gzipSync(encodeOtlp("traces", spansRequest(bytes))),
      { ...protobuf, "content-encoding": "gzip" },
    ],
    ["JSON", JSON.stringify(spansRequest((hex) => hex.toUpperCase())), json],
    [
      "JSON, deflate",
      deflateSync(JSON.stringify(spansRequest((hex) => hex))),
      { ...json, "content-encoding": "deflate" },
    ],
  ] as const;

  it.each(encodings)("takes %s, answers in kind, and shows all of it", async (_, body, headers) => {
    const intake = await aServer();
    const response = await post(intake, "/v1/traces", body, headers);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      headers["content-type"].split(";")[0],
    ]);
    const answer = Buffer.from(await response.arrayBuffer());
    expect(
      headers["content-type"] === protobuf["content-type"] ? decodeAnswer("traces", answer) : JSON.parse(`${answer}`),
    ).toEqual({});
    const trace = await get<ApiTrace>(intake, `/api/traces/${traceId}`);
    expect(trace).toMatchObject({
      traceId,
      traceIdDecimal: "4704827353930348581",
      status: "error",
      durationMs: 67.823975,
    });
    expect(trace.spans).toHaveLength(1);
    const { attributes, ...span } = trace.spans[0] as ApiTrace["spans"][number];
    expect(JSON.stringify(attributes)).toBe(
      JSON.stringify({
        "http.request.method": "GET",
        "http.route": "/think",
        count: "9223372036854775807",
        share: 0.5,
        is: true,
        list: ["a", 2],
        map: { b: "c" },
        ["__proto__"]: "no prototype",
        empty: null,
      }),
    );
    expect(span).toMatchObject({
      spanId,
      parentId: parentSpanId,
      service: "api",
      name: "think",
      resource: "GET /think",
      kind: "server",
      status: "error",
      startTimeUnixNano: start,
      endTimeUnixNano: end,
      error: { type: "TypeError", message: "Subject unknown", stack: "at think" },
      links: [{ traceId, spanId: parentSpanId, attributes: { a: "b" } }],
      resourceAttributes: { "service.name": "api", "faas.name": "thinker" },
      scope: { name: "a-scope", version: "1.2.3" },
    });
    expect(span.events).toMatchObject([{ timeUnixNano: end, name: "exception" }]);
  });

  it("takes the good ones beside bad ones, and says how many it did not take and why", async () => {
    const intake = await aServer();
    const { resourceSpans: good } = spansRequest(bytes) as { resourceSpans: object[] };
    const bad = [{ name: "no ids" }, { traceId: bytes("00".repeat(16)), spanId: bytes(spanId) }];
    const resourceSpans = [{ scopeSpans: [{ spans: bad }] }, ...good];
    const answer = await post(intake, "/v1/traces", encodeOtlp("traces", { resourceSpans }), protobuf);
    expect(decodeAnswer("traces", Buffer.from(await answer.arrayBuffer()))).toEqual({
      partialSuccess: { rejectedSpans: "2", errorMessage: "a span has no trace id or no span id" },
    });
    const asJson = { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "xyz", spanId }, null] }] }] };
    expect(await (await post(intake, "/v1/traces", JSON.stringify(asJson), json)).json()).toEqual({
      partialSuccess: { rejectedSpans: "2", errorMessage: "a span has no trace id or no span id" },
    });
    expect(intake.store.held()).toEqual({ traces: 1, spans: 1, logs: 0 });
  });

  it.each([
    ["bytes that are no message", Buffer.from([0x0a, 0xff, 0xff]), protobuf],
    ["groups without end", Buffer.from(Array(100_000).fill(0x0b)), protobuf],
    ["text that is no JSON", "{", json],
    ["JSON of another kind", "[]", json],
    ["a list that is none", '{"resourceSpans":{}}', json],
    ["a resource that is none", '{"resourceSpans":[7]}', json],
  ])("refuses %s with 400 and a reason in kind", async (_, body, headers) => {
    const intake = await aServer();
    const response = await post(intake, "/v1/traces", body, headers);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      400,
      headers["content-type"].split(";")[0],
    ]);
    expect(await response.text()).toContain("body is not a request to export traces");
    expect(intake.refusals()).toHaveLength(1);
  });

  it("looks no deeper into values than it has room for", async () => {
    const intake = await aServer();
    const deep = `${'{"arrayValue":{"values":['.repeat(5_000)}${"]}}".repeat(5_000)}`;
    const span = JSON.stringify({ traceId, spanId, attributes: [{ key: "deep", value: 0 }] }).replace(
      '"value":0',
      `"value":${deep}`,
    );
    const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
    expect((await post(intake, "/v1/traces", body, json)).status).toBe(200);
    expect((await get<ApiTrace>(intake, `/api/traces/${traceId}`)).spans).toHaveLength(1);
  });

  it("refuses other media types, and bodies that are too long", async () => {
    const intake = await aServer({ maxOtlpBytes: 1000 });
    expect((await post(intake, "/v1/traces", "{}", { "content-type": "text/plain" })).status).toBe(415);
    expect((await post(intake, "/v1/traces", " ".repeat(1001), json)).status).toBe(413);
    const bomb = gzipSync(" ".repeat(100_000));
    expect((await post(intake, "/v1/traces", bomb, { ...json, "content-encoding": "gzip" })).status).toBe(413);
    expect((await post(intake, "/v1/traces", "{}", json)).status).toBe(200);
  });
});

describe("the intake of OpenTelemetry's logs", () => {
  it.each([
    ["protobuf", encodeOtlp("logs", logsRequest(bytes)), protobuf],
    ["JSON", JSON.stringify(logsRequest((hex) => hex)), json],
  ] as const)("takes %s, and ties them to their span", async (_, body, headers) => {
    const intake = await aServer();
    expect((await post(intake, "/v1/logs", body, headers)).status).toBe(200);
    const { logs } = await get<ApiLogs>(intake, "/api/logs");
    expect(logs).toMatchObject([
      {
        timeUnixNano: end,
        message: '{"msg":"structured"}',
        severity: "",
        traceId: null,
        attributes: { msg: "structured", "event.name": "an.event" },
      },
      {
        timeUnixNano: start,
        message: "no thought",
        severity: "error",
        service: "api",
        traceId,
        spanId,
        requestId: "276ff3b9-1609-4ee7-a288-db3752630767",
        logGroup: "/aws/lambda/thinker",
        functionName: "thinker",
        attributes: {},
      },
    ]);
  });
});

const aTag = (key: string, stringValue: string) => ({ key, value: { stringValue } });

describe("the intake of OpenTelemetry's metrics", () => {
  const metrics = [
    { name: "a.gauge", unit: "ms", gauge: { dataPoints: [{ asDouble: 1.5 }, { asInt: "-3" }] } },
    { name: "a.sum", sum: { dataPoints: [{ asInt: "7", attributes: [aTag("region", "eu")] }] } },
    { name: "a.summary", summary: { dataPoints: [{ count: "2", sum: 3, attributes: [aTag("kind", "summary")] }] } },
    {
      name: "an.exponential",
      exponentialHistogram: { dataPoints: [{ count: "2", sum: 5, attributes: [aTag("kind", "exponential")] }] },
    },
    {
      name: "a.histogram",
      histogram: {
        dataPoints: [{ count: "4", sum: 10, bucketCounts: ["4"], explicitBounds: [], attributes: [aTag("x", "y")] }],
      },
    },
  ];
  const resource = { attributes: [aTag("service.name", "cart")] };
  const request = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };

  it.each([
    ["protobuf", encodeOtlp("metrics", request), protobuf],
    ["JSON", JSON.stringify(request), json],
  ] as const)("takes %s", async (_, body, headers) => {
    const intake = await aServer();
    expect((await post(intake, "/v1/metrics", body, headers)).status).toBe(200);
    expect(await get<ApiMetrics>(intake, "/api/metrics")).toMatchObject({
      points: 6,
      metrics: [
        { name: "a.gauge", unit: "ms", type: "gauge", points: 2, min: -3, max: 1.5, tagNames: ["service.name"] },
        { name: "a.histogram", points: 1, last: 2.5, tagNames: ["service.name", "x"] },
        { name: "a.sum", points: 1, last: 7, tagNames: ["region", "service.name"] },
        { name: "a.summary", points: 1, last: 1.5, tagNames: ["kind", "service.name"] },
        { name: "an.exponential", points: 1, last: 2.5, tagNames: ["kind", "service.name"] },
      ],
    });
    const { named } = await get<ApiMetrics>(intake, "/api/metrics?name=a.sum");
    expect(named).toMatchObject({ series: [{ tags: ["region:eu", "service.name:cart"], sum: 7 }], pointsLeftOut: 0 });
  });

  it("says which it does not take", async () => {
    const body = JSON.stringify({
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "nothing" }, metrics[1]] }] }],
    });
    expect(await (await post(await aServer(), "/v1/metrics", body, json)).json()).toEqual({
      partialSuccess: { rejectedDataPoints: "1", errorMessage: "a metric has no points" },
    });
  });
});
