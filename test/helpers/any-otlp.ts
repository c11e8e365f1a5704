/** Random spans and log records in OpenTelemetry's terms. */
import fc from "fast-check";
import type { AnyValue, Attributes, OtlpLogRecord, OtlpSpan, ResourceSpans, SpanKind } from "../../src/telemetry.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((given) => Buffer.from(given).toString("hex"))
    .filter((digits) => !/^0+$/.test(digits));
const uint32 = fc.nat(2 ** 32 - 1);
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
const int64 = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-10n, 10n));
// JSON has no negative zero.
const double = fc.oneof(fc.double(), fc.integer().map(Number)).map((number) => (number === 0 ? 0 : number));

const { value } = fc.letrec<{ value: AnyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    fc.boolean(),
    int64,
    double,
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Uint8Array.from(bytes)),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

export const anyAttributes: fc.Arbitrary<Attributes> = fc.dictionary(
  fc.oneof(text, fc.constantFrom("http.request.method", "faas.invocation_id", "constructor", "7")),
  value,
  { maxKeys: 4, noNullPrototype: true },
);

const scope = fc.record({ name: text, version: text, attributes: anyAttributes, droppedAttributesCount: uint32 });

export const anyOtlpSpan: fc.Arbitrary<OtlpSpan> = fc.record({
  traceId: hex(16),
  spanId: hex(8),
  parentSpanId: fc.oneof(hex(8), fc.constant("")),
  traceState: text,
  flags: uint32,
  name: text,
  kind: fc.nat(5) as fc.Arbitrary<SpanKind>,
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes: anyAttributes,
  droppedAttributesCount: uint32,
  events: fc.array(
    fc.record({ timeUnixNano: uint64, name: text, attributes: anyAttributes, droppedAttributesCount: uint32 }),
    { maxLength: 2 },
  ),
  droppedEventsCount: uint32,
  links: fc.array(
    fc.record({
      traceId: hex(16),
      spanId: hex(8),
      traceState: text,
      flags: uint32,
      attributes: anyAttributes,
      droppedAttributesCount: uint32,
    }),
    { maxLength: 2 },
  ),
  droppedLinksCount: uint32,
  status: fc.record({ code: fc.constantFrom(0, 1, 2), message: text }),
});

/** At least one span. */
export const anyResourceSpans: fc.Arbitrary<ResourceSpans[]> = fc.array(
  fc.record({
    attributes: anyAttributes,
    droppedAttributesCount: uint32,
    schemaUrl: text,
    scopeSpans: fc.array(
      fc.record({ scope, schemaUrl: text, spans: fc.array(anyOtlpSpan, { minLength: 1, maxLength: 2 }) }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { minLength: 1, maxLength: 2 },
);

/** Log records of one scope of one resource, at least one. */
export const anyLogRecords: fc.Arbitrary<OtlpLogRecord[]> = fc
  .tuple(
    anyAttributes,
    scope,
    fc.array(
      fc.record({
        timeUnixNano: uint64,
        // Without any time it is no line that an SDK writes.
        observedTimeUnixNano: fc.bigInt(1n, 2n ** 64n - 1n),
        severityNumber: fc.nat(24),
        severityText: text,
        body: value,
        attributes: anyAttributes,
        droppedAttributesCount: uint32,
        flags: uint32,
        traceId: fc.oneof(hex(16), fc.constant("")),
        spanId: fc.oneof(hex(8), fc.constant("")),
        eventName: text,
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([resource, scope, records]) => records.map((record) => ({ ...record, resource, scope })));
