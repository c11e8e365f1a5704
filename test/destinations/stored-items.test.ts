import fc from "fast-check";
import { destinationsFor } from "../../src/destinations/index.ts";
import { storedItemsOf } from "../../src/destinations/stored-items.ts";
import type { Span } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { metric, metricLine } from "../helpers/metric-lines.ts";
import { payloadLine } from "../helpers/payload-lines.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

const destinations = destinationsFor(aConfig(), A_FORWARDER);
const unchanged = (span: Span): Span => span;
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("stored items", () => {
  it("are known of every destination, and of none other", () => {
    for (const { name } of destinations) expect(storedItemsOf(name).destination).toBe(name);
    for (const name of ["", "datadog-metric", "constructor", "__proto__"]) {
      expect(() => storedItemsOf(name)).toThrow("nothing is known");
    }
  });

  it("are all that was written, and joined in the destination's framing they are the body again", () => {
    const line = fc.oneof(
      payloadLine,
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.json(),
      fc.constant('"},{\\"'),
      metricLine,
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (messages) => {
        for (const destination of destinations) {
          const { opening, separator, closing } = destination.framing;
          for (const { body, items: count } of bodiesFor(destination, [telemetryOf(messages)])) {
            const items = storedItemsOf(destination.name).itemsIn(body);
            expect(items).toHaveLength(count);
            const joined = items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
            expect(Buffer.concat([opening, ...joined, closing]).equals(body)).toBe(true);
          }
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it("of logs get a time that the intake takes and the mark of a retry, of traces and metrics they are as they were", () => {
    const old = Buffer.from('{"timestamp":5}');
    expect(textOf(storedItemsOf("datadog-logs").inTime(old, 1_795_226_069_000))).toContain('"original_timestamp":5');
    expect(storedItemsOf("datadog-traces").inTime(old, 1_795_226_069_000)).toBe(old);
    expect(storedItemsOf("datadog-metrics").inTime(old, 1_795_226_069_000)).toBe(old);
    const tagged = Buffer.from('{"ddtags":"a:b"}');
    expect(textOf(storedItemsOf("datadog-logs").retried(tagged))).toBe('{"ddtags":"a:b,retry:true"}');
    expect(storedItemsOf("datadog-traces").retried(tagged)).toBe(tagged);
  });

  it("that a Datadog Forwarder left behind are taken in order, and what is none is kept beside them", () => {
    const logs = ['{"message":"a"}', "damaged", { message: "b" }, null, '{"message":"c"}'];
    const left = storedItemsOf("datadog-logs").leftBehind(logs, unchanged);
    expect(left.items.map(textOf)).toEqual(['{"message":"a"}', '{"message":"b"}', '{"message":"c"}']);
    expect(JSON.parse(`[${left.unreadable.map(textOf)}]`)).toEqual(["damaged", null]);
    const lines = [
      { message: "a log", tags: "" },
      { message: aPayload({}), tags: "a:b" },
    ];
    const traces = storedItemsOf("datadog-traces").leftBehind(lines, unchanged);
    expect(traces.items).toHaveLength(1);
    expect(traces.unreadable.map((element) => JSON.parse(textOf(element)))).toEqual([lines[0]]);
    expect(storedItemsOf("datadog-traces").itemsIn(traces.items[0] as Uint8Array)).toEqual(traces.items);
  });

  it("that a Datadog Forwarder left behind are each in one list or the other, whatever they are", () => {
    const element = fc.oneof(fc.jsonValue(), fc.json(), metric, fc.record({ message: payloadLine, tags: fc.string() }));
    fc.assert(
      fc.property(fc.array(element, { maxLength: 6 }), (elements) => {
        for (const { name } of destinations) {
          const { items, unreadable } = storedItemsOf(name).leftBehind(elements, unchanged);
          expect(items.length + unreadable.length).toBe(elements.length);
          const bare = JSON.parse(JSON.stringify(elements)) as unknown[];
          for (const kept of unreadable) expect(bare).toContainEqual(JSON.parse(textOf(kept)));
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});
