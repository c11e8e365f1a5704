import { readdirSync, readFileSync } from "node:fs";
import type { Context } from "aws-lambda";
import type { Explanation } from "../../../src/cli/explain/explanation.ts";
import { explanationsOf } from "../../../src/cli/explain/explanations.ts";
import { createForwarder } from "../../../src/handlers/forwarder.ts";
import { decodeAgentPayload } from "../../../src/viewer/agent-payload.ts";
import { A_REQUEST, aDelivery, capturedMessages, type EventGiven } from "../../helpers/deliveries.ts";
import { anIntake } from "../../helpers/intake.ts";
import { A_FORWARDER, A_KEY, aConfig } from "../../helpers/telemetry.ts";

const events = readdirSync("events").filter((file) => file.endsWith(".json"));
const X_RAY = "1-6b00f9d5-aaaabbbbccccddddeeeeffff";
const START = `START RequestId: ${A_REQUEST} Version: $LATEST\n`;
const REPORT = `REPORT RequestId: ${A_REQUEST}\tDuration: 1.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 50 MB\t`;

describe("what explain says is sent", () => {
  const settings: Record<string, string>[] = [
    {},
    { REDACT_IP: "true", EXCLUDE_AT_MATCH: "thinking about t", DD_TAGS: "service:mine,a:b" },
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
    for (const file of events) {
      const { messageType, logEvents } = JSON.parse(readFileSync(`events/decoded/${file}`, "utf8"));
      const explanations = await explain(JSON.parse(readFileSync(`events/${file}`, "utf8")));
      if (messageType === "CONTROL_MESSAGE") {
        expect(explanations).toMatchObject([{ event: 0, kind: "dropped", leftOut: "controlMessage", sent: [] }]);
        continue;
      }
      expect(explanations.map(({ event }) => event)).toEqual(logEvents.map((_: unknown, index: number) => index + 1));
      expect(explanations.map(({ id, message }) => ({ id, message }))).toEqual(
        logEvents.map(({ id, message }: { id: string; message: string }) => ({ id, message })),
      );
    }
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
    ['{"traces":{}}', "traces is no list"],
    ['{"traces":[{}]}', "trace 1 is no list of spans"],
    ['{"traces":[[]]}', "trace 1 has no spans"],
    ['{"traces":[[7]]}', "span 1 is no object"],
    ['[{"traces":[[]]}]', "does not begin with it"],
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
      "log: no format takes it for its own (metric line, trace line of datadog)",
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
      ["", expect.stringContaining("stands between no START and END")],
      ["", expect.stringContaining(`the line says ${other}, but`)],
      [A_REQUEST, "Lambda's START line names it"],
      [A_REQUEST, "the line stands in that request"],
      [A_REQUEST, expect.stringContaining("where the runtime or a Lambda library writes it")],
      [A_REQUEST, expect.stringContaining("a line of Lambda's or a span says")],
      [A_REQUEST, "Lambda's REPORT line names it"],
    ]);
  });

  it("says by what a log is tied to its trace", async () => {
    const span = { trace_id: "a1", span_id: "b1", name: "aws.lambda", type: "serverless", start: 1, duration: 1 };
    const naming = JSON.stringify({ traces: [[{ ...span, meta: { request_id: A_REQUEST } }]] });
    const written = JSON.stringify({ traces: [[span]] });
    const carrying = "[dd.trace_id=161 dd.span_id=177] carrying";
    const by = async (...messages: string[]) =>
      (await explain(aDelivery([START, "a log", ...messages, REPORT])))[1]?.trace;
    expect(await by(naming)).toMatchObject({
      is: { spanId: "00000000000000b1" },
      by: "span 00000000000000b1 (aws.lambda) of event 3 names the request",
    });
    expect(await by(written)).toMatchObject({ by: "the only trace that was written during the request, in event 3" });
    expect(await by(carrying)).toMatchObject({
      by: "all ids that the request's lines carry are this one's, as in event 3",
    });
    expect(await by(`X-Ray TraceId: ${X_RAY}`)).toMatchObject({ by: "X-Ray's id, in event 3" });
    expect(await by(carrying, "[dd.trace_id=162 dd.span_id=177] other")).toEqual({
      is: null,
      by: "2 traces are possible, and a missing link is better than a wrong one",
    });
    expect(await by()).toMatchObject({ is: null, by: expect.stringContaining("nothing that was written") });
    const alone = await explain(aDelivery([carrying, `Root=${X_RAY}`, "nothing"]));
    expect(alone.map(({ trace }) => trace.by)).toEqual([
      "the line carries them, where Datadog finds them",
      "the line carries X-Ray's id, and belongs to no known request",
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
  for await (const explanation of explanationsOf(event, aConfig(env), A_FORWARDER)) explanations.push(explanation);
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
