import fc from "fast-check";
import type { OtlpSpan, ResourceTelemetry } from "../../src/telemetry.ts";
import { functionSpans } from "../../src/transforms/function-spans.ts";
import type { EventGiven } from "../helpers/deliveries.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_START, aRequest, nodeLine } from "../helpers/platform-lines.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

/** One stream of a function without a tracer: requests one after the other. */
const stream = fc
  .array(
    fc.record({
      lines: fc.nat({ max: 4 }),
      durationMs: fc.integer({ min: 1, max: 90_000_000 }).map((hundredths) => hundredths / 100),
      rest: fc.constantFrom("", "Init Duration: 100.99 ms\t", "Status: timeout"),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((requests) => {
    let startUnixMs = A_START;
    return requests.map(({ lines, durationMs, rest }, index) => {
      const requestId = `276ff3b9-1609-4ee7-a288-db375263076${index}`;
      const between = Array.from({ length: lines }, (_, line) => nodeLine(String(line), "INFO", requestId));
      const request = aRequest(between, { requestId, durationMs, rest, startUnixMs });
      startUnixMs += Math.ceil(durationMs) + 10;
      return { requestId, durationMs, events: request };
    });
  });

/** How many events each delivery has, over and over. */
const cuts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });

function deliveriesOf(events: EventGiven[], sizes: number[]): EventGiven[][] {
  const deliveries: EventGiven[][] = [];
  for (let at = 0, turn = 0; at < events.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    deliveries.push(events.slice(at, at + size));
    at += size;
  }
  return deliveries;
}

function spansOf(telemetry: ResourceTelemetry[]): OtlpSpan[] {
  return telemetry
    .flatMap(({ tracePayloads }) => tracePayloads.flatMap(({ resourceSpans = [] }) => resourceSpans))
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .filter(({ kind }) => kind === 2);
}

function process(deliveries: EventGiven[][]): ResourceTelemetry[] {
  const transform = functionSpans();
  return deliveries.map((events) => transform(telemetryOf(events)));
}

describe("whatever the deliveries of a stream are cut into", () => {
  it("each request gets one span, the same one", () => {
    fc.assert(
      fc.property(stream, cuts, (requests, sizes) => {
        const events = requests.flatMap((request) => request.events);
        const whole = spansOf(process([events]));
        expect(spansOf(process(deliveriesOf(events, sizes)))).toEqual(
          whole.map((span) => ({
            ...span,
            attributes: expect.objectContaining({ "faas.invocation_id": span.attributes["faas.invocation_id"] }),
          })),
        );
        expect(whole.map(({ attributes }) => attributes["faas.invocation_id"])).toEqual(
          requests.map(({ requestId }) => requestId),
        );
        expect(whole.map((span) => span.endTimeUnixNano - span.startTimeUnixNano)).toEqual(
          requests.map(({ durationMs }) => BigInt(Math.round(durationMs * 100)) * 10_000n),
        );
        expect(new Set(whole.map(({ spanId }) => spanId)).size).toBe(whole.length);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("every link is to the span of the log's own request", () => {
    fc.assert(
      fc.property(stream, cuts, (requests, sizes) => {
        const telemetry = process(
          deliveriesOf(
            requests.flatMap(({ events }) => events),
            sizes,
          ),
        );
        const ofSpan = new Map(
          spansOf(telemetry).map(({ spanId, attributes }) => [spanId, attributes["faas.invocation_id"]]),
        );
        for (const { logs } of telemetry) {
          for (const { context, invocation } of logs) {
            if (invocation?.spanId) expect(ofSpan.get(invocation.spanId)).toBe(context?.requestId);
          }
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("what is delivered again, to the same process or another, has no other ids", () => {
    fc.assert(
      fc.property(stream, cuts, fc.infiniteStream(fc.nat({ max: 2 })), (requests, sizes, processes) => {
        const events = requests.flatMap((request) => request.events);
        const known = new Map(
          spansOf(process([events])).map((span) => [
            span.attributes["faas.invocation_id"],
            [span.traceId, span.spanId],
          ]),
        );
        const transforms = [functionSpans(), functionSpans(), functionSpans()] as const;
        const twice = deliveriesOf(events, sizes).flatMap((delivery) => [delivery, delivery]);
        const made = twice.map((delivery) => {
          const transform = transforms[processes.next().value as 0 | 1 | 2];
          return transform(telemetryOf(delivery));
        });
        for (const span of spansOf(made)) {
          expect([span.traceId, span.spanId]).toEqual(known.get(span.attributes["faas.invocation_id"]));
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("no request gets a span that is reported after a tracer's first line", () => {
    fc.assert(
      fc.property(stream, cuts, fc.nat(), (requests, sizes, at) => {
        const events = requests.flatMap((request) => request.events);
        const place = at % events.length;
        const lines = [
          ...events.slice(0, place),
          { timestamp: A_START, message: aPayload({}) },
          ...events.slice(place),
        ];
        const reportedBefore = requests.filter(({ events: own }) => {
          const report = events.indexOf(own.at(-1) as EventGiven);
          return report < place;
        });
        const spans = spansOf(process(deliveriesOf(lines, sizes)));
        const allowed = reportedBefore.map(({ requestId }) => requestId);
        expect(allowed).toEqual(
          expect.arrayContaining(spans.map(({ attributes }) => attributes["faas.invocation_id"])),
        );
        expect(spansOf(process([lines]))).toEqual([]);
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});
