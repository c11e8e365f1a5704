import fc from "fast-check";
import { messageOf } from "../src/formats/message.ts";
import { readTelemetry } from "../src/pipeline.ts";
import type { LogRecord } from "../src/telemetry.ts";
import { GENERATION_KEY } from "../src/telemetry.ts";
import { aDelivery, capturedMessages } from "./helpers/deliveries.ts";
import { linkOf } from "./helpers/links.ts";
import { aPayload } from "./helpers/payloads.ts";
import { A_FORWARDER, readingOf, telemetryOf } from "./helpers/telemetry.ts";

const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const MEGABYTE = 1_000_000;

describe("the pure half", () => {
  it("tells the resource, logs, traces and metrics of a delivery", async () => {
    const messages = capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl");
    const { events, dropped, telemetry } = await readingOf(aDelivery(messages));
    expect({ events, dropped }).toEqual({ events: 7, dropped: {} });
    expect(telemetry[0]?.resource.attributes["faas.name"]).toBe("thinker-microservice");
    expect(telemetry[0]?.logs).toHaveLength(5);
    expect(telemetry[0]?.tracePayloads).toHaveLength(1);
    expect(telemetry[0]?.metrics).toMatchObject([{ name: "aws.lambda.enhanced.invocations", isLine: true }]);
  });

  it("forwards nothing of the forwarder's own log group, and counts it", async () => {
    const own = aDelivery(["one", aPayload({}), "three"], { logGroup: A_FORWARDER.logGroup });
    expect(await readingOf(own)).toMatchObject({ events: 3, dropped: { ownLogGroup: 3 }, telemetry: [] });
  });

  it("forwards the log of another forwarder, but not of one that forwards forwarders' logs", async () => {
    const aLine = (generation: number): string =>
      JSON.stringify({ message: "ledger", [GENERATION_KEY]: generation, ledger: {} });
    const first = await readingOf(aDelivery(["START", aLine(0), "END"], { logGroup: "/aws/lambda/other" }));
    expect(first).toMatchObject({ events: 3, dropped: {}, generation: 0 });
    expect(first.telemetry[0]?.logs).toHaveLength(3);
    const second = await readingOf(aDelivery(["START", aLine(1), "END"], { logGroup: "/aws/lambda/other" }));
    expect(second).toMatchObject({ events: 3, dropped: { forwarderLoop: 3 }, telemetry: [], generation: -1 });
    expect(await readingOf(aDelivery(["no ledger"]))).toMatchObject({ generation: -1 });
  });

  it("forwards log groups whose name is only like its own", async () => {
    for (const logGroup of [
      `${A_FORWARDER.logGroup}2`,
      A_FORWARDER.logGroup.toLowerCase(),
      `x${A_FORWARDER.logGroup}`,
      "/",
    ]) {
      expect(await readingOf(aDelivery(["one"], { logGroup }))).toMatchObject({
        dropped: {},
        telemetry: [{}],
      });
    }
  });

  it("counts what it leaves out", async () => {
    const control = aDelivery(["CWL CONTROL MESSAGE"], { messageType: "CONTROL_MESSAGE", logGroup: "", logStream: "" });
    expect(await readingOf(control)).toMatchObject({ events: 1, dropped: { controlMessage: 1 }, telemetry: [] });
  });

  it("makes the lists of AWS WAF's logs objects by name, and no other logs'", async () => {
    const waf = '{"httpRequest":{"headers":[{"name":"a","value":"b"}]}}';
    const messages = [waf, "[]", "null", '"text"', "7", "no JSON", ""];
    const bodies = async (source: string): Promise<(string | undefined)[]> => {
      const all: (string | undefined)[] = [];
      for await (const { telemetry } of readTelemetry(aDelivery(messages), A_FORWARDER, [], { source }))
        for (const { logs, slice } of telemetry) all.push(...logs.map((log) => messageOf(log, slice)));
      return all;
    };
    expect(await bodies("waf")).toEqual(['{"httpRequest":{"headers":{"a":"b"}}}', ...messages.slice(1)]);
    expect(await bodies("")).toEqual(messages);
  });

  it("accounts for every event, whatever its lines are", async () => {
    const files = [
      "dd-trace-js/loggers-textformat.lambda-events.jsonl",
      "constructed-from-source/datadog-other-languages.log",
      "constructed-from-source/datadog-metric-lines.log",
      "constructed-from-source/platform-lines-text.log",
    ];
    const lines = [...files.flatMap(capturedMessages), `START RequestId: ${REQUEST}`, `END RequestId: ${REQUEST}`];
    const aLine = fc
      .tuple(fc.oneof(fc.constantFrom(...lines), fc.json(), fc.string({ unit: "binary" })), fc.nat(), fc.nat(3))
      .map(([line, at, cut]) => line.slice(0, at % (line.length + 1)) + line.slice((at % (line.length + 1)) + cut));
    await fc.assert(
      fc.asyncProperty(fc.array(aLine, { minLength: 1, maxLength: 10 }), async (messages) => {
        const { events, telemetry } = await readingOf(aDelivery(messages));
        const [{ logs, tracePayloads, metrics, slice }] = telemetry as [(typeof telemetry)[number]];
        const metricLines = metrics.filter(({ isLine }) => isLine);
        expect(logs.length + tracePayloads.length + metricLines.length).toBe(events);
        for (const log of logs) {
          expect(messageOf(log, slice)).toBe(messages[log.index]);
          const { traceId, spanId } = linkOf(log);
          expect(`${traceId}-${spanId}`).toMatch(/^([0-9a-f]{32})?-([0-9a-f]{16})?$/);
        }
      }),
    );
  });

  it.each(["__proto__", "constructor", "toString"])("is not harmed by JSON with a key named %s", (key) => {
    const message = `{"${key}":{"trace_id":"1"},"message":{"${key}":1},"dd":{"${key}":2,"trace_id":"26"},"request":1}`;
    const { logs, slice } = telemetryOf([`START RequestId: ${REQUEST}`, message]);
    expect(messageOf(logs[1] as LogRecord, slice)).toBe(message);
    expect(linkOf(logs[1] as LogRecord).traceId).toBe("0000000000000000000000000000001a");
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  const time = "2026-11-21T01:53:45.858Z";
  const span = '{"traces":[[{"trace_id":"1","span_id":"2",';
  it.each<[string, string, string]>([
    ["keys of metric lines", '{"m":', '"v":"e":"t":'],
    ["words of a timeout", "", "2026-11-21T01:53:45.858Z Task timed out after 3"],
    ["words of memory that ran out", "", "out of memory MemoryError: java.lang.OutOfMemoryError"],
    ["lines of memory that almost ran out", "", "a:1:in `failed to allocate memory (NoMemoryError"],
    ["dd objects that never end", "trace ", '"dd":{'],
    ["dd objects of util.inspect that never end", "trace ", "dd: {"],
    ["a dd object without an end", 'request "dd":{', "a"],
    ["Datadog's ids in text", "", "dd.trace_id="],
    ["Datadog's ids of too many digits", "dd.trace_id=", "1"],
    ["Datadog's words", "trace ", "dd.service="],
    ["X-Ray's ids", "", "Root=1-"],
    ["X-Ray's ids that almost are", "", "Root=1-6ac7d556-032906e375c910cf42cb84"],
    ["needles", "", "requestracenvocation"],
    ["times", "", time],
    ["times of runtimes", `${time}\t`, `${time}\t`],
    ["digits in a time", "2026-11-21T", "0"],
    ["START", "", "START RequestId: "],
    ["JSON in JSON", '{"request":', '{"request":'],
    ["lists in JSON", '{"trace":', "["],
    ["quotes", "", '"'],
    ["backslashes", "", "\\"],
    ["braces and quotes", "", '{"'],
    ["commas and quotes", "", ',"'],
    ["ends of events", "", '},{"id":"'],
    ["ends of events, escaped once more", "", '\\"},{\\"id\\":\\"'],
    ["control characters", "", "\0"],
    ["characters of four bytes", "", "💥"],
    ["traces", "", '{"traces"'],
    ["traces that nest", "", '{"traces":['],
    ["keys of numbers without numbers", span, '"start":'],
    ["keys of numbers and spaces", span, `"start":${" ".repeat(40)}`],
    ["keys of numbers, each with a number", span, '"start":1795226069831013037,'],
    ["NaN", span, '": NaN'],
    ["keys that are NaN", `${span}"metrics":{`, '"a": NaN,'],
    ["keys and spaces", span, `":${" ".repeat(17)}`],
    ["spaces", span, " "],
    ["spans", '{"traces":[[', '{"trace_id":"1","span_id":"2"},'],
  ])("takes time in proportion to a line full of %s", (_, head, needle) => {
    const line = (bytes: number): string => head + needle.repeat(Math.ceil(bytes / needle.length));
    const ended = `${line(MEGABYTE)}"}]]}}`;
    const { logs } = telemetryOf([line(MEGABYTE), ended, "a neighbour"]);
    // A time in proportion to the square would be minutes.
    expect(logs).toHaveLength(3);
  });

  it.each<[string, (index: number) => string]>([
    ["Datadog's ids in keys of their own", (index) => `{"msg":"m","dd.trace_id":"${index}","dd.span_id":"${index}"}`],
    [
      "a dd object among other keys",
      (index) => `{"a":{"b":1},"dd":{"trace_id":"${index}","span_id":"${index}"},"m":1}`,
    ],
    ["a dd object at the end", (index) => `{"msg":"m","dd":{"trace_id":"${index}","span_id":"${index}"}}`],
    ["a dd object in front", (index) => `{"dd":{"span_id":"${index}","trace_id":"${index}"},"msg":"m"}`],
    ["a dd object each of its own form", (index) => `{"m":1,"dd":{"k${index}":1,"trace_id":"${index}","span_id":"1"}}`],
    [
      "OpenTelemetry's ids",
      (index) => `{"trace_id":"${String(index).padStart(32, "a")}","span_id":"651c77517ea37a55"}`,
    ],
    ["ids that are none", (index) => `{"my_id":${index}}`],
    ["ids in text", (index) => `[dd.trace_id=${index} dd.span_id=${index}] x`],
    ["X-Ray's ids", () => "x Root=1-6ac7d556-032906e375c910cf42cb849e"],
    ["nearly the platform's front", (index) => `START RequestId: ${index}`],
    ["nearly the runtime's front", (index) => `${time}\t${index}\tINFO\tx`],
    ["quotes", () => 'a "b" c'],
    ["nothing", () => ""],
  ])("takes time in proportion to the number of lines that have %s", (_, line) => {
    const { logs } = telemetryOf(Array.from({ length: 20_000 }, (_, index) => line(index + 1)));
    expect(logs).toHaveLength(20_000);
  });

  it("takes time in proportion to the number of requests, traces and spans", () => {
    const id = (request: number): string => `aaaaaaaa-0000-4000-8000-${String(request).padStart(12, "0")}`;
    const requests = Array.from({ length: 3_000 }, (_, request) => request);
    const starts = requests.map((request) => `START RequestId: ${id(request)}`);
    const ends = starts.map((start) => start.replace("START", "END")).toReversed();
    const payloads = requests.map((request) =>
      aPayload({ trace_id: String(request + 1), meta: { request_id: id(request) } }),
    );
    const spans = aPayload(
      ...requests.map((request) => ({ span_id: String(request + 1), meta: { request_id: id(0) } })),
    );
    const telemetry = telemetryOf([...starts, ...payloads, spans, ...starts.map(() => "x"), ...ends]);
    expect(telemetry.logs.filter((log) => linkOf(log).traceId)).toHaveLength(2 * requests.length - 2);
  });
});
