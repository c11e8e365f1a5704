import fc from "fast-check";
import type { OtlpProtocol } from "../../src/destinations/otlp-settings.ts";
import { otlpTraces } from "../../src/destinations/otlp-traces.ts";
import { storedItemsOf } from "../../src/destinations/stored-items.ts";
import type { ResourceSpans, ResourceTelemetry } from "../../src/telemetry.ts";
import { anyAttributes, anyOtlpSpan } from "../helpers/any-otlp.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { type Decoded, decodeOtlp, decodeOtlpJson, plain } from "../helpers/otlp-published.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const tracesBy = (protocol: OtlpProtocol = "http/protobuf", tags = "") =>
  otlpTraces(
    { name: "otlp-traces", backend: "otlp", url: "https://collector/v1/traces", protocol },
    { tags, source: "" },
  );

/** A slice of lines that have their spans in OpenTelemetry's terms already. */
function telemetryWith(lines: ResourceSpans[][]): ResourceTelemetry {
  const tracePayloads = lines.map((resourceSpans, index) => ({
    index,
    traces: [],
    table: null,
    firstSpan: 0,
    decode: () => {
      throw new Error("nobody needs Datadog's spans");
    },
    resourceSpans,
  }));
  const resource = { attributes: {}, source: "", tags: [], functionTags: [] };
  return { resource, slice: { bytes: Buffer.alloc(0), text: "" }, logs: [], tracePayloads, metrics: [] };
}

function sent(telemetry: ResourceTelemetry, protocol: OtlpProtocol = "http/protobuf"): Decoded {
  const [batch, ...others] = bodiesFor(tracesBy(protocol), [telemetry]);
  expect(others).toEqual([]);
  return (protocol === "http/json" ? decodeOtlpJson : decodeOtlp)("traces", batch?.body as Uint8Array);
}

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const common = { attributes: anyAttributes, droppedAttributesCount: fc.nat({ max: 2 ** 32 - 1 }) };
const resourceSpans: fc.Arbitrary<ResourceSpans> = fc.record({
  ...common,
  schemaUrl: text,
  scopeSpans: fc.array(
    fc.record({
      scope: fc.record({ ...common, name: text, version: text }),
      schemaUrl: text,
      spans: fc.array(anyOtlpSpan, { maxLength: 3 }),
    }),
    { maxLength: 2 },
  ),
});
const lines = fc.array(fc.array(resourceSpans, { maxLength: 3 }), { minLength: 1, maxLength: 4 });

describe("otlp-traces", () => {
  it("sends every field of every span exactly, as another decoder reads it", () => {
    fc.assert(
      fc.property(fc.array(anyOtlpSpan, { minLength: 1, maxLength: 4 }), (spans) => {
        const scope = { name: "s", version: "", attributes: {}, droppedAttributesCount: 0 };
        const whole = {
          attributes: {},
          droppedAttributesCount: 0,
          schemaUrl: "",
          scopeSpans: [{ scope, schemaUrl: "", spans }],
        };
        const read = sent(telemetryWith([[whole]])).resourceSpans[0].scopeSpans[0].spans;
        expect(read).toHaveLength(spans.length);
        for (const [index, span] of spans.entries()) {
          const { kind, startTimeUnixNano, endTimeUnixNano, flags = 0, status, ...rest } = read[index];
          expect({ kind: kind ?? 0, flags, code: status.code ?? 0, message: status.message ?? "" }).toEqual({
            ...{ kind: span.kind, flags: span.flags },
            ...span.status,
          });
          expect([startTimeUnixNano ?? "0", endTimeUnixNano ?? "0"]).toEqual([
            `${span.startTimeUnixNano}`,
            `${span.endTimeUnixNano}`,
          ]);
          expect(rest).toMatchObject({ traceId: span.traceId, spanId: span.spanId });
          expect([rest.parentSpanId ?? "", rest.name ?? "", rest.traceState ?? ""]).toEqual([
            ...[span.parentSpanId, span.name, span.traceState],
          ]);
          expect((rest.attributes ?? []).map(({ key }: Decoded) => key ?? "")).toEqual(Object.keys(span.attributes));
          expect((rest.events ?? []).map((event: Decoded) => event.timeUnixNano ?? "0")).toEqual(
            span.events.map((event) => `${event.timeUnixNano}`),
          );
          expect((rest.links ?? []).map((link: Decoded) => [link.traceId, link.spanId, link.flags ?? 0])).toEqual(
            span.links.map((link) => [link.traceId, link.spanId, link.flags]),
          );
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("says the same in JSON as in protobuf", () => {
    fc.assert(
      fc.property(lines, (given) => {
        const telemetry = telemetryWith(given);
        expect(sent(telemetry, "http/json")).toEqual(sent(telemetry));
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("has an item for each line, whatever it holds, which can be told apart again in a stored body", () => {
    fc.assert(
      fc.property(lines, fc.constantFrom("http/json", "http/protobuf"), (given, protocol) => {
        const destination = tracesBy(protocol as OtlpProtocol);
        const { opening, separator, closing } = destination.framing;
        for (const { body, items } of bodiesFor(destination, [telemetryWith(given)])) {
          const found = storedItemsOf("otlp-traces").itemsIn(body);
          expect(found).toHaveLength(items);
          const joined = found.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
          expect(Buffer.concat([opening, ...joined, closing]).equals(body)).toBe(true);
          const decode = protocol === "http/json" ? decodeOtlpJson : decodeOtlp;
          const counts = found.map(
            (item) => decode("traces", Buffer.concat([opening, item, closing])).resourceSpans.length,
          );
          // A line without any span is an empty message.
          expect(counts).toEqual(given.map((line) => Math.max(1, line.length)));
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("sends the spans of Datadog's tracers, with all their ids", () => {
    const telemetry = telemetryOf(capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl"));
    const spans = telemetry.tracePayloads.flatMap(({ decode }) => decode().flatMap((trace) => trace.spans));
    const request = sent(telemetry);
    const read = request.resourceSpans.flatMap((it: Decoded) => it.scopeSpans.flatMap((scope: Decoded) => scope.spans));
    expect(read.map(({ spanId }: Decoded) => spanId).sort()).toEqual(spans.map(({ spanId }) => spanId).sort());
    for (const { resource } of request.resourceSpans) expect(plain(resource.attributes)["service.name"]).toBeTruthy();
  });
});
