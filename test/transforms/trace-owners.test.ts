import type { Invocation, ResourceTelemetry, TimedSpan, TraceOutline } from "../../src/telemetry.ts";
import type { Evidence } from "../../src/transforms/findings.ts";
import type { RequestExtent } from "../../src/transforms/request-extent.ts";
import { TraceOwners } from "../../src/transforms/trace-owners.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const T0 = 1_795_226_069_000;
const LONG_MS = 30_000;
const [ONE, TWO] = ["1".padStart(32, "0"), "2".padStart(32, "0")];

/** A trace of one span. @param seen counts how often its times are read */
function aTrace(traceId: string, endUnixMs: number, seen = { times: 0 }): TraceOutline {
  const span: TimedSpan = { key: "k", parentKey: "p", service: "s", kind: "", startUnixMs: endUnixMs - 1, endUnixMs };
  const timedSpans = (): TimedSpan[] => {
    seen.times++;
    return [span];
  };
  const timesOf = (): TimedSpan => span;
  const none = { naming: [], serverless: () => undefined, localRoots: () => [], spanIds: () => new Set<string>() };
  return { traceId: traceId.padStart(32, "0"), spanCount: 1, timesOf, timedSpans, ...none };
}

function anInvocation(requestId: string): Invocation {
  return { requestId, traceId: "", spanId: "", service: "", env: "", version: "" };
}

const span = { spanId: "1", parentSpanId: "", service: "", name: "", type: "", env: "", version: "" };
const naming = (trace: TraceOutline): Evidence["named"][number] => ({ trace, span });

/** One request in a slice that begins and ends at the given seconds. */
interface Shown extends Partial<Omit<Evidence, "invocation">> {
  requestId: string;
  from: number;
  to?: number;
  begins?: boolean;
}

/** Slices of one stream, one after the other. */
class Slices {
  readonly #owners = new TraceOwners();
  readonly #stream = { owners: new Map(), attempts: new Map() };

  /** @returns the ids of those whose trace may be another's */
  doubtful(...shown: Shown[]): string[] {
    const seconds = shown.flatMap(({ from, to = from }) => [from, to]);
    const events = seconds.map((second) => ({ message: "x", timestamp: T0 + second * 1_000 }));
    const telemetry: ResourceTelemetry = telemetryOf(events);
    const extents = new Map<Invocation, RequestExtent>();
    const requests = shown.map(({ requestId, begins = true, ...given }, index): Evidence => {
      const invocation = anInvocation(requestId);
      const place = (at: number): number => telemetry.logs[at]?.message ?? -1;
      extents.set(invocation, { begins, ends: false, first: place(2 * index), last: place(2 * index + 1), end: -1 });
      return { invocation, named: [], written: [], carried: [], xray: [], ...given };
    });
    const findings = { requests, halves: [], tells: true, atOnce: 1 } as const;
    return [...this.#owners.doubtful(telemetry, findings, extents, this.#stream, LONG_MS)].map((it) => it.requestId);
  }
}

const at = (second: number): number => T0 + second * 1_000;

describe("a trace in a request", () => {
  it.each<[string, Shown, string[]]>([
    ["is its own where it ends in it", { requestId: "a", from: 0, written: [aTrace("1", at(0.5))] }, []],
    ["may be another's where it ended before", { requestId: "a", from: 0, written: [aTrace("1", at(-0.5))] }, ["a"]],
    [
      "may be another's where it ended before the first line that is here",
      { requestId: "a", from: 0, begins: false, written: [aTrace("1", at(-0.5))] },
      ["a"],
    ],
    ["is its own by the spans that name it", { requestId: "a", from: 0, named: [naming(aTrace("1", at(-0.5)))] }, []],
    [
      "may be another attempt's by the spans that name it, where they ended long before all that is here",
      { requestId: "a", from: 0, begins: false, named: [naming(aTrace("1", at(-31)))] },
      ["a"],
    ],
    [
      "is its own by the spans that name it, where they ended a little before what is here",
      { requestId: "a", from: 0, begins: false, named: [naming(aTrace("1", at(-29)))] },
      [],
    ],
  ])("%s", (_, shown, expected) => expect(new Slices().doubtful(shown)).toEqual(expected));

  it("is the first one's that it showed in", () => {
    const slices = new Slices();
    expect(slices.doubtful({ requestId: "a", from: 0, carried: [ONE] })).toEqual([]);
    expect(slices.doubtful({ requestId: "b", from: 1, carried: [ONE] })).toEqual(["b"]);
    expect(slices.doubtful({ requestId: "a", from: 2, begins: false, carried: [ONE] })).toEqual([]);
  });

  it("is that one's whose spans name it, wherever it showed before", () => {
    const slices = new Slices();
    expect(slices.doubtful({ requestId: "b", from: 1, carried: [ONE] })).toEqual([]);
    slices.doubtful({ requestId: "a", from: 2, begins: false, named: [naming(aTrace("1", at(2)))] });
    expect(slices.doubtful({ requestId: "b", from: 3, begins: false, carried: [ONE] })).toEqual(["b"]);
  });

  it("is told from others beside it", () => {
    const slices = new Slices();
    const [a, b] = [
      { requestId: "a", from: 0, carried: [ONE] },
      { requestId: "b", from: 1, carried: [ONE, TWO] },
    ];
    expect(slices.doubtful(a, b)).toEqual(["b"]);
    expect(slices.doubtful({ requestId: "b", from: 2, begins: false, carried: [TWO] })).toEqual([]);
  });

  it("is another's where a line of no known request had its id before the request began", () => {
    const carrying = JSON.stringify({ trace_id: ONE.replace(/^0/, "f"), span_id: "651c77517ea37a55" });
    const { logs, slice, ...rest } = telemetryOf([{ message: carrying, timestamp: at(0) }]);
    const owners = new TraceOwners();
    const stream = { owners: new Map(), attempts: new Map() };
    const none = { requests: [], halves: [], tells: true, atOnce: 1 } as const;
    owners.doubtful({ logs, slice, ...rest }, none, new Map(), stream, LONG_MS);
    const later = (begins: boolean): number => {
      const telemetry = telemetryOf([{ message: "x", timestamp: at(1) }]);
      const first = telemetry.logs[0]?.message ?? -1;
      const invocation = anInvocation(begins ? "a" : "b");
      const extents = new Map([[invocation, { begins, ends: false, first, last: first, end: -1 }]]);
      const requests = [{ invocation, named: [], written: [], carried: [ONE], xray: [] }];
      return owners.doubtful(telemetry, { ...none, requests }, extents, stream, LONG_MS).size;
    };
    expect(later(true)).toBe(1);
    // Where its START was not seen, the line may be the request's own.
    expect(later(false)).toBe(0);
  });

  it("of one attempt may not be that of the next, and stays that of the first in a delivery that comes twice", () => {
    const slices = new Slices();
    const first = { requestId: "a", from: 0, to: 1, carried: [ONE] };
    expect(slices.doubtful(first)).toEqual([]);
    expect(slices.doubtful(first)).toEqual([]);
    expect(slices.doubtful({ ...first, from: 61, to: 62 })).toEqual(["a"]);
    expect(slices.doubtful({ requestId: "a", from: 130, begins: false, carried: [ONE] })).toEqual(["a"]);
  });

  it("is looked at once, however many of its spans name the request", () => {
    const seen = { times: 0 };
    const trace = aTrace("1", at(-31), seen);
    const named = Array.from({ length: 1_000 }, () => naming(trace));
    expect(new Slices().doubtful({ requestId: "a", from: 0, begins: false, named })).toEqual(["a"]);
    expect(seen.times).toBe(1);
  });

  it("that names a request which begins here costs no look at its spans", () => {
    const seen = { times: 0 };
    new Slices().doubtful({ requestId: "a", from: 0, named: [naming(aTrace("1", at(0.5), seen))] });
    expect(seen.times).toBe(0);
  });
});
