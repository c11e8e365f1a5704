import fc from "fast-check";
import type { OtlpSpan, ResourceSpans } from "../../src/telemetry.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { linksOf } from "../helpers/links.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const RUNS = propertyRuns(100);
const TRACE_ID = "6b00f9d500000000414ae78d188f3825";
const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const [segment, subsegment, unfinished] = capturedMessages("constructed-from-source/xray-segments.jsonl") as [
  string,
  string,
  string,
];
const document = JSON.parse(segment.slice(segment.indexOf("\n")));

function read(line: string): ResourceSpans | undefined {
  return telemetryOf([line]).tracePayloads[0]?.resourceSpans?.[0];
}

function spansOf(line: string): OtlpSpan[] {
  return read(line)?.scopeSpans[0]?.spans ?? [];
}

function changed(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...document, ...fields });
}

describe("a segment document of X-Ray", () => {
  it("is a span and those below it, each below its own parent, without what has not ended", () => {
    expect(spansOf(segment).map(({ name, spanId, parentSpanId, kind }) => [name, spanId, parentSpanId, kind])).toEqual([
      ["thinker-api", "30ed105a9aa5beb1", "", 2],
      ["DynamoDB", "0a5d33388552b5f5", "30ed105a9aa5beb1", 3],
      ["thinker-microservice", "1b5d33388552b5f5", "30ed105a9aa5beb1", 3],
      ["parse", "2c5d33388552b5f5", "1b5d33388552b5f5", 1],
    ]);
    expect(new Set(spansOf(segment).map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
  });

  it("has its times to the microsecond", () => {
    const [root] = spansOf(segment);
    expect([root?.startTimeUnixNano, root?.endTimeUnixNano]).toEqual([
      1_795_226_069_831_013_000n,
      1_795_226_069_908_837_000n,
    ]);
  });

  it("says in OpenTelemetry's names what it says", () => {
    const [root, dynamo] = spansOf(segment);
    expect(root?.attributes).toEqual({
      subject: "foo_bar",
      attempt: 2n,
      cached: false,
      "aws.xray.metadata.default": '{"plan":{"steps":[1,2]},"big":"9007199254740993"}',
      "http.request.method": "GET",
      "url.full": "https://x/think?subject=foo_bar",
      "user_agent.original": "curl/8",
      "client.address": "203.0.113.7",
      "http.response.status_code": 502n,
      "http.response.body.size": 17n,
      "cloud.account.id": "123456789012",
      "cloud.resource_id": "arn:aws:lambda:eu-west-1:123456789012:function:thinker-api",
      "aws.request_id": "5C7D7637-d7c3-4384-96ee-476da62d3ad6",
      "faas.invocation_id": "5C7D7637-d7c3-4384-96ee-476da62d3ad6",
      "aws.xray.origin": "AWS::Lambda::Function",
      "enduser.id": "u-1",
    });
    expect(dynamo?.attributes).toMatchObject({
      "rpc.system": "aws-api",
      "rpc.service": "DynamoDB",
      "rpc.method": "GetItem",
      "cloud.region": "eu-west-1",
      "aws.dynamodb.table_names": ["thoughts"],
      "aws.request_id": "DDB1",
      "aws.retries": 0n,
    });
    expect(read(segment)).toMatchObject({
      attributes: {
        "cloud.provider": "aws",
        "cloud.platform": "aws_lambda",
        "service.name": "thinker-api",
        "service.version": "0.1.0",
      },
      scopeSpans: [{ scope: { name: "X-Ray for Node.js", version: "3.10.3" } }],
    });
  });

  it("tells why it failed", () => {
    const [root, dynamo, remote] = spansOf(segment);
    expect(root?.status).toEqual({ code: 2, message: "Subject unknown" });
    expect(root?.events).toMatchObject([
      {
        name: "exception",
        timeUnixNano: root?.endTimeUnixNano,
        attributes: {
          "exception.type": "Error",
          "exception.message": "Subject unknown",
          "exception.stacktrace":
            "Error: Subject unknown\n    at think (/var/task/api.js:12)\n    at anonymous (node:internal:7)",
        },
      },
    ]);
    expect([dynamo?.status.code, remote?.status]).toEqual([0, { code: 2, message: "" }]);
  });

  it("may be a subsegment that is sent by itself", () => {
    expect(spansOf(subsegment)).toMatchObject([
      {
        parentSpanId: "30ed105a9aa5beb1",
        kind: 3,
        attributes: {
          "db.query.text": "SELECT * FROM orders WHERE id = ?",
          "db.system.name": "PostgreSQL",
          "db.user": "app",
          "db.connection_string": "jdbc:postgresql://db.example.com/orders",
        },
        events: [],
      },
    ]);
    expect(read(subsegment)?.attributes).toEqual({ "cloud.provider": "aws" });
  });

  it("is read with the daemon's header in front and without it", () => {
    const bare = segment.slice(segment.indexOf("\n") + 1);
    const fronts = [
      "",
      '{"format":"json","version":1}',
      '{"format": "json", "version": 1}\n',
      '{"format":"json","version":1}\r\n',
    ];
    for (const front of fronts) expect(spansOf(front + bare)).toEqual(spansOf(segment));
    expect(spansOf(`${JSON.stringify(document, null, 2)}\n`)).toHaveLength(4);
  });

  it("is dropped and counted while it has not ended: it is written again", () => {
    const { logs, tracePayloads, dropped } = telemetryOf([unfinished, segment]);
    expect([logs, tracePayloads.length, dropped]).toEqual([[], 1, { unfinishedSpan: 1 }]);
  });

  it("names the request of a function, and so the trace of its logs; a client's request id names none", () => {
    const telemetry = telemetryOf([
      `2026-11-21T01:53:45.858Z\t${REQUEST}\tINFO\thello\n`,
      `2026-11-21T01:53:45.858Z\tddb1\tINFO\thello\n`,
      segment,
    ]);
    expect(linksOf(telemetry)[0]).toEqual({ traceId: TRACE_ID, spanId: "30ed105a9aa5beb1" });
    expect(telemetry.tracePayloads[0]?.traces[0]?.naming.map(({ requestId }) => requestId)).toEqual([REQUEST]);
  });

  it("is read back, whatever tree it is", () => {
    const any = fc.letrec<{ segment: Record<string, unknown> }>((tie) => ({
      segment: fc.record({
        id: fc.bigInt(1n, 2n ** 64n - 1n).map((id) => id.toString(16).padStart(16, "0")),
        name: fc.string({ unit: "grapheme" }),
        start_time: fc.nat(4_000_000_000_000).map((milliseconds) => milliseconds / 1000),
        end_time: fc.nat(4_000_000_000_000).map((milliseconds) => milliseconds / 1000),
        annotations: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.maxSafeInteger()), {
          maxKeys: 2,
          noNullPrototype: true,
        }),
        subsegments: fc.oneof(
          { maxDepth: 4 },
          fc.constant([]),
          fc.array(tie("segment"), { minLength: 1, maxLength: 2 }),
        ),
      }),
    })).segment;
    fc.assert(
      fc.property(any, (given) => {
        const expected: unknown[] = [];
        const walk = (at: typeof given, parent: unknown): void => {
          expected.push([at.name, at.id, parent, BigInt(Math.round((at.start_time as number) * 1000)) * 1_000_000n]);
          for (const inner of at.subsegments as (typeof given)[]) walk(inner, at.id);
        };
        walk(given, "");
        const line = JSON.stringify({ ...given, trace_id: "1-6b00f9d5-00000000414ae78d188f3825" });
        expect(
          spansOf(line).map(({ name, spanId, parentSpanId, startTimeUnixNano }) => [
            name,
            spanId,
            parentSpanId,
            startTimeUnixNano,
          ]),
        ).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["another trace id", changed({ trace_id: TRACE_ID })],
    ["no name", changed({ name: undefined })],
    ["no end", changed({ end_time: undefined })],
    ["a time that is text", changed({ start_time: "1795226069.8" })],
    ["a negative time", changed({ start_time: -1 })],
    ["an id that is none", changed({ id: "x" })],
    ["an exception that is none", changed({ cause: { exceptions: ["x"] } })],
    ["a subsegment that is none", changed({ subsegments: [{ id: "0a5d33388552b5f5" }] })],
    ["annotations nested too deep", changed({ annotations: { a: JSON.parse("[".repeat(99) + "]".repeat(99)) } })],
    ["its end cut off", segment.slice(0, -1)],
  ])("is a log with %s", (_, line) => {
    const { logs, tracePayloads, dropped } = telemetryOf([line]);
    expect([logs.length, tracePayloads, dropped]).toEqual([1, [], {}]);
  });

  it("is spans or a log, whatever in it changes, and however deep it goes", () => {
    const fragments = ["", '"', "\\", "{", "}", "[", "]", ",", ":", "0", "null", "1e400", "true"];
    const change = fc.record({ at: fc.nat(segment.length), cut: fc.nat(6), to: fc.constantFrom(...fragments) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let line = segment;
        for (const { at, cut, to } of changes) line = line.slice(0, at) + to + line.slice(at + cut);
        const { logs, tracePayloads, dropped = {}, unpacked = 0 } = telemetryOf([line]);
        expect(logs.length + tracePayloads.length + (dropped.unfinishedSpan ?? 0)).toBe(1 + unpacked);
      }),
      { numRuns: RUNS * 3 },
    );
    const part = (inner: string): string =>
      `{"id":"0a5d33388552b5f5","name":"n","start_time":1,"end_time":2,"trace_id":"1-6b00f9d5-00000000414ae78d188f3825","subsegments":[${inner}]}`;
    const [front, back] = part("|").split("|") as [string, string];
    expect(spansOf(front.repeat(3_000) + back.repeat(3_000))).toHaveLength(3_000);
  });
});
