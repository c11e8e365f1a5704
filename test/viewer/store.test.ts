import fc from "fast-check";
import type { ReceivedLog, ReceivedSpan } from "../../src/viewer/received.ts";
import { ServiceFigures } from "../../src/viewer/service-figures.ts";
import { receivedTrace, Store } from "../../src/viewer/store.ts";
import { shapeOf } from "../../src/viewer/trace-shape.ts";
import { anOrigin, aReceivedLog, aReceivedSpan } from "../helpers/received.ts";

const low = "414ae78d188f3825";
const unknown = `0000000000000000${low}`;
const known = `6b00f9d500000000${low}`;

describe("the store", () => {
  it("joins spans and logs of one trace, however much of its id each of them knows", () => {
    const store = new Store();
    store.addLogs([aLog(unknown, "early")]);
    store.addSpans([aSpan("2", unknown, 2n), aSpan("1", known, 1n)]);
    store.addLogs([aLog(known, "late"), aLog(null, "alone")]);
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
    const store = new Store();
    store.addLogs([aLog(known, "a")]);
    expect(store.snapshot().traces).toMatchObject([{ traceId: known, spans: [], logs: [{ body: "a" }] }]);
  });

  it("lists the services of spans and logs once each", () => {
    const store = new Store();
    store.addSpans([aSpan("1", known, 1n), aSpan("2", known, 1n)]);
    store.addLogs([aReceivedLog({ service: "a-log-service" }), aReceivedLog({ service: "" })]);
    expect(store.snapshot().services).toEqual(["a-log-service", "a-service"]);
  });

  it("gives what came after a mark", () => {
    const store = new Store();
    store.addLogs([aLog(null, "before")]);
    store.addSpans([aSpan("1", known, 1n)]);
    const mark = store.mark();
    store.addLogs([aLog(null, "after")]);
    store.addSpans([aSpan("1", `${"0".repeat(31)}1`, 1n)]);
    expect(store.snapshot(mark)).toMatchObject({
      traces: [{ traceId: `${"0".repeat(31)}1` }],
      uncorrelatedLogs: [{ body: "after" }],
    });
    expect(store.snapshot(store.mark())).toMatchObject({ traces: [], uncorrelatedLogs: [] });
  });

  it("keeps a span that comes twice once, in small traces and in large ones", () => {
    const store = new Store();
    for (const count of [1, 20]) {
      const spans = Array.from({ length: count }, (_, at) => aSpan(`${at}`, `${count}`.padStart(32, "0"), 1n));
      store.addSpans(spans);
      store.addSpans(spans);
      // What only shares its id is another span.
      store.addSpans([{ ...(spans[0] as ReceivedSpan), name: "another" }]);
    }
    expect(store.held().spans).toBe(23);
    expect(store.received).toMatchObject({ spans: 44, duplicateSpans: 21 });
  });

  it("lets go of what is older than its age, traces with all their logs", () => {
    let nowMs = 1_000;
    const store = new Store({ maxAgeMs: 100 }, () => nowMs);
    store.addLogs([aLog(known, "of a trace")]);
    nowMs = 1_050;
    store.addLogs([aLog(null, "alone")]);
    nowMs = 1_090;
    store.addSpans([aSpan("1", known, 1n)]);
    nowMs = 1_100;
    store.evict();
    expect(store.held()).toEqual({ traces: 1, spans: 1, logs: 2 });
    nowMs = 1_101;
    store.evict();
    expect(store.held()).toEqual({ traces: 0, spans: 0, logs: 1 });
    expect(store.oldestReceivedAtMs()).toBe(1_050);
    nowMs = 1_151;
    store.evict();
    expect(store.held()).toEqual({ traces: 0, spans: 0, logs: 0 });
    expect(store.evicted).toEqual({ traces: 1, spans: 1, logs: 2 });
    expect([store.bytes, store.oldestReceivedAtMs()]).toEqual([0, undefined]);
  });

  it("reads the ledger in a line of the forwarder", () => {
    const store = new Store();
    store.addLogs([aLog(null, '{"level":"INFO","message":"ledger","ledger":{"events":3,"unaccounted":0}}')]);
    store.addLogs([aLog(null, '{"ledger":{"events":2,"dropped":{"not JSON":1},"__proto__":{"x":1}}}')]);
    expect(store.ledgers.count).toBe(2);
    expect(JSON.stringify(store.ledgers.totals)).toBe(
      '{"events":5,"unaccounted":0,"dropped":{"not JSON":1},"__proto__":{"x":1}}',
    );
    expect(store.ledgers.last(1)).toMatchObject([{ ledger: { events: 2 } }]);
  });
});

const id = fc.integer({ min: 1, max: 6 });
/** Spans that have their id and their start in common are one span that comes twice. */
const aSpanOf = fc
  .record({ trace: id, span: id, ms: fc.nat(9), isLow: fc.boolean() })
  .map(({ trace, span, ms, isLow }) => {
    const mixed = (trace * 31 + span * 17 + ms * 13) % 1009;
    return aReceivedSpan({
      traceId: `${(isLow ? "" : "b").padStart(16, "0")}${String(trace).padStart(16, "0")}`,
      spanId: String(span),
      parentId: mixed % 7 === 0 ? null : String(mixed % 7),
      service: `service-${mixed % 3}`,
      resource: `resource-${ms % 2}`,
      kind: mixed % 2 === 0 ? 3 : 2,
      startTimeUnixNano: BigInt(ms) * 10_000_000_000n,
      durationNano: BigInt(mixed) * 1_000_000n,
      error: mixed % 5 === 0 ? { type: "E", message: "", stack: "" } : null,
      attributes: mixed % 4 === 0 ? { "peer.service": "a-peer" } : {},
    });
  });
const REPORT = (request: number): string =>
  `REPORT RequestId: 00000000-0000-0000-0000-00000000000${request}\tDuration: ${request}.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t`;
const aLogOf = fc.record({ trace: fc.nat(6), request: fc.nat(3), ms: fc.nat(9) }).map(({ trace, request, ms }) =>
  aReceivedLog({
    traceId: trace === 0 ? null : String(trace).padStart(32, "0"),
    body: request === 0 ? `at ${ms}` : REPORT(request),
    requestId: request === 0 ? "" : `r${request}`,
    timeUnixNano: BigInt(ms),
    origin: anOrigin({ "faas.name": "a-function" }),
  }),
);
const arrivals = fc.array(fc.oneof(aSpanOf, aLogOf), { maxLength: 60 });

function add(store: Store, item: ReceivedSpan | ReceivedLog): void {
  if ("body" in item) store.addLogs([item]);
  else store.addSpans([item]);
}

describe("whatever arrives", () => {
  it("gives the same traces and figures in any order", () => {
    const inAnyOrder = arrivals.chain((items) =>
      fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length })),
    );
    fc.assert(
      fc.property(inAnyOrder, ([items, shuffled]) => {
        const stores = [items, shuffled].map((order) => {
          const store = new Store();
          for (const item of order) add(store, item);
          return store;
        }) as [Store, Store];
        expect(tracesOf(stores[1])).toEqual(tracesOf(stores[0]));
        expect(figuresOf(stores[1].figures())).toEqual(figuresOf(stores[0].figures()));
        expect(stores[1].functions().totals()).toEqual(stores[0].functions().totals());
        expect(stores[1].bytes).toBe(stores[0].bytes);
      }),
    );
  });

  it("keeps the books while the oldest goes: received is held, evicted or a duplicate, and figures are those of what is held", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 500, max: 20_000 }), fc.nat(5), (items, maxBytes, readEvery) => {
        let nowMs = 0;
        const store = new Store({ maxBytes, maxAgeMs: 40 }, () => nowMs);
        for (const [at, item] of items.entries()) {
          nowMs = at;
          add(store, item);
          if (readEvery > 0 && at % readEvery === 0) store.figures();
          expect(store.bytes).toBeLessThanOrEqual(maxBytes);
        }
        store.evict();
        const { traces, uncorrelatedLogs } = store.snapshot();
        const spans = traces.reduce((sum, trace) => sum + trace.spans.length, 0);
        const logs = traces.reduce((sum, trace) => sum + trace.logs.length, uncorrelatedLogs.length);
        expect(store.held()).toEqual({ traces: traces.length, spans, logs });
        const { received, evicted } = store;
        expect(received.spans).toBe(spans + evicted.spans + received.duplicateSpans);
        expect(received.logs).toBe(logs + evicted.logs);
        expect(received.traces).toBe(traces.length + evicted.traces);

        const again = new Store();
        for (const trace of traces) again.addSpans(trace.spans);
        for (const trace of traces) again.addLogs(trace.logs);
        again.addLogs(uncorrelatedLogs);
        expect(figuresOf(store.figures())).toEqual(figuresOf(again.figures()));
        expect(store.functions().totals()).toEqual(again.functions().totals());
        expect(store.bytes).toBe(again.bytes);
      }),
    );
  });

  it("has figures that are those of all traces added up anew", () => {
    fc.assert(
      fc.property(arrivals, (items) => {
        const store = new Store();
        for (const item of items) add(store, item);
        const anew = new ServiceFigures();
        for (const { spans } of store.snapshot().traces) anew.add(shapeOf(spans));
        expect(figuresOf(store.figures())).toEqual(figuresOf(anew));
      }),
    );
  });
});

function tracesOf(store: Store): unknown {
  const traces = [...store.tracesNewestFirst()].map(receivedTrace);
  const sorted = traces.map(({ traceId, spans, logs }) => ({
    traceId,
    // Spans that have the id and the start in common may stand in any order.
    spans: spans.map((span) => JSON.stringify([span.spanId, String(span.startTimeUnixNano), span.name])),
    logs: logs.map(({ body, timeUnixNano }) => `${timeUnixNano} ${body}`).sort(),
  }));
  return sorted.sort((a, b) => (a.traceId < b.traceId ? -1 : 1));
}

/** All of them, in an order that does not depend on who came first. */
function figuresOf({ services, calls }: ServiceFigures): unknown {
  const all = [
    ...[...services.values()].flatMap(({ name, figures, resources }) => [
      [name, figures] as const,
      ...[...resources].map(([resource, own]) => [`${name} ${resource}`, own] as const),
    ]),
    ...[...calls.values()].map(({ from, to, figures }) => [`${from} > ${to}`, figures] as const),
  ];
  return all
    .map(([name, figures]) => ({
      name,
      requests: figures.requests,
      errors: figures.errors,
      percentiles: figures.latencies.percentiles(0.1, 0.5, 0.9, 1),
      range: figures.range(),
      series: figures.range() && figures.series(figures.range()?.last ?? 0),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function aSpan(spanId: string, traceId: string, startTimeUnixNano: bigint): ReceivedSpan {
  return aReceivedSpan({ spanId, traceId, startTimeUnixNano });
}

function aLog(traceId: string | null, body: string): ReceivedLog {
  return aReceivedLog({ traceId, body });
}
