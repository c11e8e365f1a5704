import { readdirSync, readFileSync } from "node:fs";
import type { Context } from "aws-lambda";
import type { Explanation } from "../../../src/cli/explain/explanation.ts";
import { explanationsOf } from "../../../src/cli/explain/explanations.ts";
import { readOtlpSettings } from "../../../src/config/otlp.ts";
import { parseConfig } from "../../../src/config.ts";
import { createForwarder } from "../../../src/handlers/forwarder.ts";
import { decodeAgentPayload } from "../../../src/viewer/agent-payload.ts";
import { A_REQUEST, aDelivery, capturedMessages, type EventGiven } from "../../helpers/deliveries.ts";
import { anIntake } from "../../helpers/intake.ts";
import { aPayload } from "../../helpers/payloads.ts";
import { BUCKET } from "../../helpers/s3-notices.ts";
import { type S3Server, startS3 } from "../../helpers/s3-server.ts";
import { sampleObjects, sampleReach } from "../../helpers/sample-objects.ts";
import { A_FORWARDER, A_KEY, aConfig } from "../../helpers/telemetry.ts";

const events = readdirSync("events").filter((file) => file.endsWith(".json"));
const X_RAY = "1-6b00f9d5-aaaabbbbccccddddeeeeffff";
const START = `START RequestId: ${A_REQUEST} Version: $LATEST\n`;
const REPORT = `REPORT RequestId: ${A_REQUEST}\tDuration: 1.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 50 MB\t`;

describe("what explain says is sent", () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3();
    Object.assign(process.env, s3.environment);
    for (const [key, content] of sampleObjects()) s3.s3.store(BUCKET, key, content);
  });
  afterAll(() => s3.stop());

  const settings: Record<string, string>[] = [
    {},
    { REDACT_IP: "true", EXCLUDE_AT_MATCH: "thinking about t", DD_TAGS: "service:mine,a:b" },
    { FUNCTION_SPANS: "true", LOG_SAMPLING_RATE: "0" },
    { DD_FORWARD_LOG: "false", DD_SCRUBBING_RULE: "think", DD_SCRUBBING_RULE_REPLACEMENT: "t" },
  ];

  it.each(settings)("is what the function sends, of every sample event, with %j", async (given) => {
    for (const file of events) {
      const event = JSON.parse(readFileSync(`events/${file}`, "utf8"));
      const sent = (await explain(event, given)).flatMap(({ sent: items }) => items);
      const itemsFor = (name: string) => sent.filter(({ destination }) => destination === name).map(({ item }) => item);
      const { logs, traces, points } = await sentByFunction(event, given);
      expect(itemsFor("datadog-logs")).toEqual(logs);
      expect(itemsFor("datadog-traces").flat()).toEqual(traces);
      expect(pointsIn(itemsFor("datadog-metrics") as Series[])).toEqual(points);
    }
  });
});

describe("an explanation", () => {
  it("is there for every log event of every sample, in order, with its message", async () => {
    for (const file of readdirSync("events/decoded")) {
      const { messageType, logEvents } = JSON.parse(readFileSync(`events/decoded/${file}`, "utf8"));
      const explanations = await explain(JSON.parse(readFileSync(`events/${file}`, "utf8")));
      if (messageType === "CONTROL_MESSAGE") {
        expect(explanations).toMatchObject([{ event: 0, kind: "dropped", leftOut: "controlMessage", sent: [] }]);
        continue;
      }
      const firsts = explanations.filter(({ log }) => log <= 1);
      expect(firsts.map(({ event }) => event)).toEqual(logEvents.map((_: unknown, index: number) => index + 1));
      expect(firsts.map(({ id, message }) => ({ id, message }))).toEqual(
        logEvents.map(({ id, message }: { id: string; message: string }) => ({ id, message })),
      );
    }
  });

  it("is there for what its source left out, and counts it before the others", async () => {
    const explanations = await explain(JSON.parse(readFileSync("events/s3-notification.json", "utf8")));
    expect(explanations.map(({ kind, event, leftOut }) => [kind, event, leftOut])).toEqual([
      ["dropped", 0, "noNewObject"],
      ...[2, 3, 4].map((event) => ["log", event, ""]),
    ]);
  });

  it("numbers the events of a delivery that is read in slices", async () => {
    const messages = Array.from({ length: 3000 }, (_, index) => `${index} ${"x".repeat(80)}`);
    const explanations = await explain(aDelivery(messages, { logGroup: "/ecs/nginx" }));
    expect(explanations.map(({ message }) => message)).toEqual(messages);
    expect(explanations.at(-1)?.event).toBe(3000);
  });

  it.each([
    ['{"traces":[[{"trace_id":"1","span', "its JSON is cut short or damaged"],
    ['{"traces":[]}', "traces is empty"],
    ['{"traces":[{}]}', "trace 1 is no list of spans"],
    ['{"traces":[[]]}', "trace 1 has no spans"],
    ['{"traces":[[7]]}', "span 1 is no object"],
    ['[{"traces":[[]]}]', "it is JSON, but no object"],
    ['{"traces":[[{"name":"a","span_id":"1"}]]}', "span 1 has no trace_id"],
    ['{"traces":[[{"trace_id":"zz","span_id":"1"}]]}', "span 1 has a trace_id that cannot be one"],
    ['{"traces":[[{"trace_id":"1","span_id":"1","meta":7}]]}', "span 1 has a meta that cannot be one"],
    [
      '{"traces":[[{"trace_id":"1","span_id":"1","meta":7,"start":""}]]}',
      "span 1 has more than one field that cannot be one",
    ],
    [
      '{"traces":[[{"trace_id":"1","span_id":"1"}],[{"trace_id":"1","span_id":"2"},{"trace_id":"2","span_id":"3"}]]}',
      "the spans of list 2 have more than one trace id",
    ],
    ['{"traces":[[{"trace_id":"1","span_id":"1"}],[{"trace_id":"1"}]]}', "span 1 of list 2 has no span_id"],
    ['{"m":"a","v":"1","e":1,"t":[]}', "it has the keys of a metric line, but its m, v, e or t cannot be one"],
  ])("says why %s is a log", async (message, why) => {
    const [{ kind, why: said } = {} as Explanation] = await explain(aDelivery([message]));
    expect({ kind, said: said?.join() }).toEqual({ kind: "log", said: expect.stringContaining(why) });
  });

  it("tells a trace line and a metric line by their formats, with what is sent of each", async () => {
    const trace = '{"traces":[[{"trace_id":"1","span_id":"2","name":"a","start":1,"duration":1}]]}';
    const metric = '{"m":"coffee","v":1,"e":1795226069,"t":["a:b"]}';
    const explanations = await explain(aDelivery([trace, metric, "text"]));
    expect(explanations.map(({ kind, why }) => `${kind}: ${why[0]}`)).toEqual([
      expect.stringMatching(/^trace line: a trace line of datadog with 1 spans/),
      "metric line: a metric line: coffee",
      "log: no format takes it for its own (metric line, trace line of datadog, otlp-stdout, otlp-json, aws-spans, xray, zipkin)",
    ]);
    expect(explanations.map(({ sent }) => sent.map(({ destination }) => destination))).toEqual([
      ["datadog-traces"],
      ["datadog-metrics"],
      ["datadog-logs"],
    ]);
  });

  it("says by what a log is tied to its request", async () => {
    const other = "00000000-0000-4000-8000-000000000000";
    const messages = [
      "before",
      `{"requestId":"${other}","message":"somebody's"}`,
      START,
      "inside",
      `2026-11-21T01:54:29.870Z\t${A_REQUEST}\tINFO\tnamed`,
      `{"request_id":"${A_REQUEST}","message":"confirmed"}`,
      REPORT,
    ];
    const explanations = await explain(aDelivery(messages));
    expect(explanations.map(({ request }) => [request.is?.requestId ?? "", request.by])).toEqual([
      ["", expect.stringContaining("stands in none that is surely")],
      ["", expect.stringContaining(`the line says ${other}, but`)],
      [A_REQUEST, "Lambda's START line names it"],
      [A_REQUEST, "the line stands in that request"],
      [A_REQUEST, expect.stringContaining("where the runtime or a Lambda library writes it")],
      [A_REQUEST, expect.stringContaining("and stands in that request")],
      [A_REQUEST, "Lambda's REPORT line names it"],
    ]);
  });

  it("says by what a log is tied to its trace", async () => {
    const span = {
      trace_id: "a1",
      span_id: "b1",
      name: "aws.lambda",
      type: "serverless",
      start: 1_795_226_069_000_000_000,
      duration: 5_000_000,
    };
    const naming = JSON.stringify({ traces: [[{ ...span, meta: { request_id: A_REQUEST } }]] });
    const written = JSON.stringify({ traces: [[span]] });
    const carrying = "[dd.trace_id=161 dd.span_id=177] carrying";
    const by = async (...messages: string[]) =>
      (await explain(aDelivery([START, "a log", ...messages, REPORT])))[1]?.trace;
    expect(await by(naming)).toMatchObject({
      is: { spanId: "00000000000000b1" },
      by: "stream-position: span 00000000000000b1 (aws.lambda) of event 3 names the request",
    });
    expect(await by(written)).toMatchObject({
      by: "stream-position: the only trace that was written during the request, in event 3",
    });
    expect(await by(carrying)).toMatchObject({
      by: "trace-id: all ids that the request's lines carry are this one's, as in event 3",
    });
    expect(await by(JSON.stringify({ function_request_id: A_REQUEST, xray_trace_id: X_RAY }))).toMatchObject({
      by: "xray: X-Ray's id, in event 3",
    });
    expect(await by(carrying, "[dd.trace_id=162 dd.span_id=177] other")).toEqual({
      is: null,
      by: "2 traces are possible, and a missing link is better than a wrong one",
    });
    expect(await by()).toMatchObject({ is: null, by: expect.stringContaining("nothing that was written") });
    const alone = await explain(aDelivery([carrying, `Root=${X_RAY}`, "nothing"]));
    expect(alone.map(({ trace }) => trace.by)).toEqual([
      "own-ids: the line carries them, where Datadog finds them",
      "xray: the line carries X-Ray's id, and belongs to no known request",
      "the line carries no ids, and its request is not known",
    ]);
  });

  it("says where a log comes from, and by what rule", async () => {
    const originFor = async (given: EventGiven | string, envelope = {}, env = {}) =>
      (await explain(aDelivery([given], envelope), env))[0]?.origin;
    expect(await originFor("a")).toMatchObject({
      source: "lambda",
      sourceBy: "the log group is a Lambda function's",
      hostBy: "the function's ARN",
      service: "thinker-microservice",
      serviceBy: "the function's name",
      tags: expect.arrayContaining(["aws_account:123456789012", "env:none"]),
    });
    expect(await originFor("a", { logGroup: "/ecs/a" }, { DD_TAGS: "service:mine" })).toMatchObject({
      sourceBy: "no other source fits the log group's name",
      host: "/ecs/a",
      hostBy: "the log group's name",
      serviceBy: "DD_TAGS",
    });
    expect(await originFor("a", { logGroup: "/aws/kinesis/a" })).toMatchObject({
      source: "kinesis",
      serviceBy: "the source",
    });
    expect(await originFor('{"ddtags":"service:own"}', {}, { DD_SOURCE: "x" })).toMatchObject({
      sourceBy: "DD_SOURCE",
      service: "own",
      serviceBy: "ddtags of the message",
    });
  });

  it("says what settings did: left out, scrubbed, obfuscated", async () => {
    const span = { trace_id: "a1", span_id: "b1", type: "sql", start: 1, duration: 1 };
    const sql = JSON.stringify({ traces: [[{ ...span, resource: "SELECT 1", meta: { ip: "10.0.0.1" } }]] });
    const explanations = await explain(aDelivery(["10.0.0.1", "health ok", "other", sql]), {
      REDACT_IP: "true",
      EXCLUDE_AT_MATCH: "health",
      INCLUDE_AT_MATCH: "\\d",
    });
    expect(explanations.map(({ leftOut, changes }) => [leftOut, changes])).toEqual([
      ["", ["the message or its fields were scrubbed"]],
      ["EXCLUDE_AT_MATCH", []],
      ["INCLUDE_AT_MATCH", []],
      ["", ["spans were changed in resource, sql.query", "spans were changed in ip"]],
    ]);
    expect(explanations.map(({ sent }) => sent.length)).toEqual([1, 0, 0, 1]);
  });

  it("tells that a forwarder's own log goes nowhere", async () => {
    const explanations = await explain(aDelivery(["a", "b"], { logGroup: A_FORWARDER.logGroup }));
    expect(explanations).toMatchObject([
      { event: 1, kind: "dropped", message: "a", leftOut: "ownLogGroup", sent: [] },
      { event: 2, kind: "dropped", message: "b", leftOut: "ownLogGroup", sent: [] },
    ]);
  });

  it.each([
    ['{"traceId":"1","localEndpoint":{},"timestamp":1}', "of zipkin, and is none: a span needs a traceId"],
    ['{"resourceSpans":[{"x":{"startTimeUnixNano":"a"}}]}', "of otlp-json, and is none: "],
    ['{"traceId":"zz","resource":{},"startTimeUnixNano":1}', "of aws-spans, and is none: a span needs a resource"],
    ['{"trace_id":"1-2","id":"3","start_time":1}', "of xray, and is none: a segment needs"],
  ])("says what %s lacks to be a trace line", async (message, why) => {
    const [{ kind, why: said } = {} as Explanation] = await explain(aDelivery([message]));
    expect([kind, said?.join()]).toEqual(["log", expect.stringContaining(why)]);
  });

  it("says why a format lets a line go no further", async () => {
    const explanations = await explain(JSON.parse(readFileSync("events/aws-spans.json", "utf8")));
    const unfinished = explanations.filter(({ leftOut }) => leftOut === "unfinishedSpan");
    expect(unfinished.length).toBeGreaterThan(0);
    for (const { kind, why, sent } of unfinished) {
      expect([kind, why[0], sent]).toEqual(["dropped", expect.stringContaining("has not ended"), []]);
    }
    const damaged = '{"__otel_otlp_stdout":"1","endpoint":"/v1/traces","payload":"AAAA","headers":{"key":"secret"}';
    const [unreadable] = await explain(aDelivery([damaged]));
    expect(unreadable).toMatchObject({ kind: "dropped", leftOut: "unreadableOtlp", sent: [] });
  });

  it("tells of each log that an event became", async () => {
    const records = await explain(JSON.parse(readFileSync("events/otlp-json.json", "utf8")));
    const unpacked = records.filter(({ logs }) => logs > 1);
    expect(unpacked.map(({ log }) => log)).toEqual([1, 2]);
    for (const { why, sent, trace } of unpacked) {
      expect([why[0], sent.length]).toEqual(["it is one of the 2 log records in a line of otlp-json", 1]);
      expect(trace.by).toContain("own-ids: ");
    }
    const findings = await explain(JSON.parse(readFileSync("events/eventbridge-security-hub.json", "utf8")));
    expect(findings.length).toBeGreaterThan(1);
    for (const { event, why, sent, origin } of findings) {
      expect([event, sent.length, origin?.source]).toEqual([1, 1, "securityhub"]);
      expect(why[0]).toMatch(/^it is one of the \d findings in an event of Security Hub$/);
    }
  });

  it.each(["eventbridge-guardduty", "sns-notifications", "sqs-messages"])(
    "tells of events without a log group: %s",
    async (name) => {
      const explanations = await explain(JSON.parse(readFileSync(`events/${name}.json`, "utf8")));
      expect(explanations.length).toBeGreaterThan(0);
      for (const { kind, logGroup, sent, origin } of explanations) {
        expect([kind, logGroup, sent.length]).toEqual(["log", "", 1]);
        expect(origin?.sourceBy).toBe("the AWS service that the event is of");
      }
    },
  );

  it("shows the span that is made of a request's lines with its REPORT, and links the others to it", async () => {
    const event = JSON.parse(readFileSync("events/lambda-without-tracer.json", "utf8"));
    const explanations = await explain(event, { FUNCTION_SPANS: "true" });
    const made = explanations.filter(({ why }) =>
      why.includes("a span is made of it and the other lines of its request"),
    );
    expect(made.map(({ message }) => message.slice(0, 6))).toEqual(["REPORT", "REPORT"]);
    for (const { sent } of made) {
      expect(sent.filter(({ destination }) => destination === "datadog-traces")).toHaveLength(1);
    }
    const by = explanations.map(({ trace }) => trace.by.split(":")[0]);
    expect(by.filter((method) => method === "function-span")).toHaveLength(9);
  });

  it("tells of logs that wait for their trace in a later slice, in their place", async () => {
    const [before, between] = ["aaaaaaaa", "bbbbbbbb"].map((front) => `${front}-d7c3-4384-96ee-476da62d3ad6`) as [
      string,
      string,
    ];
    const platform = (type: string, requestId: string): string =>
      JSON.stringify({ time: "2026-11-21T01:53:45.858Z", type: `platform.${type}`, record: { requestId } });
    const line = (id: string, text: string): string => `2026-11-21T01:54:29.870Z\t${id}\tINFO\t${text}`;
    const trace = (id: string, traceId: string): string => aPayload({ trace_id: traceId, meta: { request_id: id } });
    const long = (id: string): string[] =>
      Array.from({ length: 70 }, (_, at) => line(id, `${at} ${"x".repeat(1_000)}`));
    // Several requests at once: the trace of one comes slices after its first line.
    const messages = [
      ...[platform("start", before), trace(before, "cc"), platform("report", before)],
      ...[platform("start", A_REQUEST), line(A_REQUEST, "waits")],
      ...[platform("start", between), ...long(between), trace(between, "bb"), platform("report", between)],
      ...[platform("start", before), ...long(before), trace(A_REQUEST, "aa"), platform("report", A_REQUEST)],
    ];
    const explanations = await explain(aDelivery(messages));
    expect(explanations.map(({ event, message }) => [event, message])).toEqual(
      messages.map((message, index) => [index + 1, message]),
    );
    for (const { sent } of explanations) expect(sent.length).toBeGreaterThan(0);
    expect(explanations[4]?.trace.by).toMatch(/^remembered: /);
  });

  it("shows what each backend would get, OpenTelemetry's with its attributes as an object", async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector" };
    const span = { trace_id: "a1", span_id: "b1", name: "aws.lambda", type: "serverless", start: 1, duration: 1 };
    const trace = JSON.stringify({ traces: [[{ ...span, meta: { request_id: A_REQUEST } }]] });
    const explanations = await explain(aDelivery([START, "in", trace]), env);
    const [, log, line] = explanations.map(({ sent }) => sent);
    expect(log?.map(({ destination }) => destination)).toEqual(["datadog-logs", "otlp-logs"]);
    expect(log?.[1]?.item).toMatchObject({
      resource: { attributes: { "faas.name": "thinker-microservice" } },
      scopeLogs: [{ logRecords: [{ body: "in", attributes: { "correlation.method": "stream-position" } }] }],
    });
    expect(line?.[1]).toMatchObject({
      destination: "otlp-traces",
      item: { scopeSpans: [{ spans: [{ spanId: "00000000000000b1" }] }] },
    });
  });

  it("says for which kind of telemetry no backend has an endpoint", async () => {
    const config = { ...aConfig(), ...readOtlpSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://collector" }) };
    const explanations: Explanation[] = [];
    const given = { ...config, sendsToDatadog: false, otlp: config.otlp ?? null };
    for await (const it of explanationsOf(aDelivery(["a log"]), given, A_FORWARDER)) explanations.push(it);
    expect(explanations).toMatchObject([{ leftOut: "no endpoint for logs", sent: [] }]);
  });

  it("takes real output of tracers and loggers", async () => {
    const explanations = await explain(
      aDelivery(capturedMessages("dd-trace-js/loggers-jsonformat.lambda-events.jsonl")),
    );
    expect(explanations.filter(({ kind }) => kind === "trace line").length).toBeGreaterThan(0);
    for (const { why } of explanations) expect(why.length).toBeGreaterThan(0);
  });
});

async function explain(event: unknown, env: Record<string, string> = {}): Promise<Explanation[]> {
  const explanations: Explanation[] = [];
  const config = parseConfig({ DD_API_KEY: A_KEY, ...env }, readOtlpSettings(env));
  for await (const explanation of explanationsOf(event, config, A_FORWARDER, sampleReach))
    explanations.push(explanation);
  return explanations;
}

interface Series {
  metric: string;
  points: [number, number[]][];
  tags: string[];
}

/** The real function with a real intake. */
async function sentByFunction(event: unknown, settings: Record<string, string>) {
  const intake = await anIntake();
  const env = {
    DD_API_KEY: A_KEY,
    DD_URL: "127.0.0.1",
    DD_PORT: String(intake.port),
    DD_NO_SSL: "true",
    DD_TRACE_INTAKE_URL: intake.url,
    DD_API_URL: intake.url,
    AWS_LAMBDA_LOG_GROUP_NAME: A_FORWARDER.logGroup,
    ...settings,
  };
  const { invokedFunctionArn, functionName } = A_FORWARDER;
  const context = {
    invokedFunctionArn,
    functionName,
    functionVersion: "$LATEST",
    getRemainingTimeInMillis: () => 10_000,
  };
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  await createForwarder(env)(event, context as Context);
  write.mockRestore();
  const logs = intake.logs().map((log) => ownVersion(log));
  const traces = intake.tracePayloads().flatMap((body) => decodeAgentPayload(body).tracerPayloads.map(ownVersion));
  const points = pointsIn((intake.series() as unknown as Series[]).map(ownVersion));
  await intake.stop();
  return { logs, traces, points };
}

/** With the version of the forwarder that the explanations are for. */
function ownVersion<Item>(item: Item): Item {
  const renamed = JSON.stringify(item).replaceAll(
    "forwarder_version:0.0.0",
    `forwarder_version:${A_FORWARDER.version}`,
  );
  return JSON.parse(renamed.replaceAll('"forwarder_version":"0.0.0"', `"forwarder_version":"${A_FORWARDER.version}"`));
}

/** Each point by itself: series of one metric are joined in a request. */
function pointsIn(series: Series[]): string[] {
  return series
    .flatMap(({ metric, points, tags }) =>
      points.flatMap(([time, values]) => values.map((value) => JSON.stringify([metric, time, value, tags]))),
    )
    .sort();
}
