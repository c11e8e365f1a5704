import fc from "fast-check";
import type {
  AnyValue,
  Attributes,
  OtlpLogRecord,
  OtlpSpan,
  Resource,
  ResourceSpans,
  SpanKind,
  StatusCode,
} from "../../src/telemetry.ts";

export function aResource(attributes: Record<string, string> = {}): Resource {
  return {
    attributes: {
      "cloud.provider": "aws",
      "cloud.account.id": "123456789012",
      "cloud.region": "eu-west-1",
      "aws.log.group.names": "/aws/lambda/thinker",
      "aws.log.stream.names": "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
      "service.name": "thinker",
      "faas.name": "thinker",
      ...attributes,
    },
    source: "lambda",
    tags: [],
    functionTags: [],
  };
}

export function anOtlpSpan(given: Partial<OtlpSpan> = {}): OtlpSpan {
  return {
    traceId: "6b00f9d500000000414ae78d188f3825",
    spanId: "651c77517ea37a55",
    parentSpanId: "",
    traceState: "",
    flags: 1,
    name: "GET /think",
    kind: 2,
    startTimeUnixNano: 1_795_226_069_831_013_037n,
    endTimeUnixNano: 1_795_226_069_898_837_012n,
    attributes: {},
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: "" },
    ...given,
  };
}

export function anOtlpLog(given: Partial<OtlpLogRecord> = {}): OtlpLogRecord {
  return {
    resource: { "service.name": "orders" },
    scope: { name: "probe", version: "0.0.1", attributes: {}, droppedAttributesCount: 0 },
    timeUnixNano: 1_795_226_069_831_013_037n,
    observedTimeUnixNano: 1_795_226_069_831_013_037n,
    severityNumber: 9,
    severityText: "INFO",
    body: "thinking",
    attributes: {},
    droppedAttributesCount: 0,
    flags: 1,
    traceId: "6b00f9d500000000414ae78d188f3825",
    spanId: "651c77517ea37a55",
    eventName: "",
    ...given,
  };
}

/** Spans of one resource and one scope. */
export function resourceSpans(spans: OtlpSpan[], attributes: Attributes = { "service.name": "orders" }): ResourceSpans {
  const scope = { name: "probe", version: "0.0.1", attributes: {}, droppedAttributesCount: 0 };
  return {
    attributes,
    droppedAttributesCount: 0,
    schemaUrl: "",
    scopeSpans: [{ scope, schemaUrl: "", spans }],
  };
}

export function onlySpan(all: ResourceSpans[]): OtlpSpan {
  const spans = all.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scoped) => scoped.spans));
  expect(spans).toHaveLength(1);
  return spans[0] as OtlpSpan;
}

export const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(..."0123456789abcdef"), { minLength: digits, maxLength: digits })
    .map((of) => of.join(""))
    .filter((id) => /[1-9a-f]/.test(id));

/** Keys that are nobody's in particular, and keys of objects. */
export const anyKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("a", "b", "x.y", "__proto__", "constructor", "toString", "é"),
  fc.string({ minLength: 1, maxLength: 8 }),
);

export const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });

export const anyValue: fc.Arbitrary<AnyValue> = fc.letrec<{ value: AnyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ maxLength: 12 }),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    anyDouble,
    fc.uint8Array({ maxLength: 5 }),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(anyKey, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

export const kind = fc.constantFrom<SpanKind>(0, 1, 2, 3, 4, 5);
export const statusCode = fc.constantFrom<StatusCode>(0, 1, 2);
