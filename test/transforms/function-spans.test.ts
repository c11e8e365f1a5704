import type { OtlpSpan, ResourceTelemetry, Span } from "../../src/telemetry.ts";
import { functionSpans } from "../../src/transforms/function-spans.ts";
import { A_STREAM, capturedMessages, type EnvelopeGiven, type EventGiven } from "../helpers/deliveries.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_REQUEST_ID, A_START, aRequest, INIT_START, linesOf, nodeLine } from "../helpers/platform-lines.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const OTHER = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const XRAY = "XRAY TraceId: 1-6ac7d556-032906e375c910cf42cb849e\tSegmentId: 90cbc97f4ee64a7f\tSampled: true\t";
const nano = (ms: number): bigint => BigInt(ms) * 1_000_000n;
type Given = [messages: (string | EventGiven)[], given?: EnvelopeGiven];

/** What one process makes of some slices, one after the other. */
function inTurn(...slices: Given[]): ResourceTelemetry[] {
  const transform = functionSpans();
  return slices.map(([messages, given]) => transform(telemetryOf(messages, given)));
}

function only(...slices: Given[]): ResourceTelemetry {
  return inTurn(...slices).at(-1) as ResourceTelemetry;
}

function spansOf({ tracePayloads }: ResourceTelemetry): OtlpSpan[] {
  return tracePayloads.flatMap(({ resourceSpans = [] }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

function datadogSpansOf({ tracePayloads }: ResourceTelemetry): Span[] {
  return tracePayloads.flatMap((payload) => payload.decode().flatMap(({ spans }) => spans));
}

const A_LOG_GROUP_ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/thinker-microservice";

describe("the span of a request without a tracer", () => {
  it("begins at START and takes what REPORT says, to the nanosecond", () => {
    const [span] = spansOf(only([aRequest()])) as [OtlpSpan];
    expect(span).toMatchObject({
      name: "thinker-microservice",
      kind: 2,
      parentSpanId: "",
      flags: 1,
      startTimeUnixNano: nano(A_START),
      endTimeUnixNano: nano(A_START) + 469_400_000n,
      status: { code: 0, message: "" },
      attributes: {
        "faas.invocation_id": A_REQUEST_ID,
        "faas.coldstart": false,
        "aws.lambda.billed_duration_ms": 470n,
        "aws.lambda.max_memory_used_bytes": 21n * 1_048_576n,
      },
    });
    const exact = only([aRequest([], { durationMs: 12_345.67 })]);
    expect(spansOf(exact)[0]?.endTimeUnixNano).toBe(nano(A_START) + 12_345_670_000n);
  });

  it("says of its function what is known of the log stream", () => {
    const [payload] = only([aRequest([], { version: "17" })]).tracePayloads;
    expect(payload).toMatchObject({ isDerived: true, index: 2 });
    expect(payload?.resourceSpans?.[0]?.attributes).toEqual({
      "cloud.provider": "aws",
      "cloud.platform": "aws_lambda",
      "cloud.account.id": "123456789012",
      "cloud.region": "eu-west-1",
      "cloud.resource_id": "arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice",
      "aws.log.group.names": ["/aws/lambda/thinker-microservice"],
      "aws.log.stream.names": [A_STREAM],
      "aws.log.group.arns": [`${A_LOG_GROUP_ARN}:*`],
      "aws.log.stream.arns": [`${A_LOG_GROUP_ARN}:log-stream:${A_STREAM}`],
      "service.name": "thinker-microservice",
      "faas.name": "thinker-microservice",
      "faas.instance": A_STREAM,
      "faas.version": "17",
      "faas.max_memory": 1024n * 1_048_576n,
    });
  });

  it("is in Datadog that of a Lambda function", () => {
    const telemetry = only([aRequest()]);
    expect(datadogSpansOf(telemetry)).toMatchObject([
      {
        name: "aws.lambda",
        type: "serverless",
        resource: "thinker-microservice",
        service: "thinker-microservice",
        startTimeUnixNano: nano(A_START),
        durationNano: 469_400_000n,
        error: 0,
      },
    ]);
    expect(telemetry.tracePayloads[0]?.traces[0]).toMatchObject({ spanCount: 1 });
  });

  it("is what the request's logs are linked to, the platform's among them", () => {
    const telemetry = only([aRequest(["a", nodeLine("b")])]);
    const [span] = spansOf(telemetry) as [OtlpSpan];
    expect(telemetry.logs).toHaveLength(5);
    for (const { invocation, linkMethod } of telemetry.logs) {
      expect(linkMethod).toBe("function-span");
      expect(invocation).toMatchObject({ requestId: A_REQUEST_ID, traceId: span.traceId, spanId: span.spanId });
    }
  });

  it("is made of JSON as of text, with X-Ray's ids and the caller's span as its parent", () => {
    const lines = capturedMessages("constructed-from-source/platform-lines-json.jsonl").slice(0, 4);
    const timestamps = [0, 132, 200, 201];
    const telemetry = only([
      lines.map((message, index) => ({ message, timestamp: A_START + (timestamps[index] ?? 0) })),
    ]);
    const [span, init] = spansOf(telemetry) as [OtlpSpan, OtlpSpan];
    expect(span).toMatchObject({
      traceId: "6b00f9d51e2c502e358361800241fd45",
      spanId: "24cd7d670fa455f0",
      parentSpanId: "35465b3a9e2f7c6a",
      flags: 1,
      startTimeUnixNano: nano(A_START + 132),
      endTimeUnixNano: nano(A_START + 132) + 68_310_000n,
    });
    expect(init).toMatchObject({
      name: "init",
      parentSpanId: span.spanId,
      startTimeUnixNano: nano(A_START),
      endTimeUnixNano: nano(A_START) + 131_512_000n,
    });
    expect(telemetry.logs.map(({ invocation }) => invocation?.spanId)).toEqual([
      undefined,
      ...Array(3).fill(span.spanId),
    ]);
  });

  it("has X-Ray's ids where REPORT names them", () => {
    const [span] = spansOf(only([aRequest(["a"], { rest: `\n${XRAY}` })])) as [OtlpSpan];
    expect(span).toMatchObject({
      traceId: "6ac7d556032906e375c910cf42cb849e",
      spanId: "90cbc97f4ee64a7f",
      parentSpanId: "",
      flags: 1,
    });
    const unsampled = only([aRequest([], { rest: `\n${XRAY.replace("true", "false")}` })]);
    expect(spansOf(unsampled)[0]?.flags).toBe(0);
  });

  it("is of the trace that the request's logs have from X-Ray, where REPORT names none", () => {
    const log = JSON.stringify({ message: "a", xray_trace_id: "1-6ac7d556-032906e375c910cf42cb849e" });
    const telemetry = only([aRequest([log])]);
    expect(spansOf(telemetry)[0]?.traceId).toBe("6ac7d556032906e375c910cf42cb849e");
    expect(telemetry.logs[1]?.invocation?.spanId).toBe(spansOf(telemetry)[0]?.spanId);
  });

  it("has the same ids when its lines are delivered again, to whatever process", () => {
    const ids = (telemetry: ResourceTelemetry): unknown =>
      spansOf(telemetry).map(({ traceId, spanId }) => [traceId, spanId]);
    const [first, again] = inTurn([aRequest()], [aRequest()]) as [ResourceTelemetry, ResourceTelemetry];
    expect(ids(again)).toEqual(ids(first));
    expect(ids(only([aRequest()]))).toEqual(ids(first));
    expect(ids(first)).toEqual([[expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{16}$/)]]);
  });

  it("is another one in the same trace for each attempt of a request that Lambda runs again", () => {
    const retry = aRequest(["b"], { startUnixMs: A_START + 60_000 });
    const telemetry = only([[...aRequest(["a"]), ...retry]]);
    const [first, second] = spansOf(telemetry) as [OtlpSpan, OtlpSpan];
    expect(second.traceId).toBe(first.traceId);
    expect(second.spanId).not.toBe(first.spanId);
    expect(telemetry.logs.map(({ invocation }) => invocation?.spanId)).toEqual([
      ...Array(4).fill(first.spanId),
      ...Array(4).fill(second.spanId),
    ]);
  });

  it("is made of requests that several streams, or one stream, work on at the same time", () => {
    const [a, b] = [linesOf({}), linesOf({ requestId: OTHER, startUnixMs: A_START + 10, durationMs: 20 })];
    const telemetry = only([[a.start, b.start, nodeLine("x", "INFO", OTHER), b.end, b.report, a.end, a.report]]);
    const spans = spansOf(telemetry);
    expect(spans.map(({ attributes }) => attributes["faas.invocation_id"])).toEqual([A_REQUEST_ID, OTHER]);
    expect(telemetry.logs[2]?.invocation?.spanId).toBe(spans[1]?.spanId);
  });
});

describe("the span of a request that failed", () => {
  const timeout = `2026-11-21T01:51:12.822Z ${A_REQUEST_ID} Task timed out after 3.00 seconds\n\n`;
  const uncaught = '{"errorType":"TypeError","errorMessage":"x is not a function","stack":["TypeError: x"]}';

  it.each<[string, EventGiven[], string, string]>([
    [
      "timed out",
      [...aRequest(), { timestamp: A_START + 480, message: timeout }],
      "timeout",
      "Task timed out after 3.00 seconds",
    ],
    ["timed out by its report", aRequest([], { rest: "Status: timeout" }), "timeout", "timeout"],
    [
      "ran out of memory",
      aRequest([], { rest: "Status: error\tError Type: Runtime.OutOfMemory" }),
      "Runtime.OutOfMemory",
      "Runtime.OutOfMemory",
    ],
    [
      "ran out of memory by its runtime's words",
      aRequest(["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"]),
      "Runtime.OutOfMemory",
      "Runtime.OutOfMemory",
    ],
    [
      "lost its runtime",
      aRequest([`RequestId: ${A_REQUEST_ID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n`]),
      "Runtime.ExitError",
      "Error: Runtime exited with error: signal: killed",
    ],
    [
      "threw in Node.js",
      aRequest([nodeLine(`Invoke Error \t${uncaught}`, "ERROR")]),
      "TypeError",
      "x is not a function",
    ],
    [
      "threw in Python",
      aRequest(["[ERROR] ZeroDivisionError: division by zero\nTraceback (most recent call last):\n  File …"]),
      "ZeroDivisionError",
      "division by zero",
    ],
    [
      "threw, and said so in its report",
      aRequest([nodeLine(`Invoke Error \t${uncaught}`, "ERROR")], { rest: "Status: error\tError Type: Error" }),
      "TypeError",
      "x is not a function",
    ],
  ])("is an error where it %s", (_, lines, type, message) => {
    const telemetry = only([lines]);
    expect(spansOf(telemetry)[0]).toMatchObject({ status: { code: 2, message }, attributes: { "error.type": type } });
    expect(datadogSpansOf(telemetry)[0]).toMatchObject({
      error: 1,
      attributes: { "error.type": type, "error.msg": message },
    });
  });

  it.each<[string, string]>([
    ["logged an error", nodeLine("it failed, we went on", "ERROR")],
    ["printed a text with an error in it", "[ERROR]\t2026-11-21T01:51:12.822Z\tx\tout of memory\n"],
    ["printed what its runtime may print", nodeLine("Invoke Error \t{not JSON", "ERROR")],
  ])("is no error where the function only %s", (_, line) => {
    expect(spansOf(only([aRequest([line])]))[0]?.status).toEqual({ code: 0, message: "" });
  });
});

describe("the span of a cold start", () => {
  const cold = (readyMs = 100, rest = "Init Duration: 100.99 ms\t"): EventGiven[] => [
    { timestamp: A_START - readyMs, message: INIT_START },
    ...aRequest([], { rest }),
  ];

  it("stands before the request's, under it", () => {
    const [span, init, ...more] = spansOf(only([cold()])) as [OtlpSpan, OtlpSpan];
    expect(more).toEqual([]);
    expect(span.attributes["faas.coldstart"]).toBe(true);
    expect(init).toMatchObject({
      traceId: span.traceId,
      parentSpanId: span.spanId,
      kind: 1,
      startTimeUnixNano: nano(A_START - 100),
      endTimeUnixNano: nano(A_START - 100) + 100_990_000n,
    });
    expect(datadogSpansOf(only([cold()]))[1]).toMatchObject({ name: "aws.lambda.cold_start", type: "serverless" });
  });

  it("ends where the request begins, where INIT_START is not known", () => {
    const [, init] = spansOf(only([cold().slice(1)])) as [OtlpSpan, OtlpSpan];
    expect(init).toMatchObject({ startTimeUnixNano: nano(A_START) - 100_990_000n, endTimeUnixNano: nano(A_START) });
  });

  it("is there where INIT_START came in an earlier delivery", () => {
    const [, init] = spansOf(only([cold().slice(0, 1)], [cold().slice(1)])) as [OtlpSpan, OtlpSpan];
    expect(init.startTimeUnixNano).toBe(nano(A_START - 100));
  });

  it("is not there where the environment was made ready in advance", () => {
    const spans = spansOf(only([cold(60_000)]));
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes["faas.coldstart"]).toBe(false);
  });

  it("is there for the first request alone", () => {
    const next = aRequest([], { requestId: OTHER, startUnixMs: A_START + 1_000 });
    expect(spansOf(only([[...cold(), ...next]])).map(({ name }) => name)).toEqual([
      "thinker-microservice",
      "init",
      "thinker-microservice",
    ]);
  });

  it("is that of a restored snapshot", () => {
    const rest = "Restore Duration: 398.97 ms\tBilled Restore Duration: 182 ms\t";
    const telemetry = only([cold(400, rest).slice(1)]);
    expect(spansOf(telemetry)[1]).toMatchObject({
      name: "restore",
      startTimeUnixNano: nano(A_START) - 398_970_000n,
      endTimeUnixNano: nano(A_START),
    });
    expect(datadogSpansOf(telemetry)[1]?.name).toBe("aws.lambda.snapstart_restore");
  });

  it("is an error where INIT_REPORT says so", () => {
    const report = "INIT_REPORT Init Duration: 488.22 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n";
    const lines = [
      { timestamp: A_START - 500, message: INIT_START },
      { timestamp: A_START - 10, message: report },
    ];
    const [, init] = spansOf(only([[...lines, ...aRequest()]])) as [OtlpSpan, OtlpSpan];
    expect(init).toMatchObject({
      status: { code: 2, message: "Runtime.ExitError" },
      endTimeUnixNano: nano(A_START - 500) + 488_220_000n,
    });
  });
});

describe("a request whose lines come in several slices", () => {
  const { start, end, report } = linesOf({});

  it("gets its span with its REPORT, from its START on", () => {
    const [first, second] = inTurn([[start, "a"]], [["b", end, report]]) as [ResourceTelemetry, ResourceTelemetry];
    expect(spansOf(first)).toEqual([]);
    expect(first.logs.map(({ invocation }) => invocation?.traceId ?? "")).toEqual(["", ""]);
    expect(spansOf(second)).toMatchObject([{ startTimeUnixNano: nano(A_START) }]);
    expect(second.logs[0]?.invocation?.spanId).toBe(spansOf(second)[0]?.spanId);
  });

  it("gets it again when its end is delivered again", () => {
    const [, second, again] = inTurn([[start]], [[end, report]], [[end, report]]) as ResourceTelemetry[];
    expect(spansOf(again as ResourceTelemetry)).toEqual(spansOf(second as ResourceTelemetry));
    expect(spansOf(again as ResourceTelemetry)).toHaveLength(1);
  });

  it("knows by its end how it failed before", () => {
    const failed = nodeLine('Invoke Error \t{"errorType":"TypeError","errorMessage":"x"}', "ERROR");
    expect(spansOf(only([[start, failed]], [[end, report]]))[0]?.status).toEqual({ code: 2, message: "x" });
  });

  it("gets none from a process that did not see it begin, and knows nothing of the function", () => {
    expect(spansOf(only([["a", end, report]]))).toEqual([]);
    const otherStream = { logStream: A_STREAM.replace("01", "99") };
    expect(spansOf(only([[start], otherStream], [[end, report]]))).toEqual([]);
  });

  it("gets one from a process that has seen whole requests of the function, and no tracer", () => {
    const otherStream = { logStream: A_STREAM.replace("01", "99") };
    const known = [aRequest([], { requestId: OTHER }), otherStream] as Given;
    const [span] = spansOf(only(known, [["a", end, report]])) as [OtlpSpan];
    expect(span.endTimeUnixNano).toBe(nano(end.timestamp));
    expect(span.endTimeUnixNano - span.startTimeUnixNano).toBe(469_400_000n);
    const otherVersion = { logStream: A_STREAM.replace("$LATEST", "3") };
    expect(spansOf(only(known, [["a", end, report], otherVersion]))).toEqual([]);
  });
});

describe("a function with a tracer", () => {
  const request = (requestId: string): EventGiven[] => aRequest([], { requestId, startUnixMs: A_START + 5_000 });

  it.each<[string, string]>([
    ["a trace line", aPayload({})],
    ["Datadog's ids", nodeLine("[dd.trace_id=7043144561403045779 dd.span_id=1] a")],
    ["Datadog's names without ids", JSON.stringify({ msg: "a", dd: { service: "thinker", version: "1" } })],
    ["OpenTelemetry's ids", JSON.stringify({ msg: "a", trace_id: "6ac7d556032906e375c910cf42cb849e" })],
    ["Datadog's extension", "EXTENSION\tName: datadog-agent\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n"],
    [
      "OpenTelemetry's extension in JSON",
      '{"time":"2026-11-21T01:54:29.700Z","type":"platform.extension","record":{"name":"collector","state":"Ready","events":["INVOKE"]}}',
    ],
  ])("shows it by %s, and gets no spans from then on, in any of its streams", (_, line) => {
    const otherStream = { logStream: A_STREAM.replace("01", "99") };
    const made = inTurn([[...aRequest([line]), ...request(OTHER)]], [request(OTHER)], [request(OTHER), otherStream]);
    expect(made.flatMap(spansOf)).toEqual([]);
    expect(made[0]?.tracePayloads.length).toBe(line.includes('"traces"') ? 1 : 0);
  });

  it("gets no span for a request whose tracer's line came before its REPORT, in an earlier delivery", () => {
    const { start, end, report } = linesOf({});
    expect(inTurn([[start, aPayload({})]], [[end, report]]).flatMap(spansOf)).toEqual([]);
  });

  it("gets no more spans where its tracer's line came late, and no other function loses its own", () => {
    const elsewhere = { logGroup: "/aws/lambda/other" };
    const [first, , third, other] = inTurn(
      [aRequest()],
      [[aPayload({})]],
      [request(OTHER)],
      [request(OTHER), elsewhere],
    ) as ResourceTelemetry[];
    expect([first, third, other].map((telemetry) => spansOf(telemetry as ResourceTelemetry).length)).toEqual([1, 0, 1]);
  });

  it("gets no span for a request that is known to be of another trace", () => {
    const telemetry = telemetryOf(aRequest(["a"]));
    const invocation = telemetry.logs[0]?.invocation;
    if (invocation) invocation.traceId = "6ac7d556032906e375c910cf42cb849e";
    expect(functionSpans()(telemetry).tracePayloads).toEqual([]);
  });
});

describe("what is no request of a function", () => {
  it("gets no span: another log group, a report that is none, a duration that cannot be", () => {
    const { start, end, report } = linesOf({});
    const with_ = (message: string): EventGiven[] => [start, { ...report, message }];
    expect(spansOf(only([[start, end, report], { logGroup: "app", logStream: "s" }]))).toEqual([]);
    expect(spansOf(only([with_(`REPORT RequestId: ${A_REQUEST_ID}\tDuration: x`)]))).toEqual([]);
    for (const duration of ["9".repeat(300), "1.2.3", "99999999999999"]) {
      expect(spansOf(only([with_(report.message.replace("469.40", duration))]))).toEqual([]);
    }
    const json = {
      time: "",
      type: "platform.report",
      record: { requestId: A_REQUEST_ID, metrics: { durationMs: 1e300 } },
    };
    expect(spansOf(only([with_(JSON.stringify(json))]))).toEqual([]);
  });

  it("has numbers that fit, whatever a line says", () => {
    const { start, report } = linesOf({});
    const message = report.message.replace("1024 MB", `${"9".repeat(300)} MB`).replace("21 MB", "99999999999999999 MB");
    const telemetry = only([[start, { ...report, message }]]);
    expect(spansOf(telemetry)).toHaveLength(1);
    const max = telemetry.tracePayloads[0]?.resourceSpans?.[0]?.attributes["faas.max_memory"];
    for (const value of [max, spansOf(telemetry)[0]?.attributes["aws.lambda.max_memory_used_bytes"]]) {
      if (value !== undefined) expect(value).toBeLessThan(2n ** 63n);
    }
  });

  it("changes nothing of telemetry without requests", () => {
    const telemetry = telemetryOf(["a", "b"]);
    expect(functionSpans()(telemetry)).toBe(telemetry);
  });
});
