import { readLogContext } from "../../src/formats/log-context.ts";
import type { LogContext } from "../../src/telemetry.ts";
import { capturedMessages } from "../helpers/deliveries.ts";

const TRACE = "6b00f9d500000000414ae78d188f3825";
const LOW = `0000000000000000${TRACE.slice(16)}`;
const LOW_DECIMAL = "4704827353930348581";
const SPAN = "651c77517ea37a55";
const SPAN_DECIMAL = "7285829489079319125";
const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const XRAY = "1-6ac7d556-032906e375c910cf42cb849e";
const XRAY_ID = "6ac7d556032906e375c910cf42cb849e";
const TIME = "2026-11-21T01:53:45.858Z";

function contextOf(message: string): LogContext | null {
  const escaped = Buffer.from(JSON.stringify(message).slice(1, -1)).toString("latin1");
  return readLogContext(escaped, () => message);
}

/** Only what a line says. */
function saidBy(message: string): Partial<LogContext> {
  const entries = Object.entries(contextOf(message) ?? {});
  return Object.fromEntries(entries.filter(([, value]) => value !== "" && value !== false && value !== 0));
}

const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;
const inRequest = { requestId: REQUEST, isRequestIdCertain: true };
const dd = { trace_id: TRACE, span_id: SPAN_DECIMAL, service: "thinker", version: "0.1.0", env: "dev" };
const named = { service: "thinker", version: "0.1.0", env: "dev" };
const full = { traceId: TRACE, spanId: SPAN };
const low = { traceId: LOW, spanId: SPAN };
const text64 = `[dd.trace_id=${LOW_DECIMAL} dd.span_id=${SPAN_DECIMAL}] hello`;
const lambdaJson = { timestamp: TIME, level: "INFO", requestId: REQUEST };

describe("a log line", () => {
  it.each<[string, string, Partial<LogContext>]>([
    ["pino, winston, bunyan", JSON.stringify({ level: 30, msg: "m", dd }), { ...full, ...named, isDatadog: true }],
    [
      "the same with 64-bit ids",
      JSON.stringify({ dd: { ...dd, trace_id: LOW_DECIMAL } }),
      { ...low, ...named, isDatadog: true },
    ],
    [
      "the same outside of a span",
      JSON.stringify({ msg: "m", dd: { service: "a", version: "7" } }),
      { service: "a", version: "7" },
    ],
    ["winston's simple format", `info: hello ${JSON.stringify({ dd })}`, full],
    ["winston's simple format with more", `info: hello ${JSON.stringify({ a: 1, dd, z: 2 })}`, full],
    ["the console hook", text64, { ...low, isDatadog: true }],
    [
      "the console hook in Node's text format",
      `${TIME}\t${REQUEST}\tINFO\t${text64}\n`,
      { ...low, ...inRequest, isDatadog: true },
    ],
    [
      "the console hook before JSON",
      `${TIME}\t${REQUEST}\tINFO\t[dd.trace_id=${LOW_DECIMAL} dd.span_id=${SPAN_DECIMAL}] {"message":"m"}\n`,
      { ...low, ...inRequest, isDatadog: true },
    ],
    [
      "the console hook on an object",
      `${TIME}\t${REQUEST}\tINFO\t{\n  m: 'x',\n  dd: { trace_id: '${LOW_DECIMAL}', span_id: '${SPAN_DECIMAL}' }\n}\n`,
      { ...low, ...inRequest },
    ],
    ["Lambda's JSON format", JSON.stringify({ ...lambdaJson, message: text64 }), { ...low, ...inRequest }],
    [
      "Lambda's JSON format around an object",
      JSON.stringify({ ...lambdaJson, message: { m: 1, dd } }),
      { ...full, ...inRequest, ...named },
    ],
    [
      "Lambda's JSON format around JSON",
      JSON.stringify({ ...lambdaJson, message: JSON.stringify({ dd }) }),
      { ...full, ...inRequest, ...named },
    ],
    [
      "Lambda's JSON format around winston's simple format",
      JSON.stringify({ ...lambdaJson, message: `info: ${JSON.stringify({ dd })}` }),
      { ...full, ...inRequest },
    ],
    [
      "Lambda's JSON format around OpenTelemetry",
      JSON.stringify({ ...lambdaJson, message: { trace_id: TRACE, span_id: SPAN } }),
      { ...full, ...inRequest },
    ],
    [
      "Python's flat keys",
      JSON.stringify({
        "dd.trace_id": TRACE,
        "dd.span_id": SPAN_DECIMAL,
        "dd.service": "thinker",
        "dd.env": "",
        "dd.version": "",
      }),
      { ...full, service: "thinker", isDatadog: true },
    ],
    [
      "Python's flat keys with 64-bit ids",
      JSON.stringify({ "dd.trace_id": LOW_DECIMAL, "dd.span_id": SPAN_DECIMAL }),
      { ...low, isDatadog: true },
    ],
    [
      "Python's default formatter",
      `[INFO]\t${TIME}\t${REQUEST}\t[dd.trace_id=${TRACE} dd.span_id=${SPAN_DECIMAL}]\thello\n`,
      { ...full, ...inRequest, isDatadog: true },
    ],
    [
      "the documented text form",
      `INFO [dd.service=thinker dd.env=dev dd.version=0.1.0 dd.trace_id=${TRACE} dd.span_id=${SPAN_DECIMAL}] hello`,
      { ...full, ...named, isDatadog: true },
    ],
    [
      "the documented text form in Ruby's order",
      `[dd.env=dev dd.service=thinker dd.version=0.1.0 dd.trace_id=${LOW_DECIMAL} dd.span_id=${SPAN_DECIMAL} ddsource=ruby] hello`,
      { ...low, ...named, isDatadog: true },
    ],
    [
      "the documented text form with quoted values",
      `dd.trace_id="${TRACE}" dd.span_id="${SPAN_DECIMAL}" dd.service="thinker"`,
      { ...full, service: "thinker", isDatadog: true },
    ],
    [
      "the documented text form between tabs",
      `x\tdd.trace_id=${TRACE}\tdd.span_id=${SPAN_DECIMAL}\tdd.env=dev\ty`,
      { ...full, env: "dev", isDatadog: true },
    ],
    [
      "the documented text form on its own line",
      `x\ndd.trace_id=${TRACE}\r\ndd.span_id=${SPAN_DECIMAL}`,
      { ...full, isDatadog: true },
    ],
    [
      ".NET and Serilog",
      JSON.stringify({
        dd_trace_id: LOW_DECIMAL,
        dd_span_id: SPAN_DECIMAL,
        dd_service: "thinker",
        dd_env: "dev",
        dd_version: "0.1.0",
      }),
      { ...low, ...named, isDatadog: true },
    ],
    ["OpenTelemetry's instrumentations", JSON.stringify({ trace_id: TRACE, span_id: SPAN, trace_flags: "01" }), full],
    [
      "OpenTelemetry in camel case",
      JSON.stringify({ traceId: TRACE.toUpperCase(), spanId: SPAN.toUpperCase(), traceFlags: 1 }),
      full,
    ],
    [
      "OpenTelemetry's Python logging",
      JSON.stringify({ otelTraceID: TRACE, otelSpanID: SPAN, otelServiceName: "x" }),
      full,
    ],
    [
      "the Elastic Common Schema, flat",
      JSON.stringify({ "trace.id": TRACE, "transaction.id": "1".repeat(16), "span.id": SPAN }),
      full,
    ],
    [
      "the Elastic Common Schema, flat, without a span",
      JSON.stringify({ "trace.id": TRACE, "transaction.id": SPAN }),
      full,
    ],
    ["the Elastic Common Schema, nested", JSON.stringify({ trace: { id: TRACE }, span: { id: SPAN } }), full],
    [
      "the Elastic Common Schema, nested, without a span",
      JSON.stringify({ trace: { id: TRACE }, transaction: { id: SPAN } }),
      full,
    ],
    ["W3C", JSON.stringify({ msg: "m", traceparent: `00-${TRACE}-${SPAN}-01` }), full],
    [
      "Powertools",
      JSON.stringify({
        level: "INFO",
        message: "m",
        timestamp: TIME,
        function_request_id: REQUEST,
        xray_trace_id: XRAY,
      }),
      { ...inRequest, xrayTraceId: XRAY_ID },
    ],
    [
      "Powertools' child loggers",
      JSON.stringify({ level: "INFO", message: "m", timestamp: TIME, xray_trace_id: XRAY }),
      { xrayTraceId: XRAY_ID },
    ],
    ["Lambda's JSON format without a tracer", JSON.stringify({ ...lambdaJson, message: "m" }), inRequest],
    [
      "Lambda's JSON format with an error",
      JSON.stringify({ ...lambdaJson, message: { errorType: "E", stackTrace: [] } }),
      inRequest,
    ],
    [
      "Lambda's text format for Node",
      `${TIME}\t${REQUEST}\tERROR\tInvoke Error \t{"errorType":"RangeError"}\n`,
      inRequest,
    ],
    ["Lambda's text format for Python", `[WARNING]\t${TIME}\t${REQUEST.toUpperCase()}\thello\n`, inRequest],
    [
      "Lambda's text format before JSON with ids",
      `${TIME}\t${REQUEST}\tINFO\t${JSON.stringify({ dd })}\n`,
      { ...full, ...inRequest, ...named, isDatadog: true },
    ],
    ["X-Ray's header", `headers: Root=${XRAY};Parent=${SPAN};Sampled=1`, { xrayTraceId: XRAY_ID }],
    ["X-Ray's header in another order", `Sampled=1;Parent=${SPAN};Lineage=a:1;Root=${XRAY}`, { xrayTraceId: XRAY_ID }],
    ["X-Ray's header behind a tab", `x\tRoot=${XRAY}\ty`, { xrayTraceId: XRAY_ID }],
    ["X-Ray's header twice", `Root=${XRAY} TraceId: ${XRAY}`, { xrayTraceId: XRAY_ID }],
    ["a header of X-Ray's in a request", `${TIME}\t${REQUEST}\tINFO\theaders: Root=${XRAY}\n`, inRequest],
    ["START", `START RequestId: ${REQUEST} Version: $LATEST\n`, { ...inRequest, platform: "start", atOnce: 1 }],
    ["END", `END RequestId: ${REQUEST}\n`, { ...inRequest, platform: "end", atOnce: 1 }],
    [
      "REPORT under X-Ray",
      `REPORT RequestId: ${REQUEST}\tDuration: 1 ms\t\nXRAY TraceId: ${XRAY}\tSegmentId: ${SPAN}\tSampled: true\t\n`,
      { ...inRequest, platform: "report", xrayTraceId: XRAY_ID, atOnce: 1 },
    ],
    [
      "REPORT as JSON under X-Ray",
      JSON.stringify({
        type: "platform.report",
        record: { requestId: REQUEST, tracing: { value: `Root=${XRAY};Sampled=1` } },
      }),
      { ...inRequest, platform: "report", xrayTraceId: XRAY_ID },
    ],
    ["a timeout", `${TIME} ${REQUEST} Task timed out after 3.00 seconds\n\n`, inRequest],
    [
      "a crash",
      `RequestId: ${REQUEST} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n`,
      inRequest,
    ],
    ["an app that logs request ids", JSON.stringify({ msg: "m", request_id: REQUEST }), { requestId: REQUEST }],
    ["Python's JSON with the request id", JSON.stringify({ aws_request_id: REQUEST }), inRequest],
    ["Go's JSON with the request id", JSON.stringify({ AWSRequestId: REQUEST }), inRequest],
    ["OpenTelemetry's name of the request id", JSON.stringify({ "faas.invocation_id": REQUEST }), inRequest],
    [
      "ids and X-Ray together",
      JSON.stringify({ ...lambdaJson, xray_trace_id: XRAY, message: text64 }),
      { ...low, ...inRequest, xrayTraceId: XRAY_ID },
    ],
    [
      "non-ASCII text around",
      `é世💥 [dd.trace_id=${TRACE} dd.span_id=${SPAN_DECIMAL}] é`,
      { ...full, isDatadog: true },
    ],
    [
      "non-ASCII JSON around",
      JSON.stringify({ é: "世💥", dd: { ...dd, service: "größe" } }),
      { ...full, ...named, service: "größe", isDatadog: true },
    ],
  ])("tells its request and trace in the form of %s", (_, message, expected) => {
    expect(saidBy(message)).toEqual(expected);
  });

  it.each<[string, string]>([
    ["nothing", ""],
    ["plain text", "hello"],
    ["plain JSON", '{"msg":"hello"}'],
    ["words only", "the request traced an invocation"],
    ["JSON words only", '{"msg":"a request","trace":true,"span":[],"dd":7,"message":{"dd":null}}'],
    ["zero ids of Python", '{"dd.trace_id":"0","dd.span_id":"0","dd.service":"","dd.env":"","dd.version":""}'],
    ["zero ids in text", "[dd.trace_id=0 dd.span_id=0] hello"],
    ["zero ids of OpenTelemetry's Python logging", '{"otelTraceID":"0","otelSpanID":"0"}'],
    ["all-zero hex", `{"trace_id":"${"0".repeat(32)}","span_id":"${"0".repeat(16)}"}`],
    ["the word undefined for a request id", `${TIME}\tundefined\tINFO\thello\n`],
    ["ids of a wrong length", '{"trace_id":"abc","traceId":"12345","dd":{"trace_id":"xyz"}}'],
    ["more digits than an id has", `dd.trace_id=${"1".repeat(33)} dd.span_id=1`],
    ["more decimal digits than an id has", `dd.trace_id=${"9".repeat(20)}`],
    ["an id with letters behind it", `dd.trace_id=${LOW_DECIMAL}xyz`],
    ["ids under another name", `add.trace_id=${LOW_DECIMAL} xdd.trace_id=${LOW_DECIMAL}`],
    [
      "ids that are no text",
      '{"dd":{"trace_id":{},"span_id":[]},"trace_id":7,"traceId":null,"trace":{"id":7},"traceparent":[]}',
    ],
    ["the headers that a request came with", JSON.stringify({ host: "x", traceparent: TRACEPARENT })],
    ["such headers in Lambda's JSON format", JSON.stringify({ level: "INFO", message: { traceparent: TRACEPARENT } })],
    ["X-Ray's headers of several messages", `[{ h: 'Root=${XRAY}' }, { h: 'Root=${XRAY.replace("6", "7")}' }]`],
    ["an X-Ray id that is cut", '{"xray_trace_id":"1-6ac7d556-0329"} Root=1-6ac7d556-032906e375c910cf42cb84'],
    ["a request id that is none", '{"requestId":"7","request_id":"abc","aws_request_id":{}}'],
    ["cut JSON", '{"dd":{"trace_id":"6b00f9d5'],
    ["JSON that is a list", `[{"dd":{"trace_id":"${TRACE}"}}]`.slice(0, 20)],
    [
      "INIT_START",
      "INIT_START Runtime Version: nodejs:20.v41\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:0123\n",
    ],
  ])("says nothing where it holds %s", (_, message) => {
    expect(contextOf(message)).toBeNull();
  });

  it("is not decoded when it is plain text", () => {
    const decode = (): string => {
      throw new Error("decoded");
    };
    expect(readLogContext("hello", decode)).toBeNull();
    expect(readLogContext(`${TIME}\\t${REQUEST}\\tINFO\\t${text64}`, decode)?.requestId).toBe(REQUEST);
  });

  it("keeps the trace id where only the span id is malformed", () => {
    expect(saidBy(JSON.stringify({ dd: { trace_id: TRACE, span_id: "x" } }))).toEqual({
      traceId: TRACE,
      isDatadog: true,
    });
    expect(saidBy(JSON.stringify({ trace_id: TRACE, span_id: "x" }))).toEqual({ traceId: TRACE });
    expect(saidBy(`dd.trace_id=${TRACE} dd.span_id=x`)).toEqual({ traceId: TRACE, isDatadog: true });
  });

  it("takes Datadog's ids before OpenTelemetry's", () => {
    const other = { trace_id: "1".repeat(32), span_id: "2".repeat(16) };
    expect(saidBy(JSON.stringify({ ...other, dd }))).toEqual({ ...full, ...named, isDatadog: true });
    expect(saidBy(JSON.stringify({ ...other, dd: { service: "a" } }))).toEqual({
      traceId: "1".repeat(32),
      spanId: "2".repeat(16),
      service: "a",
    });
  });

  it.each(["__proto__", "constructor", "toString"])("with a key named %s is read without harm", (key) => {
    const inner = `{"trace_id":"${TRACE}","span_id":"${SPAN_DECIMAL}"}`;
    expect(contextOf(`{"${key}":${inner},"msg":"request"}`)).toBeNull();
    expect(contextOf(`{"${key}":{"dd":${inner}},"dd":{"${key}":${inner}},"trace":"x"}`)).toBeNull();
    expect(saidBy(`{"${key}":7,"dd":${inner}}`)).toEqual({ ...full, isDatadog: true });
    expect({}).not.toHaveProperty("trace_id");
  });
});

describe("captured log lines", () => {
  const contexts = (file: string): (LogContext | null)[] => capturedMessages(file).map(contextOf);
  const traceIds = (file: string): string[] =>
    [...new Set(contexts(file).map((context) => context?.traceId ?? ""))].filter(Boolean);

  it("tell one trace in two spellings", () => {
    expect(traceIds("dd-trace-js/loggers-textformat.lambda-events.jsonl")).toEqual([
      "6b00f9a9000000006b58d019a9cb0a10",
      "00000000000000006b58d019a9cb0a10",
    ]);
  });

  it("tell ids in 64 bits where the tracer logs so", () => {
    expect(traceIds("dd-trace-js/loggers-64bit-logging.lambda-events.jsonl")).toEqual([
      "00000000000000002c444fc3b4f6d013",
    ]);
  });

  it("tell ids of OpenTelemetry's instrumentations", () => {
    expect(contexts("otel-loggers/pino-winston-instrumentation.lambda-events.jsonl").slice(-2)).toMatchObject([
      { traceId: "876c0a9fd08adee5a7c603e0b682b583", spanId: "ed9fa3682528c8c6" },
      { traceId: "876c0a9fd08adee5a7c603e0b682b583", spanId: "ed9fa3682528c8c6" },
    ]);
  });

  it("tell Powertools' request and X-Ray ids, child loggers only the latter", () => {
    const [, , info, , child] = contexts("powertools/powertools-logger.lambda-events.jsonl");
    const xrayTraceId = "5759e988bd862e3fe1be46a994272793";
    expect(info).toMatchObject({
      requestId: "0fb9d0c4-67c5-45fc-bda4-c537567ba1d6",
      isRequestIdCertain: true,
      xrayTraceId,
    });
    expect(child).toMatchObject({ requestId: "", xrayTraceId });
  });

  it("takes a request id for the function's own where a runtime writes it, not where a logger was given one", () => {
    const line = { timestamp: "2026-11-21T01:53:45.592Z", level: "INFO", requestId: REQUEST, message: "m" };
    const { timestamp, ...others } = line;
    const certain = (log: object): boolean | undefined => contextOf(JSON.stringify(log))?.isRequestIdCertain;
    expect(certain(line)).toBe(true);
    expect(certain({ ...others, timestamp })).toBe(false);
  });
});
