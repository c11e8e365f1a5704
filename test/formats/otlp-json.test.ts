import fc from "fast-check";
import { spanKeyOf } from "../../src/formats/span-key.ts";
import type { OtlpSpan, ResourceSpans, ResourceTelemetry } from "../../src/telemetry.ts";
import { anyLogRecords, anyResourceSpans } from "../helpers/any-otlp.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { linksOf } from "../helpers/links.ts";
import { jsonOfLogs, jsonOfSpans } from "../helpers/otlp-encoders.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const RUNS = propertyRuns(100);
const TRACE_ID = "385f2c56be61b8292377d14a216aa378";
const REQUEST = "e7d1982f-2e24-4e7b-8848-7ee4114da92c";
const captured = capturedMessages("otel-json/otlp-json.lambda-events.jsonl").find((line) =>
  line.startsWith('{"resourceSpans"'),
) as string;

function readSpans(line: string): ResourceSpans[] | undefined {
  return telemetryOf([line]).tracePayloads[0]?.resourceSpans;
}

function spansOf(line: string): OtlpSpan[] {
  return (readSpans(line) ?? []).flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

/** A line around one span that is given in part, as JSON text, because numbers matter. */
function lineWith(fields: string): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${TRACE_ID}","spanId":"707228e470193a42","startTimeUnixNano":1${fields}}]}]}]}`;
}

const spelling = fc.record({
  isNumeric: fc.boolean(),
  isUpperCase: fc.boolean(),
  isNamed: fc.boolean(),
  isSparse: fc.boolean(),
});

describe("a line of OpenTelemetry's JSON", () => {
  it("gives the spans that a real SDK printed", () => {
    const [resource] = readSpans(captured) as [ResourceSpans];
    expect(resource.attributes).toMatchObject({ "service.name": "orders", "faas.max_memory": 268_435_456n });
    const [get, charge, invoke] = spansOf(captured) as [OtlpSpan, OtlpSpan, OtlpSpan];
    expect(get).toMatchObject({
      traceId: TRACE_ID,
      parentSpanId: "81f7062092e841a2",
      kind: 3,
      startTimeUnixNano: 1_795_226_155_704_000_000n,
      endTimeUnixNano: 1_795_226_155_704_229_090n,
      flags: 257,
      attributes: { "http.response.status_code": 200n, ratio: 0.5, list: ["a", "b"] },
      events: [{ name: "cache.miss", timeUnixNano: 1_795_226_155_704_174_610n, attributes: { n: 1n } }],
    });
    expect(charge.status).toEqual({ code: 2, message: "card declined: café 💥" });
    expect(invoke).toMatchObject({ parentSpanId: "", kind: 2, attributes: { "faas.coldstart": true } });
  });

  it("names the request of its spans, and so the trace of the request's logs", () => {
    const telemetry = telemetryOf([
      `START RequestId: ${REQUEST} Version: $LATEST\n`,
      `2026-11-21T01:53:45.858Z\t${REQUEST}\tINFO\thello\n`,
      captured,
    ]);
    const link = { traceId: TRACE_ID, spanId: "81f7062092e841a2" };
    expect(linksOf(telemetry)).toEqual([link, link]);
    expect(telemetry.logs[0]?.invocation).toMatchObject({ service: "orders", env: "dev", version: "1.2.3" });
    const [outline] = telemetry.tracePayloads[0]?.traces ?? [];
    expect(outline?.serverless()).toMatchObject({ name: "invoke", type: "serverless" });
    expect(outline?.localRoots().map(({ name }) => name)).toEqual(["invoke"]);
    const { startUnixMs, endUnixMs } = outline?.timedSpans().find(({ key }) => key === spanKeyOf(link.spanId)) ?? {};
    expect(outline?.timesOf(link.spanId)).toEqual({ startUnixMs, endUnixMs });
  });

  it("is read exactly, however numbers, enums and ids are spelled", () => {
    fc.assert(
      fc.property(anyResourceSpans, spelling, (given, spelling) => {
        // A line is told by a time that is not left out.
        fc.pre(!spelling.isSparse || jsonOfSpans(given, spelling).includes("UnixNano"));
        expect(readSpans(jsonOfSpans(given, spelling))).toEqual(given);
      }),
      { numRuns: RUNS },
    );
  });

  it("gives as many traces as there are trace ids, for both backends", () => {
    fc.assert(
      fc.property(anyResourceSpans, (given) => {
        const [payload] = telemetryOf([jsonOfSpans(given)]).tracePayloads;
        const spans = given.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
        const ids = [...new Set(spans.map(({ traceId }) => traceId))];
        expect(payload?.traces.map(({ traceId }) => traceId)).toEqual(ids);
        expect(payload?.traces.reduce((sum, { spanCount }) => sum + spanCount, 0)).toBe(spans.length);
        expect(payload?.decode().flatMap(({ spans }) => spans)).toHaveLength(spans.length);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["a field that is not known", ',"colour":"red","nested":{"a":[1]}'],
    ["an enum that is not known", ',"kind":99,"status":{"code":"STATUS_CODE_ODD"}'],
    ["null for a field", ',"name":null,"attributes":null,"status":null,"endTimeUnixNano":null'],
    ["a link that leads nowhere", ',"links":[{"traceId":"","spanId":""}]'],
    ["zeros for the parent of a root", ',"parentSpanId":"0000000000000000"'],
  ])("is read with %s", (_, fields) => {
    expect(spansOf(lineWith(fields))).toMatchObject([
      { traceId: TRACE_ID, parentSpanId: "", name: "", kind: 0, links: [], status: { code: 0, message: "" } },
    ]);
  });

  it("is read with indentation, and with white space around it", () => {
    expect(readSpans(`${JSON.stringify(JSON.parse(captured), null, 2)}\n`)).toEqual(readSpans(captured));
  });

  it.each([
    ["no span", '{"resourceSpans":[]}'],
    ["no span in a scope", '{"resourceSpans":[{"scopeSpans":[{"spans":[]}]}],"UnixNano":1}'],
    ["an empty trace id", lineWith(',"traceId":""')],
    ["a trace id of zeros", lineWith(`,"traceId":"${"0".repeat(32)}"`)],
    ["a trace id in base64", lineWith(',"traceId":"OF8sVr5huCkjd9FKIWqjeA=="')],
    ["a span id that is too long", lineWith(',"spanId":"0707228e470193a42"')],
    ["a negative time", lineWith(',"startTimeUnixNano":-1')],
    ["a time beyond 64 bits", lineWith(',"startTimeUnixNano":"18446744073709551616"')],
    ["a broken number as a time", lineWith(',"startTimeUnixNano":1.5')],
    ["attributes that are an object", lineWith(',"attributes":{"a":"b"}')],
    ["a text for a bool", lineWith(',"attributes":[{"key":"a","value":{"boolValue":"true"}}]')],
    ["values nested too deep", lineWith(`,"attributes":[{"key":"a","value":${nested(40)}}]`)],
    ["values nested far too deep", lineWith(`,"attributes":[{"key":"a","value":${nested(20_000)}}]`)],
    ["log records besides", lineWith("").replace(/}$/, ',"resourceLogs":[]}')],
    ["text in front", `INFO ${captured}`],
    ["its end cut off", captured.slice(0, -1)],
  ])("stays a log with %s", (_, line) => {
    const { logs, tracePayloads, dropped } = telemetryOf([line]);
    expect([logs.length, tracePayloads.length, dropped]).toEqual([1, 0, {}]);
    expect(logs[0]?.body).toBeNull();
  });

  it("stays a log where it is metrics", () => {
    const line = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"timeUnixNano":"1"}]}}]}]}]}';
    expect(telemetryOf([line]).logs).toMatchObject([{ body: null }]);
  });

  it("is spans or a log, whatever in it changes", () => {
    const fragments = ["", '"', "\\", "{", "}", "[", "]", ",", ":", "0", "x", "null", "1e400", "\0"];
    const change = fc.record({ at: fc.nat(), cut: fc.nat(6), to: fc.constantFrom(...fragments) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let line = captured;
        for (const { at, cut, to } of changes) {
          const place = at % (line.length + 1);
          line = line.slice(0, place) + to + line.slice(place + cut);
        }
        const { logs, tracePayloads, dropped, unpacked = 0 } = telemetryOf([line]);
        expect([logs.length + tracePayloads.length, dropped]).toEqual([1 + unpacked, {}]);
      }),
      { numRuns: RUNS * 3 },
    );
  });
});

describe("a line of log records in OpenTelemetry's JSON", () => {
  it("becomes those log records, exactly, at the place of the line", () => {
    fc.assert(
      fc.property(anyLogRecords, spelling, (given, spelling) => {
        const { logs, unpacked, tracePayloads } = telemetryOf(["before", jsonOfLogs(given, spelling), "after"]);
        expect(logs.map(({ index }) => index)).toEqual([0, ...given.map(() => 1), 2]);
        expect(logs.slice(1, -1).map(({ otlp }) => otlp)).toEqual(given);
        expect([unpacked, tracePayloads]).toEqual([given.length - 1, []]);
      }),
      { numRuns: RUNS },
    );
  });

  it.each<[string, string, unknown]>([
    ["its text, where it says nothing else", '"body":{"stringValue":"hello"}', "hello"],
    [
      "its text as message, beside severity and attributes",
      '"body":{"stringValue":"hello"},"severityNumber":18,"attributes":[{"key":"n","value":{"intValue":"7"}}]',
      { n: 7, level: "ERROR", message: "hello" },
    ],
    [
      "the severity as it is called",
      '"body":{"stringValue":"hello"},"severityNumber":9,"severityText":"notice"',
      { level: "notice", message: "hello" },
    ],
    [
      "its own fields, where it is an object",
      '"body":{"kvlistValue":{"values":[{"key":"message","value":{"stringValue":"hi"}},{"key":"big","value":{"intValue":"9223372036854775807"}}]}}',
      { message: "hi", big: "9223372036854775807" },
    ],
    [
      "a list",
      '"body":{"arrayValue":{"values":[{"doubleValue":"NaN"},{"boolValue":true}]}}',
      { message: ["NaN", true] },
    ],
    ["bytes as base64", '"body":{"bytesValue":"AAEC"}', { message: "AAEC" }],
  ])("gives Datadog %s", (_, fields, body) => {
    const line = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"observedTimeUnixNano":"1",${fields}}]}]}]}`;
    const [log] = telemetryOf([line]).logs;
    expect(typeof body === "string" ? log?.body : JSON.parse(log?.body ?? "")).toEqual(body);
  });

  it("becomes as many log records as there are", () => {
    expect(telemetryOf([manyRecords(10_000)]).logs).toHaveLength(10_000);
  });

  it("links its records by the ids they carry, else by their request", () => {
    const record = (fields: string): string => `{"timeUnixNano":"1","body":{"stringValue":"x"}${fields}}`;
    const ids = `,"traceId":"${TRACE_ID.toUpperCase()}","spanId":"707228E470193A42"`;
    const named = `,"attributes":[{"key":"faas.invocation_id","value":{"stringValue":"${REQUEST}"}}]`;
    const line = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${[record(ids), record(named), record("")]}]}]}]}`;
    expect(linksOf(telemetryOf([line, captured]))).toEqual([
      { traceId: TRACE_ID, spanId: "707228e470193a42" },
      { traceId: TRACE_ID, spanId: "81f7062092e841a2" },
      { traceId: "", spanId: "" },
    ]);
  });

  it.each([
    ["no records", '{"resourceLogs":[{"scopeLogs":[{"logRecords":[],"schemaUrl":"UnixNano"}]}]}'],
    ["more records than anything writes", manyRecords(10_001)],
    ["a time that is none", '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"x"}]}]}]}'],
    ["its end cut off", '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1"}]}]}]'],
  ])("stays as it is with %s", (_, line) => {
    const { logs, unpacked } = telemetryOf([line]) as ResourceTelemetry;
    expect([logs.map(({ otlp, body }) => [otlp, body]), unpacked]).toEqual([[[undefined, null]], 0]);
  });
});

function manyRecords(count: number): string {
  const records = new Array(count).fill('{"timeUnixNano":"1"}');
  return `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}]}]}]}`;
}

/** An `AnyValue` inside arrays. */
function nested(depth: number): string {
  return `${'{"arrayValue":{"values":['.repeat(depth)}{}${"]}}".repeat(depth)}`;
}
