import fc from "fast-check";
import { datadogTraces } from "../../src/destinations/datadog-traces.ts";
import { outlineOf } from "../../src/formats/trace-outline.ts";
import type { ResourceTelemetry, Span, Trace, TracePayload } from "../../src/telemetry.ts";
import { type AgentPayload, decodeAgentPayload } from "../../src/viewer/agent-payload.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { A_FORWARDER, aConfig, aSpan, telemetryOf } from "../helpers/telemetry.ts";

function send(...payloads: Trace[][]): AgentPayload {
  const tracePayloads: TracePayload[] = payloads.map((traces, index) => ({
    index,
    traces: traces.map(outlineOf),
    table: null,
    firstSpan: 0,
    decode: () => traces,
  }));
  const slice = { bytes: Buffer.alloc(0), text: "" };
  const resource = { attributes: {}, source: "", tags: [], functionTags: [] };
  return decode({ resource, slice, logs: [], tracePayloads, metrics: [] });
}

function decode(telemetry: ResourceTelemetry): AgentPayload {
  const [batch, ...others] = bodiesFor(datadogTraces(aConfig(), A_FORWARDER), [telemetry]);
  expect(others).toEqual([]);
  return decodeAgentPayload(batch?.body as Uint8Array);
}

/** What the forwarder knows of a resource that it knows nothing of. */
const ADDED = {
  "_dd.compute_stats": "1",
  "_dd.origin": "lambda",
  forwardername: "forwarder",
  forwarder_version: "1.2.3",
};
const TRACE = "6b00f9d500000000414ae78d188f3825";
const hex64 = fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }).map((id) => id.toString(16).padStart(16, "0"));
const dictionary = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> =>
  fc.dictionary(fc.string({ unit: "grapheme", maxLength: 10 }), value, { maxKeys: 4, noNullPrototype: true });
const text = fc.string({ unit: "grapheme", maxLength: 200 });
const spans: fc.Arbitrary<Span> = fc.record({
  spanId: hex64,
  parentSpanId: fc.oneof(hex64, fc.constant("")),
  service: text,
  name: text,
  resource: text,
  type: text,
  startTimeUnixNano: fc.bigInt({ min: 0n, max: 0x7fff_ffff_ffff_ffffn }),
  durationNano: fc.bigInt({ min: -1n, max: 0x7fff_ffff_ffff_ffffn }),
  error: fc.integer({ min: 0, max: 1 }),
  attributes: dictionary(text),
  numericAttributes: dictionary(fc.double({ noNaN: true, noDefaultInfinity: true })),
  links: fc.array(
    fc.record({
      traceId: hex64.map((id) => id + id),
      spanId: hex64,
      attributes: dictionary(text),
      traceState: text,
      flags: fc.constantFrom(0, 1),
    }),
    { maxLength: 2 },
  ),
  events: fc.array(
    fc.record({
      timeUnixNano: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
      name: text,
      attributes: dictionary(text),
    }),
    {
      maxLength: 2,
    },
  ),
});

describe("datadog-traces", () => {
  it("sends every field of every span exactly, as another decoder reads it", () => {
    fc.assert(
      fc.property(fc.array(spans, { minLength: 1, maxLength: 5 }), (given) => {
        const sent = send([{ traceId: TRACE, spans: given }]).tracerPayloads[0]?.chunks[0]?.spans ?? [];
        expect(sent.length).toBe(given.length);
        for (const [index, span] of given.entries()) {
          const { meta, metrics, ...rest } = sent[index] as (typeof sent)[number];
          expect(rest).toMatchObject({
            service: span.service,
            name: span.name,
            resource: span.resource,
            type: span.type,
            traceID: "4704827353930348581",
            spanID: BigInt(`0x${span.spanId}`).toString(),
            parentID: span.parentSpanId ? BigInt(`0x${span.parentSpanId}`).toString() : "0",
            start: span.startTimeUnixNano.toString(),
            duration: span.durationNano.toString(),
            error: span.error,
          });
          expect(new Map(Object.entries(meta))).toEqual(new Map(Object.entries({ ...ADDED, ...span.attributes })));
          const { _top_level, ...numbers } = metrics;
          expect(new Map(Object.entries(numbers))).toEqual(new Map(Object.entries(span.numericAttributes)));
          expect(rest.spanLinks.map((link) => [link.spanID, link.tracestate, link.flags])).toEqual(
            span.links.map((link) => [
              BigInt(`0x${link.spanId}`).toString(),
              link.traceState,
              link.flags ? 0x8000_0001 : 0,
            ]),
          );
          expect(
            rest.spanEvents.map((event) => [event.timeUnixNano, event.name, Object.keys(event.attributes)]),
          ).toEqual(
            span.events.map((event) => [event.timeUnixNano.toString(), event.name, Object.keys(event.attributes)]),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("puts priority and origin of the tracer on the chunk, and its language, env and version on the payload", () => {
    const root = aSpan({
      attributes: {
        language: "javascript",
        env: "dev",
        version: "0.1.0",
        dd_trace: "5.132.0",
        "runtime-id": "r-1",
        "_dd.origin": "lambda",
      },
      numericAttributes: { _sampling_priority_v1: -1 },
    });
    const { agentVersion, tracerPayloads } = send([{ traceId: TRACE, spans: [aSpan(), root] }]);
    expect(agentVersion).toBe("log-trace-forwarder/1.2.3");
    expect(tracerPayloads[0]).toMatchObject({
      languageName: "javascript",
      tracerVersion: "5.132.0",
      runtimeID: "r-1",
      env: "dev",
      appVersion: "0.1.0",
      chunks: [{ priority: -1, origin: "lambda" }],
    });
  });

  it("keeps a trace whose tracer says no priority", () => {
    expect(send([{ traceId: TRACE, spans: [aSpan()] }]).tracerPayloads[0]?.chunks[0]?.priority).toBe(1);
  });

  it("sends one tracer payload a line and one chunk a trace", () => {
    const trace = { traceId: TRACE, spans: [aSpan()] };
    expect(send([trace, trace], [trace]).tracerPayloads.map(({ chunks }) => chunks.length)).toEqual([2, 1]);
  });

  it("tells the types of an event's attributes apart", () => {
    const event = { timeUnixNano: 5n, name: "e", attributes: { s: "x", b: false, i: -3, d: 0.5, a: ["x", 1, true] } };
    const sent = send([{ traceId: TRACE, spans: [aSpan({ events: [event] })] }]);
    expect(sent.tracerPayloads[0]?.chunks[0]?.spans[0]?.spanEvents[0]?.attributes).toMatchObject({
      s: { type: "STRING_VALUE", stringValue: "x" },
      b: { type: "BOOL_VALUE", boolValue: false },
      i: { type: "INT_VALUE", intValue: "-3" },
      d: { type: "DOUBLE_VALUE", doubleValue: 0.5 },
      a: {
        type: "ARRAY_VALUE",
        arrayValue: {
          values: [
            { type: "STRING_VALUE", stringValue: "x" },
            { type: "INT_VALUE", intValue: "1" },
            { type: "BOOL_VALUE", boolValue: true },
          ],
        },
      },
    });
  });

  it("sends what a real tracer printed, span for span", () => {
    const messages = capturedMessages("dd-trace-js/multi-span-http-error.lambda-events.jsonl");
    const printed = messages
      .filter((message) => message.startsWith('{"traces"'))
      .flatMap((message) => JSON.parse(message).traces.flat());
    const sent = decode(telemetryOf(messages, { logGroup: "/aws/lambda/orders-fn" })).tracerPayloads.flatMap(
      ({ chunks }) => chunks.flatMap((chunk) => chunk.spans),
    );
    expect(sent.length).toBe(printed.length);
    expect(sent.map(({ spanID, parentID, name, error }) => [spanID, parentID, name, error])).toEqual(
      printed.map((span) => [
        BigInt(`0x${span.span_id}`).toString(),
        BigInt(`0x${span.parent_id}`).toString(),
        span.name,
        span.error,
      ]),
    );
    const added = { ...ADDED, aws_account: "123456789012", functionname: "orders-fn", region: "eu-west-1" };
    for (const [index, span] of sent.entries())
      expect(span.meta).toEqual({ ...added, ...printed[index].meta, service: span.meta.service });
  });

  it.each([
    [{}, "https://trace.agent.datadoghq.com/api/v0.2/traces"],
    [{ DD_SITE: "datadoghq.eu", DD_NO_SSL: "TRUE" }, "http://trace.agent.datadoghq.eu/api/v0.2/traces"],
    [{ DD_TRACE_INTAKE_URL: "http://localhost:8126/proxy/" }, "http://localhost:8126/proxy/api/v0.2/traces"],
  ])("with %j posts to %s", (env, url) => {
    expect(datadogTraces(aConfig(env as Record<string, string>), A_FORWARDER).url).toBe(url);
  });
});
