import fc from "fast-check";
import { addFates, type Fate } from "../../src/formats/trace-fate.ts";
import type { TracePayload } from "../../src/telemetry.ts";
import { aPayload, aPayloadSpan } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

function fatesOf(payloads: TracePayload[]): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const payload of payloads) addFates(payload, fates);
  return fates;
}

describe("how a trace went", () => {
  it("is told over all of its lines: from the first start to the last end, and whether any span failed", () => {
    const line = (given: Record<string, unknown>): string => aPayload({ span_id: "1", ...given });
    const { tracePayloads } = telemetryOf([
      line({ start: 2_000_000_000, duration: 500 }),
      line({ start: 1_000_000_000, duration: 10, error: 1 }),
      line({ trace_id: "1a", start: 5, duration: 0 }),
    ]);
    expect([...fatesOf(tracePayloads)]).toEqual([
      ["414ae78d188f3825", { hasError: true, startUnixNano: 1_000_000_000n, endUnixNano: 2_000_000_500n }],
      ["000000000000001a", { hasError: false, startUnixNano: 5n, endUnixNano: 5n }],
    ]);
  });

  it("is the same by the spans' places and by their objects", () => {
    const span = fc.record({
      trace_id: fc.constantFrom("1a", "2b", "414ae78d188f3825"),
      error: fc.constantFrom(0, 0, 1, 2),
      start: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      duration: fc.integer({ min: 0, max: 2 ** 40 }),
    });
    const traces = fc.array(fc.array(span, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(traces, (given) => {
        const line = JSON.stringify({
          traces: given.map((spans) => spans.map((one) => aPayloadSpan({ ...one, trace_id: spans[0]?.trace_id }))),
        });
        const { tracePayloads } = telemetryOf([line]);
        expect(tracePayloads[0]?.table).not.toBeNull();
        const decoded = tracePayloads.map((payload) => ({ ...payload, table: null }));
        expect(fatesOf(tracePayloads)).toEqual(fatesOf(decoded));
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});
