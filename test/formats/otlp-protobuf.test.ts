import fc from "fast-check";
import { MalformedError, unlessMalformed } from "../../src/formats/malformed.ts";
import { logRecordsOfProtobuf } from "../../src/formats/otlp-protobuf-logs.ts";
import { resourceSpansOfProtobuf } from "../../src/formats/otlp-protobuf-spans.ts";
import { anyLogRecords, anyResourceSpans } from "../helpers/any-otlp.ts";
import { protobufOfLogs, protobufOfSpans } from "../helpers/otlp-encoders.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const RUNS = propertyRuns(150);

describe("OpenTelemetry's protobuf", () => {
  it("is read span for span as another encoder wrote it", () => {
    fc.assert(
      fc.property(anyResourceSpans, (given) => {
        expect(resourceSpansOfProtobuf(protobufOfSpans(given))).toEqual(given);
      }),
      { numRuns: RUNS },
    );
  });

  it("is read log record for log record as another encoder wrote it", () => {
    fc.assert(
      fc.property(anyLogRecords, (given) => {
        expect(logRecordsOfProtobuf(protobufOfLogs(given))).toEqual(given);
      }),
      { numRuns: RUNS },
    );
  });

  it("is read, or refused as malformed, whatever happens to its bytes", () => {
    const change = fc.record({ at: fc.nat(), cut: fc.nat(3), to: fc.uint8Array({ maxLength: 3 }) });
    const changes = fc.array(change, { minLength: 1, maxLength: 3 });
    let refused = 0;
    fc.assert(
      fc.property(anyResourceSpans, anyLogRecords, changes, (spans, logs, changes) => {
        let [spanBytes, logBytes] = [protobufOfSpans(spans), protobufOfLogs(logs)];
        for (const { at, cut, to } of changes) {
          spanBytes = spliced(spanBytes, at, cut, to);
          logBytes = spliced(logBytes, at, cut, to);
        }
        const read = unlessMalformed(() => resourceSpansOfProtobuf(spanBytes));
        const logsRead = unlessMalformed(() => logRecordsOfProtobuf(logBytes));
        if (!read) refused++;
        for (const span of (read ?? []).flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans)) {
          expect([span.traceId, span.spanId].join()).toMatch(/^[0-9a-f]{32},[0-9a-f]{16}$/);
        }
        for (const { traceId, spanId } of logsRead ?? []) {
          expect([traceId, spanId].join()).toMatch(/^([0-9a-f]{32})?,([0-9a-f]{16})?$/);
        }
      }),
      { numRuns: RUNS * 3 },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it("is refused with ids that are none", () => {
    const span = (id: number, bytes: number[]): Buffer => {
      const ids = [Buffer.alloc(16, 1), Buffer.alloc(8, 1), Buffer.alloc(0), Buffer.alloc(0)];
      ids[id - 1] = Buffer.from(bytes);
      const fields = ids.flatMap((value, index) => (index === 2 ? [] : [field(index + 1, value)]));
      return field(1, field(2, field(2, Buffer.concat(fields))));
    };
    expect(resourceSpansOfProtobuf(span(4, []))).toHaveLength(1);
    expect(resourceSpansOfProtobuf(span(4, [0, 0, 0, 0, 0, 0, 0, 0]))[0]?.scopeSpans[0]?.spans[0]?.parentSpanId).toBe(
      "",
    );
    for (const bytes of [span(1, []), span(1, new Array(16).fill(0)), span(1, new Array(15).fill(1)), span(2, [1])]) {
      expect(() => resourceSpansOfProtobuf(bytes)).toThrow(MalformedError);
    }
    expect(() => resourceSpansOfProtobuf(span(4, [1]))).toThrow(MalformedError);
  });

  it("keeps an attribute that is called like a part of JavaScript", () => {
    const given = protobufOfSpans([
      {
        attributes: JSON.parse('{"__proto__":"x","toString":"y"}'),
        droppedAttributesCount: 0,
        schemaUrl: "",
        scopeSpans: [],
      },
    ]);
    const [{ attributes } = { attributes: {} }] = resourceSpansOfProtobuf(given);
    expect(Object.entries(attributes)).toEqual([
      ["__proto__", "x"],
      ["toString", "y"],
    ]);
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });
});

/** A field of bytes, fewer than 128 of them. */
function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
}

function spliced(bytes: Buffer, anywhere: number, cut: number, to: Uint8Array): Buffer {
  const at = anywhere % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), to, bytes.subarray(at + cut)]);
}
