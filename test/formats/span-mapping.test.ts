import fc from "fast-check";
import { tracesOf } from "../../src/formats/datadog-of-otlp.ts";
import { resourceSpansOf } from "../../src/formats/otlp-of-datadog.ts";
import { streamAttributesOf } from "../../src/formats/otlp-resource.ts";
import { textOf } from "../../src/formats/otlp-values.ts";
import { SEMANTIC_NAMES, semanticNameOf } from "../../src/formats/semantic-names.ts";
import { KIND_NAMES, kindOf } from "../../src/formats/span-kinds.ts";
import type { AnyValue, Attributes, OtlpSpan, ResourceSpans, Span, Trace } from "../../src/telemetry.ts";
import { anyDouble, anyKey, anyValue, aResource, hex, kind, resourceSpans, statusCode } from "../helpers/otlp.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const RUNS = { numRuns: propertyRuns(300) };
const OTEL_NAMES = new Set<string>([
  ...SEMANTIC_NAMES.map(({ otel }) => otel),
  "service.name",
  "operation.name",
  "resource.name",
  "span.type",
  "sampling.priority",
]);

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const nanos = fc.bigInt({ min: 0n, max: 2n ** 62n });

/** Attributes of Datadog's spans. */
const datadogKey = fc
  .oneof(
    fc.constantFrom(
      ...SEMANTIC_NAMES.map(({ datadog }) => datadog),
      "env",
      "version",
      "span.kind",
      "language",
      "dd_trace",
      "function_arn",
      "error.type",
      "error.message",
      "error.msg",
      "error.stack",
      "_dd.origin",
      "_dd.p.dm",
      "_dd.base_service",
      "http.request.headers.x-a",
      "http.response.headers.x-a",
      "w3c.tracestate",
      "otel.status_code",
    ),
    anyKey,
  )
  .filter((key) => !OTEL_NAMES.has(key) && !/^http\.re\w+\.header\./.test(key));
const datadogText = fc.oneof(text, fc.constantFrom("200", "0200", "true", "false", "server", "Client", "dev", "[]"));
const eventValue = fc.oneof(text, fc.boolean(), anyDouble);
const datadogLink = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  attributes: fc.dictionary(anyKey, text, { maxKeys: 2, noNullPrototype: true }),
  traceState: fc.constantFrom("", "dd=s:1"),
  flags: fc.constantFrom(0, 1),
});
const json = fc.oneof(
  fc.dictionary(anyKey, fc.jsonValue({ noUnicodeString: true } as object), { maxKeys: 3, noNullPrototype: true }),
  fc.array(fc.jsonValue(), { maxLength: 3 }),
);

const datadogSpan: fc.Arbitrary<Span> = fc
  .record({
    spanId: hex(16),
    parentSpanId: fc.oneof(fc.constant(""), hex(16)),
    service: fc.string({ minLength: 1, maxLength: 4 }),
    name: text,
    resource: text,
    type: fc.constantFrom("", "web", "http", "sql", "serverless", "custom"),
    startTimeUnixNano: nanos,
    durationNano: nanos,
    error: fc.constantFrom(0, 1),
    attributes: fc.dictionary(datadogKey, datadogText, { maxKeys: 8, noNullPrototype: true }),
    numericAttributes: fc.dictionary(
      fc.oneof(fc.constantFrom("_sampling_priority_v1", "_dd.measured"), anyKey),
      anyDouble,
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
    links: fc.array(datadogLink, { maxLength: 2 }),
    events: fc.array(
      fc.record({
        // Before any of the spans ends: what happens at the very end is the error's.
        timeUnixNano: fc.constant(0n),
        name: fc.constantFrom("e", "exception"),
        attributes: fc.dictionary(anyKey, fc.oneof(eventValue, fc.array(eventValue, { maxLength: 3 })), {
          maxKeys: 3,
          noNullPrototype: true,
        }),
      }),
      { maxLength: 2 },
    ),
    structuredAttributes: fc.dictionary(anyKey, json, { maxKeys: 2, minKeys: 1, noNullPrototype: true }),
    isStructured: fc.boolean(),
  })
  .map(({ isStructured, structuredAttributes, ...span }) => ({
    ...span,
    durationNano: span.durationNano + 1n,
    ...apart(span, isStructured ? structuredAttributes : {}),
  }));

/** OpenTelemetry has one name space where Datadog has three. */
function apart(
  span: Pick<Span, "attributes" | "numericAttributes">,
  structured: Record<string, unknown>,
): Partial<Span> {
  const taken = new Set(Object.keys(span.attributes).flatMap((key) => [key, semanticNameOf(key)?.otel ?? key]));
  const numbers = Object.entries(span.numericAttributes).filter(([key]) => !taken.has(key) && !OTEL_NAMES.has(key));
  for (const [key] of numbers) taken.add(key);
  const others = Object.entries(structured).filter(([key]) => !taken.has(key) && !OTEL_NAMES.has(key));
  return {
    numericAttributes: Object.fromEntries(numbers),
    ...(others.length > 0 && { structuredAttributes: Object.fromEntries(others) }),
  };
}

const datadogTrace: fc.Arbitrary<Trace> = fc.record({
  traceId: hex(32),
  spans: fc.uniqueArray(datadogSpan, { minLength: 1, maxLength: 4, selector: ({ spanId }) => spanId }),
});
const datadogTraces = fc.uniqueArray(datadogTrace, { maxLength: 3, selector: ({ traceId }) => traceId });

/** What is gained, and the order, which is lost. */
function comparable(traces: Trace[]): unknown[] {
  const spans = traces.flatMap(({ traceId, spans }) =>
    spans.map((span) => {
      const attributes = { ...span.attributes };
      delete attributes["_dd.p.tid"];
      if (!Object.hasOwn(attributes, "span.kind")) attributes["span.kind"] = KIND_NAMES[kindOf("", span.type)];
      return { traceId, ...span, attributes };
    }),
  );
  return spans.sort((a, b) => (a.traceId + a.spanId < b.traceId + b.spanId ? -1 : 1));
}

describe("Datadog's spans that become OpenTelemetry's and Datadog's again", () => {
  it("keep ids, times, service, names, type, error, attributes, links and events", () => {
    fc.assert(
      fc.property(datadogTraces, (traces) => {
        const given = comparable(traces);
        expect(comparable(tracesOf(resourceSpansOf(traces, streamAttributesOf(aResource()))))).toEqual(given);
        // What was given is left as it was.
        expect(comparable(traces)).toEqual(given);
      }),
      RUNS,
    );
  });

  it("have the high half of their trace's id on one span of it", () => {
    fc.assert(
      fc.property(datadogTraces, (traces) => {
        for (const { traceId, spans } of tracesOf(resourceSpansOf(traces, streamAttributesOf(aResource())))) {
          const told = spans.flatMap(({ attributes }) => attributes["_dd.p.tid"] ?? []);
          expect(told).toEqual(/^0{16}/.test(traceId) ? [] : [traceId.slice(0, 16)]);
        }
      }),
      { numRuns: propertyRuns(50) },
    );
  });
});

const otelKey = fc
  .oneof(
    fc.constantFrom(
      ...SEMANTIC_NAMES.map(({ otel }) => otel),
      "db.system",
      "db.statement",
      "http.route",
      "rpc.system",
      "rpc.method",
      "messaging.system",
      "messaging.operation",
      "faas.trigger",
      "operation.name",
      "resource.name",
      "span.type",
      "deployment.environment.name",
      "error.type",
    ),
    anyKey,
  )
  .filter((key) => key !== "__proto__");
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(
  otelKey,
  fc.oneof(fc.constantFrom("GET", "redis", "a"), anyValue),
  {
    maxKeys: 8,
    noNullPrototype: true,
  },
);
const otelEvent = fc.record({
  timeUnixNano: nanos,
  name: fc.constantFrom("e", "exception"),
  attributes: fc.dictionary(fc.constantFrom("exception.type", "exception.message", "exception.stacktrace", "n"), text, {
    noNullPrototype: true,
  }),
  droppedAttributesCount: fc.constant(0),
});
const otelSpan: fc.Arbitrary<OtlpSpan> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: fc.oneof(fc.constant(""), hex(16)),
  traceState: fc.constantFrom("", "ot=th:0"),
  flags: fc.constant(1),
  name: fc.string({ minLength: 1, maxLength: 8 }),
  kind,
  startTimeUnixNano: nanos.map((nano) => nano / 2n),
  endTimeUnixNano: nanos.map((nano) => nano + 2n ** 61n),
  attributes,
  droppedAttributesCount: fc.constant(0),
  events: fc.array(otelEvent, { maxLength: 2 }),
  droppedEventsCount: fc.constant(0),
  links: fc.array(
    datadogLink.map((link) => ({ ...link, droppedAttributesCount: 0 })),
    { maxLength: 2 },
  ),
  droppedLinksCount: fc.constant(0),
  status: fc.record({ code: statusCode, message: text }),
});
const resource = fc.dictionary(fc.constantFrom("service.name", "service.version", "host.name", "cloud.region"), text, {
  noNullPrototype: true,
});

interface Placed {
  span: OtlpSpan;
  resource: Attributes;
  scope: unknown;
}

const NAMES = new Set(["operation.name", "resource.name", "span.type"]);

/** A list may have become one text. */
function said(value: AnyValue): string[] {
  return [textOf(value), Array.isArray(value) ? value.map(textOf).join(",") : textOf(value)];
}

function placed(all: ResourceSpans[]): Placed[] {
  const spans = all.flatMap(({ attributes: of, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({ span, resource: of, scope: [scope.name, scope.version] })),
    ),
  );
  return spans.sort((a, b) => (a.span.traceId + a.span.spanId < b.span.traceId + b.span.spanId ? -1 : 1));
}

describe("OpenTelemetry's spans that become Datadog's and OpenTelemetry's again", () => {
  it("keep ids, times, kind, status, name, links, events and scope", () => {
    fc.assert(
      fc.property(fc.array(otelSpan, { maxLength: 4 }), resource, (spans, of) => {
        const given = [resourceSpans(spans, of)];
        const back = placed(resourceSpansOf(tracesOf(given), streamAttributesOf(aResource())));
        const kept = ({ span: { attributes: _, flags: __, ...rest }, scope }: Placed) => ({ ...rest, scope });
        expect(back.map(kept)).toEqual(placed(given).map(kept));
      }),
      RUNS,
    );
  });

  it("keep the texts of their attributes, those of the resource among them", () => {
    fc.assert(
      fc.property(fc.array(otelSpan, { maxLength: 4 }), resource, (spans, of) => {
        const before = placed([resourceSpans(spans, of)]);
        const after = placed(
          resourceSpansOf(tracesOf([resourceSpans(spans, of)]), streamAttributesOf(aResource({ "service.name": "" }))),
        );
        expect(after).toHaveLength(before.length);
        for (const [index, { span }] of before.entries()) {
          const { span: then, resource: thenOf } = after[index] as Placed;
          for (const [key, value] of Object.entries({ ...of, ...span.attributes })) {
            // Names are what the next test is about.
            if (textOf(value) === "" || NAMES.has(key)) continue;
            const kept = Object.hasOwn(then.attributes, key) ? then.attributes[key] : thenOf[key];
            expect(said(value)).toEqual(expect.arrayContaining([said(kept ?? null).at(-1)]));
          }
        }
      }),
      RUNS,
    );
  });

  it("have the same names in Datadog however often that is done", () => {
    const names = (traces: Trace[]): unknown[] =>
      traces
        .flatMap(({ spans }) => spans.map(({ spanId, name, resource: of, type }) => [spanId, name, of, type].join("|")))
        .sort();
    fc.assert(
      fc.property(fc.array(otelSpan, { maxLength: 4 }), resource, (spans, of) => {
        const once = tracesOf([resourceSpans(spans, of)]);
        expect(names(tracesOf(resourceSpansOf(once, streamAttributesOf(aResource()))))).toEqual(names(once));
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});
