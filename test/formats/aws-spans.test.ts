import fc from "fast-check";
import type { Attributes, OtlpSpan, ResourceSpans } from "../../src/telemetry.ts";
import { anyOtlpSpan } from "../helpers/any-otlp.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const RUNS = propertyRuns(100);
const GIVEN = { logGroup: "aws/spans", logStream: "default" };
const [unfinished, server, client] = capturedMessages("constructed-from-source/aws-spans-log-group.jsonl") as [
  string,
  string,
  string,
];

function read(line: string): ResourceSpans | undefined {
  return telemetryOf([line], GIVEN).tracePayloads[0]?.resourceSpans?.[0];
}

function spanOf(line: string): OtlpSpan | undefined {
  return read(line)?.scopeSpans[0]?.spans[0];
}

/** The client's span with other fields; what is undefined is left out. */
function changed(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(client), ...fields });
}

describe("a span of the log group aws/spans", () => {
  it("is read with its numbers exact, and its values as what they are", () => {
    expect(spanOf(server)).toMatchObject({
      traceId: "6880250e4fc5b1c42f7b40fc4801f9fd",
      spanId: "30ed105a9aa5beb1",
      parentSpanId: "",
      name: "thinker-gateway/prod",
      kind: 2,
      startTimeUnixNano: 1_753_228_558_400_000_000n,
      endTimeUnixNano: 1_753_228_558_470_000_128n,
      attributes: { "http.response.status_code": 200n, "telemetry.extended": "true" },
      status: { code: 0, message: "" },
    });
    expect(spanOf(client)).toMatchObject({
      parentSpanId: "30ed105a9aa5beb1",
      kind: 3,
      startTimeUnixNano: 1_753_228_558_420_999_936n,
      events: [
        {
          name: "exception",
          timeUnixNano: 1_753_228_558_459_000_000n,
          attributes: { "exception.type": "Runtime.ExitError", "exception.message": "exited" },
        },
      ],
      status: { code: 2, message: "" },
    });
  });

  it("has the service of its resource, else the one that it names itself, unless nobody knows it", () => {
    const service = (line: string): unknown => read(line)?.attributes["service.name"];
    expect(service(server)).toBe("thinker-gateway");
    expect(service(client)).toBe("thinker-gateway");
    expect(service(changed({ attributes: { "aws.local.service": "UnknownService" } }))).toBeUndefined();
    expect(read(client)?.attributes["cloud.provider"]).toBe("aws");
  });

  it("is dropped and counted while it has not ended: it is written again", () => {
    const { logs, tracePayloads, dropped } = telemetryOf([unfinished, server, unfinished], GIVEN);
    expect([logs, tracePayloads.length, dropped]).toEqual([[], 1, { unfinishedSpan: 2 }]);
  });

  it("ends after its duration where it does not say when", () => {
    const line = changed({ endTimeUnixNano: undefined, startTimeUnixNano: 1000, durationNano: 23 });
    expect(spanOf(line)?.endTimeUnixNano).toBe(1_023n);
  });

  it("is read in any log group, also with a scope and links", () => {
    const line = changed({
      scope: { name: "adot", version: "1.2" },
      links: [{ traceId: "6880250e4fc5b1c42f7b40fc4801f9fd", spanId: "30ed105a9aa5beb1", attributes: { why: 7 } }, {}],
    });
    const [payload] = telemetryOf([line]).tracePayloads;
    expect(payload?.resourceSpans?.[0]?.scopeSpans[0]).toMatchObject({
      scope: { name: "adot", version: "1.2" },
      spans: [{ links: [{ spanId: "30ed105a9aa5beb1", attributes: { why: 7n } }] }],
    });
  });

  it("keeps whole numbers exact as far as 64 bits go", () => {
    const line = changed({ attributes: { a: 1, b: 2, c: 3 } })
      .replace('"a":1', '"a":9007199254740993')
      .replace('"b":2', '"b":-9223372036854775808')
      .replace('"c":3', '"c":9223372036854775808');
    expect(spanOf(line)?.attributes).toEqual({ a: 9_007_199_254_740_993n, b: -(2n ** 63n), c: 2 ** 63 });
  });

  it("is read back, whatever it says", () => {
    fc.assert(
      fc.property(anyOtlpSpan, fc.jsonValue(), (given, anything) => {
        const attributes = { a: "x", n: 7, yes: true, nested: { list: [1.5, "y"] } };
        const kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
        const fields = {
          ...given,
          kind: kinds[given.kind],
          startTimeUnixNano: undefined,
          endTimeUnixNano: undefined,
          attributes,
          events: given.events.map(({ name }) => ({ name, attributes })),
          links: given.links.map((link) => ({ ...link, attributes })),
          status: { code: ["UNSET", "OK", "ERROR"][given.status.code], message: given.status.message },
          unknown: anything,
        };
        const times = `"startTimeUnixNano":${given.startTimeUnixNano},"endTimeUnixNano":${given.endTimeUnixNano}`;
        const line = `{${times},${JSON.stringify(fields).slice(1)}`;
        fc.pre(!line.includes("\\u0000"));
        const expected: Attributes = { a: "x", n: 7n, yes: true, nested: { list: [1.5, "y"] } };
        expect(spanOf(line)).toEqual({
          ...given,
          attributes: expected,
          events: given.events.map(({ name }) => ({
            timeUnixNano: 0n,
            name,
            attributes: expected,
            droppedAttributesCount: 0,
          })),
          links: given.links.map((link) => ({ ...link, attributes: expected })),
        });
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["the ids of a log", changed({ kind: undefined })],
    ["a kind that is a number", changed({ kind: 2 })],
    ["a kind that is none", changed({ kind: "server" })],
    ["an id that is none", changed({ spanId: "x" })],
    ["an empty id", changed({ traceId: "" })],
    ["attributes that are a list", changed({ attributes: [] })],
    ["a time that is none", changed({ startTimeUnixNano: "soon" })],
    ["its end cut off", client.slice(0, -1)],
  ])("is a log with %s", (_, line) => {
    const { logs, tracePayloads, dropped } = telemetryOf([line], GIVEN);
    expect([logs.length, tracePayloads, dropped]).toEqual([1, [], {}]);
  });
});
