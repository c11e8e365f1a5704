import fc from "fast-check";
import { boundedList } from "../../src/viewer/bounded-list.ts";
import type { ReceivedLog, ReceivedSpan } from "../../src/viewer/received.ts";
import { memoryStore } from "../../src/viewer/store.ts";

const low = "414ae78d188f3825";
const unknown = `0000000000000000${low}`;
const known = `6b00f9d500000000${low}`;

describe("the store", () => {
  it("joins spans and logs of one trace, however much of its id each of them knows", () => {
    const store = memoryStore();
    store.addLogs([aLog(unknown, "early")], 10);
    store.addSpans([aSpan("2", unknown, 2n), aSpan("1", known, 1n)], 10);
    store.addLogs([aLog(known, "late"), aLog(null, "alone")], 10);
    const { traces, uncorrelatedLogs } = store.snapshot();
    expect(traces).toHaveLength(1);
    expect(traces[0]?.traceId).toBe(known);
    expect(traces[0]?.spans.map(({ spanId, traceId }) => [spanId, traceId])).toEqual([
      ["1", known],
      ["2", known],
    ]);
    expect(traces[0]?.logs.map(({ body }) => body)).toEqual(["early", "late"]);
    expect(uncorrelatedLogs.map(({ body }) => body)).toEqual(["alone"]);
  });

  it("keeps a trace that only logs name", () => {
    const store = memoryStore();
    store.addLogs([aLog(known, "a")], 1);
    expect(store.snapshot().traces).toMatchObject([{ traceId: known, spans: [], logs: [{ body: "a" }] }]);
  });

  it("lists the services of spans and logs once each", () => {
    const store = memoryStore();
    store.addSpans([aSpan("1", known, 1n), aSpan("2", known, 1n)], 1);
    store.addLogs(
      [
        { ...aLog(null, ""), service: "a-log-service" },
        { ...aLog(null, ""), service: "" },
      ],
      1,
    );
    expect(store.snapshot().services).toEqual(["a-log-service", "a-service"]);
  });

  it("drops the oldest of too many and counts them, also what was cleared never counts", () => {
    const store = memoryStore({ maxItems: 2 });
    store.addLogs(
      ["a", "b", "c"].map((body) => aLog(null, body)),
      3,
    );
    store.addSpans([aSpan("1", known, 1n)], 1);
    const { uncorrelatedLogs, dropped } = store.snapshot();
    expect(uncorrelatedLogs.map(({ body }) => body)).toEqual(["b", "c"]);
    expect(dropped).toEqual({ spans: 0, logs: 1 });
    store.clear();
    expect(store.snapshot()).toEqual({ services: [], traces: [], uncorrelatedLogs: [], dropped });
  });
});

describe("a bounded list", () => {
  it("keeps the newest items, within both bounds, and at least one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), fc.integer({ min: 1, max: 5 }), fc.nat(20), (sizes, maxItems, maxBytes) => {
        const list = boundedList<number>(maxItems, maxBytes);
        for (const [at, size] of sizes.entries()) list.add(at, size);
        const kept = list.items();
        expect(kept).toEqual(sizes.map((_, at) => at).slice(sizes.length - kept.length));
        expect(kept.length + list.dropped()).toBe(sizes.length);
        expect(kept.length).toBeLessThanOrEqual(maxItems);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(1, sizes.length));
        const bytes = kept.reduce((sum, at) => sum + (sizes[at] ?? 0), 0);
        expect(kept.length === 1 || bytes <= maxBytes).toBe(true);
      }),
    );
  });
});

function aSpan(spanId: string, traceId: string, startTimeUnixNano: bigint): ReceivedSpan {
  const names = { service: "a-service", name: "a-span", resource: "" };
  return {
    traceId,
    spanId,
    parentId: null,
    ...names,
    startTimeUnixNano,
    durationNano: 1n,
    error: null,
    attributes: {},
  };
}

function aLog(traceId: string | null, body: string): ReceivedLog {
  return { traceId, spanId: null, service: "a-service", body };
}
