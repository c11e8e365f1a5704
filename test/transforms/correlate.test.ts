import { lowHalf } from "../../src/formats/trace-ids.ts";
import type { LogRecord } from "../../src/telemetry.ts";
import { capturedMessages, type EventGiven } from "../helpers/deliveries.ts";
import { linkOf, linksOf, spansIn } from "../helpers/links.ts";
import { aPayload } from "../helpers/payloads.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const OTHER = "d75a5068-8e45-436d-923b-ac8606fc669b";
const HIGH = "6b00f9d500000000";
const LOW = "414ae78d188f3825";
const [TRACE, HANDLER, CHILD] = [HIGH + LOW, "651c77517ea37a55", "736a1abf98822f77"];
const FOREIGN = "1111111111111111aaaaaaaaaaaaaaaa";
const XRAY = "1-6ac7d556-032906e375c910cf42cb849e";
const XRAY_ID = "6ac7d556032906e375c910cf42cb849e";

const START = `START RequestId: ${REQUEST} Version: $LATEST\n`;
const END = `END RequestId: ${REQUEST}\n`;
const REPORT = `REPORT RequestId: ${REQUEST}\tDuration: 1 ms\t\n`;
const TRACED_REPORT = `${REPORT}XRAY TraceId: ${XRAY}\tSegmentId: ${HANDLER}\tSampled: true\t\n`;
const runtimeLine = (text: string, id = REQUEST): string => `2026-11-21T01:53:45.858Z\t${id}\tINFO\t${text}\n`;
const carrying = (traceId: string, spanId: string): string => JSON.stringify({ trace_id: traceId, span_id: spanId });

/** A wrapper's payload line: the handler's span names its request, another is its child. */
const named = aPayload(
  { span_id: HANDLER, meta: { request_id: REQUEST, "_dd.p.tid": HIGH, env: "dev", version: "0.1.0" } },
  { span_id: CHILD, parent_id: HANDLER, name: "think", type: "" },
);
/** A payload line of a tracer without a wrapper. */
const unnamed = aPayload(
  { span_id: HANDLER, name: "job.run", type: "", meta: { "_dd.p.tid": HIGH, env: "dev" } },
  { span_id: CHILD, parent_id: HANDLER, name: "step", type: "" },
);

function linkOfLast(messages: (string | EventGiven)[]): { traceId: string; spanId: string } {
  return linkOf(telemetryOf(messages).logs.at(-1) as LogRecord);
}

const none = { traceId: "", spanId: "" };
const handler = { traceId: TRACE, spanId: HANDLER };

describe("a log", () => {
  it.each<[string, string[], object]>([
    [
      "keeps the ids it carries, whatever its request's are",
      [named, carrying(FOREIGN, CHILD)],
      { traceId: FOREIGN, spanId: CHILD },
    ],
    [
      "keeps the ids it carries inside another request",
      [START, named, carrying(FOREIGN, CHILD)],
      { traceId: FOREIGN, spanId: CHILD },
    ],
    ["gets the span that names the request id it carries", [named, runtimeLine("x")], handler],
    ["gets it by a request id in upper case", [named, runtimeLine("x", REQUEST.toUpperCase())], handler],
    ["gets it when the span is written later", [START, named, END, "x", runtimeLine("late")], handler],
    ["gets the span that names the request it stands in", [START, named, "x"], handler],
    ["gets the spans written in the request it stands in", [START, unnamed, "x"], handler],
    [
      "gets the trace without a span where several could be the request's",
      [START, aPayload({ span_id: "1" }, { span_id: "2" }), "x"],
      { traceId: `0000000000000000${LOW}`, spanId: "" },
    ],
    [
      "gets the trace that other logs of its request carry",
      [START, carrying(TRACE, CHILD), "x"],
      { traceId: TRACE, spanId: "" },
    ],
    [
      "gets X-Ray's trace id where no tracer ran",
      [runtimeLine("x"), TRACED_REPORT, runtimeLine("y")],
      { traceId: XRAY_ID, spanId: "" },
    ],
    [
      "gets X-Ray's trace id by its place",
      [START, JSON.stringify({ function_request_id: REQUEST, xray_trace_id: XRAY }), "x"],
      { traceId: XRAY_ID, spanId: "" },
    ],
    ["gets the tracer's id before X-Ray's", [START, named, TRACED_REPORT, runtimeLine("x")], handler],
    [
      "gets the carried id before X-Ray's",
      [START, carrying(TRACE, CHILD), TRACED_REPORT, runtimeLine("x")],
      { traceId: TRACE, spanId: "" },
    ],
    ["gets nothing of X-Ray's header that a request was sent with", [START, `{ trace: 'Root=${XRAY}' }`, "x"], none],
    [
      "gets nothing by a request id that an app logs, also where spans name that request",
      [named, JSON.stringify({ requestId: REQUEST })],
      none,
    ],
    ["gets nothing without a request", [named, "x"], none],
    ["gets nothing in a request without a trace", [START, "x"], none],
    ["gets nothing of the request before", [START, named, END, REPORT, "x"], none],
    [
      "gets nothing of an earlier attempt at its request, which Lambda began again",
      [START, named, END, REPORT, START, "x"],
      none,
    ],
    ["gets nothing of another request", [named, runtimeLine("x", OTHER)], none],
    [
      "gets nothing by a request id nobody knows",
      [
        START.replaceAll(REQUEST, OTHER),
        unnamed,
        END.replaceAll(REQUEST, OTHER),
        JSON.stringify({ request_id: REQUEST }),
      ],
      none,
    ],
    [
      "gets nothing where two traces were written in its request",
      [START, unnamed, aPayload({ trace_id: "5" }), "x"],
      none,
    ],
    [
      "gets nothing where two traces name its request",
      [named, aPayload({ trace_id: "5", meta: { request_id: REQUEST } }), runtimeLine("x")],
      none,
    ],
    [
      "gets nothing of X-Ray where a tracer ran and left a doubt",
      [START, unnamed, aPayload({ trace_id: "5" }), JSON.stringify({ xray_trace_id: XRAY })],
      none,
    ],
    [
      "gets nothing where the logs of its request carry two traces",
      [START, carrying(TRACE, CHILD), carrying(FOREIGN, CHILD), "x"],
      none,
    ],
    [
      "gets nothing where its request has two X-Ray ids",
      [TRACED_REPORT, TRACED_REPORT.replace(XRAY, XRAY.replace("6", "7")), runtimeLine("x")],
      none,
    ],
  ])("%s", (_, messages, expected) => expect(linkOfLast(messages)).toEqual(expected));

  it.each(["", " "])("is tied to the span of X-Ray that the handler only stands for%s", (space) => {
    const xray = { request_id: REQUEST, "_dd.p.tid": HIGH, "_dd.parent_source": "xray" };
    const line = aPayload(
      { span_id: HANDLER, parent_id: CHILD, name: "aws.lambda", type: "serverless", meta: xray },
      { span_id: "77", parent_id: HANDLER, name: "step", type: "" },
    );
    // With white space inside it is read from objects.
    const written = space ? line.replace('"traces":[', '"traces": [ ') : line;
    expect(linkOfLast([written, runtimeLine("x")])).toEqual({ traceId: TRACE, spanId: CHILD });
  });

  it("is tied to the handler, not to the span around it that names the request too", () => {
    const around = { span_id: "9", name: "aws.httpapi", type: "web", meta: { request_id: REQUEST } };
    const inside = { span_id: HANDLER, parent_id: "9", meta: { request_id: REQUEST } };
    expect(linkOfLast([aPayload(around, inside), runtimeLine("x")]).spanId).toBe(HANDLER);
  });

  it("tells service, env and version of its trace", () => {
    const [byRequest, byTrace, unknown] = telemetryOf([
      named,
      runtimeLine("x"),
      carrying(`${"0".repeat(16)}${LOW}`, CHILD),
      "x",
    ]).logs;
    const known = { traceId: TRACE, spanId: HANDLER, service: "thinker", env: "dev", version: "0.1.0" };
    expect(byRequest?.invocation).toEqual({ requestId: REQUEST, ...known });
    expect(byTrace?.invocation).toEqual({ requestId: "", ...known });
    expect(unknown?.invocation).toBeNull();
  });

  it("is not tied to spans whose request id is a key of every object", () => {
    for (const key of ["__proto__", "constructor"]) {
      expect(linkOfLast([aPayload({ meta: { request_id: key } }), JSON.stringify({ request_id: key })])).toEqual(none);
    }
  });
});

describe("the high half of a trace id", () => {
  it("is completed for every piece and every log of the trace", () => {
    const messages = [aPayload({ span_id: "1" }), named, `[dd.trace_id=${BigInt(`0x${LOW}`)} dd.span_id=5] x`];
    const { logs, tracePayloads } = telemetryOf(messages);
    expect(tracePayloads.map(({ traces }) => traces[0]?.traceId)).toEqual([TRACE, TRACE]);
    expect(logs[0]?.context?.traceId).toBe(TRACE);
  });

  it("is told by a log alone", () => {
    const { tracePayloads } = telemetryOf([aPayload({}), carrying(TRACE, CHILD)]);
    expect(tracePayloads[0]?.traces[0]?.traceId).toBe(TRACE);
  });

  it("stays unknown where two are claimed", () => {
    const { tracePayloads } = telemetryOf([
      aPayload({}),
      carrying(TRACE, CHILD),
      carrying(`1${TRACE.slice(1)}`, CHILD),
    ]);
    expect(tracePayloads[0]?.traces[0]?.traceId).toBe(`0000000000000000${LOW}`);
  });
});

describe("captured output", () => {
  it.each([
    ["dd-trace-js/loggers-textformat.lambda-events.jsonl", 16, 1, 15],
    ["dd-trace-js/loggers-jsonformat.lambda-events.jsonl", 16, 1, 15],
    ["dd-trace-js/loggers-64bit-logging.lambda-events.jsonl", 16, 1, 15],
    ["dd-trace-js/multi-span-http-error.lambda-events.jsonl", 12, 6, 11],
    ["dd-trace-js/thinker-microservice.lambda-events.jsonl", 5, 1, 3],
    ["dd-trace-js/thinker-api.lambda-events.jsonl", 3, 1, 2],
    ["dd-trace-js/plain-no-wrapper.lambda-events.jsonl", 3, 1, 1],
    ["dd-trace-js/plain-no-dd-env.lambda-events.jsonl", 3, 1, 1],
    ["dd-trace-js/big-many.stdout.log", 1, 3, 0],
    ["dd-trace-js/big-nonascii.stdout.log", 1, 2, 0],
    ["dd-trace-js/multi-span-http-error.stdout.log", 12, 6, 11],
    ["otel-loggers/pino-winston-instrumentation.lambda-events.jsonl", 5, 0, 2],
    ["powertools/powertools-logger.lambda-events.jsonl", 9, 0, 8],
    ["powertools/powertools-logger-alc-json.lambda-events.jsonl", 7, 0, 6],
    ["constructed-from-source/datadog-other-languages.log", 0, 5, 0],
    ["constructed-from-source/datadog-metric-lines.log", 0, 0, 0],
    ["constructed-from-source/aws-spans-log-group.jsonl", 0, 2, 0],
    ["otel-json/otlp-json.lambda-events.jsonl", 4, 1, 3],
    ["otel-stdout/simple-processor.lambda-events.jsonl", 1, 3, 0],
    ["constructed-from-source/platform-lines-json.jsonl", 7, 0, 3],
  ])("of %s has %i logs, %i trace payload lines, and %i linked logs", (file, logs, payloads, linked) => {
    const telemetry = telemetryOf(capturedMessages(file));
    expect([telemetry.logs.length, telemetry.tracePayloads.length]).toEqual([logs, payloads]);
    expect(linksOf(telemetry).filter(({ traceId }) => traceId)).toHaveLength(linked);
  });

  it.each([
    "loggers-textformat",
    "loggers-jsonformat",
    "loggers-64bit-logging",
    "multi-span-http-error",
    "thinker-microservice",
    "thinker-api",
    "plain-no-wrapper",
  ])("of %s links every log to a span that is there", (file) => {
    const telemetry = telemetryOf(capturedMessages(`dd-trace-js/${file}.lambda-events.jsonl`));
    const spans = spansIn(telemetry);
    const linked = linksOf(telemetry).filter(({ traceId }) => traceId);
    expect(linked.filter(({ traceId, spanId }) => !spans.has(`${lowHalf(traceId)}-${spanId}`))).toEqual([]);
    expect(new Set(linked.map(({ traceId }) => traceId.slice(0, 8)))).toEqual(
      new Set([linked[0]?.traceId.slice(0, 8)]),
    );
  });

  it("ties console, pino and winston lines of one request to one trace, and those in a child span to that", () => {
    const links = linksOf(telemetryOf(capturedMessages("dd-trace-js/loggers-textformat.lambda-events.jsonl"))).slice(2);
    expect(new Set(links.map(({ traceId }) => traceId))).toEqual(new Set(["6b00f9a9000000006b58d019a9cb0a10"]));
    const inChild = BigInt("2863203521169164834").toString(16).padStart(16, "0");
    expect(links.slice(-2).map(({ spanId }) => spanId)).toEqual([inChild, inChild]);
    expect(new Set(links.slice(0, -2).map(({ spanId }) => spanId))).toEqual(new Set(["6b58d019a9cb0a10"]));
  });

  it("ties both requests of one stream to their own traces", () => {
    const telemetry = telemetryOf(capturedMessages("dd-trace-js/multi-span-http-error.lambda-events.jsonl"));
    const byRequest = new Map(telemetry.logs.map((log) => [log.context?.requestId ?? "", linkOf(log).traceId]));
    expect(byRequest.get("62949458-731f-43b7-8d46-6818d5d06e53")).toBe("6b00f9a90000000027a9b0849defbd01");
    expect(byRequest.get("5b258f15-ef6d-4499-82a7-92d7a93d9ba3")).toBe("6b00f9a9000000006d8be57e32b9911b");
  });

  it("ties the line of a thrown error, which carries no trace id, to its request's span", () => {
    const telemetry = telemetryOf(capturedMessages("dd-trace-js/multi-span-http-error.lambda-events.jsonl"));
    expect(linkOf(telemetry.logs.at(-2) as LogRecord)).toEqual({
      traceId: "6b00f9a9000000006d8be57e32b9911b",
      spanId: "6d8be57e32b9911b",
    });
  });

  it("completes the pieces of a trace that was split over lines", () => {
    const telemetry = telemetryOf(capturedMessages("dd-trace-js/big-many.stdout.log"));
    const traceIds = telemetry.tracePayloads.flatMap(({ traces }) => traces.map(({ traceId }) => traceId));
    expect(traceIds).toEqual(Array(3).fill("6b00f9a90000000036a39b5fb759dfc5"));
    expect(telemetry.tracePayloads.flatMap(({ traces }) => traces.map(({ spanCount }) => spanCount))).toEqual(
      telemetry.tracePayloads.flatMap(({ decode }) => decode().map(({ spans }) => spans.length)),
    );
    expect(telemetry.tracePayloads.flatMap(({ decode }) => decode().flatMap(({ spans }) => spans))).toHaveLength(183);
  });

  it("ties the platform's lines around a captured request to its trace", () => {
    const id = "14ff4e83-8583-4905-92dc-a089e4ee6e6f";
    const lines = capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl");
    const messages = [
      `START RequestId: ${id} Version: $LATEST\n`,
      ...lines.slice(1),
      `END RequestId: ${id}\n`,
      `REPORT RequestId: ${id}\tDuration: 1 ms\n`,
    ];
    const telemetry = telemetryOf(messages);
    expect(linksOf(telemetry).map(({ traceId }) => traceId)).toEqual(Array(7).fill("6b00f9d500000000414ae78d188f3825"));
    expect(linksOf(telemetry)[0]?.spanId).toBe("51858fcaa70cd24b");
  });

  it("ties Powertools' lines to X-Ray's trace", () => {
    const links = linksOf(telemetryOf(capturedMessages("powertools/powertools-logger.lambda-events.jsonl"))).slice(1);
    expect(links).toEqual(Array(8).fill({ traceId: "5759e988bd862e3fe1be46a994272793", spanId: "" }));
  });

  it("ties platform lines as text to the request they name", () => {
    const lines = capturedMessages("constructed-from-source/platform-lines-text.log").map(
      (line) => (JSON.parse(line) as { message: string }).message,
    );
    const telemetry = telemetryOf(lines);
    const requests = telemetry.logs.map(({ invocation }) => invocation?.requestId.slice(0, 8) ?? "-");
    expect(requests).toEqual(["-", ...Array(7).fill("276ff3b9"), "-", "276ff3b9"]);
    expect(
      new Set(
        linksOf(telemetry)
          .slice(1, 8)
          .map(({ traceId }) => traceId),
      ),
    ).toEqual(new Set(["6ac7d556032906e375c910cf42cb849e"]));
  });
});
