import fc from "fast-check";
import type { OtlpSpan, ResourceSpans } from "../../src/telemetry.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const RUNS = propertyRuns(100);
const TRACE_ID = "6b00f9d500000000414ae78d188f3825";
const [two, shared, one] = capturedMessages("constructed-from-source/zipkin-v2.jsonl") as [string, string, string];

function read(line: string): ResourceSpans[] {
  return telemetryOf([line]).tracePayloads[0]?.resourceSpans ?? [];
}

function spansOf(line: string): OtlpSpan[] {
  return read(line).flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function changed(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(one), ...fields });
}

describe("a line of Zipkin's spans", () => {
  it("is read as an array, with all that it says", () => {
    const [server, client] = spansOf(two) as [OtlpSpan, OtlpSpan];
    expect(read(two).map(({ attributes }) => attributes)).toEqual([{ "service.name": "thinker-api" }]);
    expect(server).toEqual({
      traceId: TRACE_ID,
      spanId: "30ed105a9aa5beb1",
      parentSpanId: "",
      traceState: "",
      flags: 0,
      name: "get /think",
      kind: 2,
      startTimeUnixNano: 1_795_226_069_831_013_000n,
      endTimeUnixNano: 1_795_226_069_908_837_000n,
      attributes: {
        "http.method": "GET",
        "http.path": "/think",
        "network.local.address": "10.0.0.1",
        "network.local.port": 8080n,
      },
      droppedAttributesCount: 0,
      events: [
        { timeUnixNano: 1_795_226_069_840_000_000n, name: "cache.miss", attributes: {}, droppedAttributesCount: 0 },
      ],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      status: { code: 2, message: "Subject unknown" },
    });
    expect(client).toMatchObject({
      parentSpanId: "30ed105a9aa5beb1",
      kind: 3,
      attributes: {
        "peer.service": "thinker-microservice",
        "network.peer.address": "2001:db8::c001",
        "network.peer.port": 443n,
      },
    });
  });

  it("may be one span, with a trace id of 64 bits", () => {
    expect(spansOf(one)).toMatchObject([{ traceId: `${"0".repeat(16)}414ae78d188f3825`, kind: 4 }]);
  });

  it("gets the high half of a trace id that another line knows, for both backends", () => {
    const { tracePayloads } = telemetryOf([one, two]);
    expect(tracePayloads[0]?.resourceSpans?.[0]?.scopeSpans[0]?.spans[0]?.traceId).toBe(TRACE_ID);
    expect(tracePayloads[0]?.decode()[0]?.traceId).toBe(TRACE_ID);
  });

  it("gives the server's half of a shared span an id of its own, with what the server did below it", () => {
    const [half, think] = spansOf(shared) as [OtlpSpan, OtlpSpan];
    const client = spansOf(two)[1] as OtlpSpan;
    expect(half.parentSpanId).toBe(client.spanId);
    expect(half.spanId).toBe("8a5d33388552b5f5");
    expect(think.parentSpanId).toBe(half.spanId);
    const zero = changed({ id: "8000000000000000", shared: true });
    expect(spansOf(zero)).toMatchObject([{ spanId: "0000000000000001", parentSpanId: "8000000000000000" }]);
  });

  it("leaves a client below the client's half of a span that its server shares", () => {
    const [client] = JSON.parse(two).slice(1);
    const [server] = JSON.parse(shared);
    const inner = { ...client, id: "7777777777777777", parentId: client.id };
    const spans = spansOf(JSON.stringify([client, server, inner]));
    expect(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId])).toEqual([
      [client.id, "30ed105a9aa5beb1"],
      ["7777777777777777", client.id],
      ["8a5d33388552b5f5", client.id],
    ]);
  });

  it.each<[Record<string, unknown>, OtlpSpan["status"]]>([
    [{}, { code: 0, message: "" }],
    [{ "otel.status_code": "OK" }, { code: 1, message: "" }],
    [{ error: "" }, { code: 2, message: "" }],
    [{ error: "true" }, { code: 2, message: "" }],
    [
      { error: "no", "otel.status_description": "not found" },
      { code: 2, message: "not found" },
    ],
  ])("with the tags %j has the status %j", (tags, status) => {
    expect(spansOf(changed({ tags }))).toMatchObject([{ status, attributes: {} }]);
  });

  it("is read back, whatever it says", () => {
    const hex = (digits: number): fc.Arbitrary<string> =>
      fc.bigInt(1n, 16n ** BigInt(digits) - 1n).map((id) => id.toString(16).padStart(digits, "0"));
    const time = fc.integer({ min: 1e15, max: 9e15 });
    const text = fc.string({ unit: "grapheme", maxLength: 10 });
    const span = fc.record(
      {
        traceId: fc.oneof(hex(32), hex(16)),
        id: hex(16),
        parentId: hex(16),
        name: text,
        timestamp: time,
        duration: fc.nat(),
        localEndpoint: fc.record({ serviceName: text }),
        annotations: fc.array(fc.record({ timestamp: time, value: text }), { maxLength: 2 }),
        tags: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
      },
      { requiredKeys: ["traceId", "id", "timestamp", "localEndpoint"] },
    );
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 4 }), (given) => {
        const key = (id: unknown, time: unknown): string => `${id} ${time}`;
        const found = new Map(spansOf(JSON.stringify(given)).map((it) => [key(it.spanId, it.startTimeUnixNano), it]));
        for (const { traceId, id, parentId = "", timestamp, duration = 0, name = "", tags = {}, ...rest } of given) {
          const { error: _, ...attributes } = tags;
          expect(found.get(key(id, BigInt(timestamp) * 1_000n))).toMatchObject({
            traceId: traceId.padStart(32, "0"),
            parentSpanId: parentId,
            name,
            endTimeUnixNano: BigInt(timestamp + duration) * 1_000n,
            attributes,
            events: (rest.annotations ?? []).map(({ value, timestamp }) => ({
              name: value,
              timeUnixNano: BigInt(timestamp) * 1_000n,
            })),
          });
        }
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["no endpoint", changed({ localEndpoint: undefined, kind: "CLIENT" })],
    ["the time of a log, in milliseconds", changed({ timestamp: 1_795_226_069_831 })],
    ["the time of a log, as text", changed({ timestamp: "2026-11-21T01:53:45.858Z" })],
    ["an id that is none", changed({ id: "x" })],
    ["a trace id that is none", changed({ traceId: "0".repeat(32) })],
    ["tags that are numbers", changed({ tags: { n: 7 } })],
    ["a negative duration", changed({ duration: -1 })],
    ["something else beside it", JSON.stringify([JSON.parse(one), { msg: "traceId" }])],
    ["text in front", `INFO ${one}`],
    ["its end cut off", two.slice(0, -1)],
  ])("is a log with %s", (_, line) => {
    const { logs, tracePayloads, dropped } = telemetryOf([line]);
    expect([logs.length, tracePayloads, dropped]).toEqual([1, [], {}]);
  });

  it("is spans or a log, whatever in it changes", () => {
    const fragments = ["", '"', "\\", "{", "}", "[", "]", ",", ":", "0", "null", "1e400", "true"];
    const change = fc.record({ at: fc.nat(two.length), cut: fc.nat(6), to: fc.constantFrom(...fragments) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let line = two;
        for (const { at, cut, to } of changes) line = line.slice(0, at) + to + line.slice(at + cut);
        const { logs, tracePayloads, unpacked = 0 } = telemetryOf([line]);
        expect(logs.length + tracePayloads.length).toBe(1 + unpacked);
      }),
      { numRuns: RUNS * 3 },
    );
  });
});
