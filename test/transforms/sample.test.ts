import fc from "fast-check";
import { derivedTraceId } from "../../src/formats/derived-ids.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { type SamplingSettings, sample } from "../../src/transforms/sample.ts";
import type { EnvelopeGiven, EventGiven } from "../helpers/deliveries.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_REQUEST_ID, A_START, aRequest, INIT_START, linesOf, nodeLine } from "../helpers/platform-lines.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const OTHER = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const NONE: SamplingSettings = { rate: 0, keepSlowerThanMs: 0 };
const HALF: SamplingSettings = { rate: 0.5, keepSlowerThanMs: 0 };
/** Below and above the threshold of one half. */
const [LOW, HIGH] = ["6ac7d556032906e3750910cf42cb849e", "6ac7d556032906e375f910cf42cb849e"];

interface Sampled {
  telemetry: ResourceTelemetry;
  messages: string[];
  dropped: Record<string, number>;
}

/** A process that samples one slice after the other. */
function aProcess(settings: SamplingSettings) {
  const transform = sample(settings);
  return (messages: (string | EventGiven)[], given: EnvelopeGiven = {}): Sampled => {
    const dropped: Record<string, number> = {};
    const before = telemetryOf(messages, given);
    const indexes = new Map(before.logs.map((record) => [record, record.index]));
    const telemetry = transform(before, dropped);
    const texts = messages.map((message) => (typeof message === "string" ? message : message.message));
    return {
      telemetry,
      dropped,
      messages: telemetry.logs.map((record) => texts[indexes.get(record) as number] as string),
    };
  };
}

const withIds = (text: string, traceId: string, level = "info"): string =>
  JSON.stringify({ level, msg: text, trace_id: traceId, span_id: "90cbc97f4ee64a7f" });

describe("sampling logs", () => {
  it("keeps the logs of the traces whose ids are high enough, and leaves out the others, counted", () => {
    const { messages, dropped, telemetry } = aProcess(HALF)([withIds("a", LOW), withIds("b", HIGH), withIds("c", LOW)]);
    expect(messages).toEqual([withIds("b", HIGH)]);
    expect(dropped).toEqual({ logSampling: 2 });
    expect(telemetry.logs[0]?.sampling).toEqual({ rate: 0.5, threshold: "8" });
  });

  it("keeps logs of no known trace or request, and does not count them for others", () => {
    const { telemetry, dropped } = aProcess(NONE)([INIT_START, "a", "EXTENSION\tName: x\tState: Ready\tEvents: []\n"]);
    expect(telemetry.logs).toHaveLength(3);
    expect(telemetry.logs.map(({ sampling }) => sampling)).toEqual([undefined, undefined, undefined]);
    expect(dropped).toEqual({});
  });

  it("keeps or leaves out a request with its platform's lines, by the id that its span has or would have", () => {
    const isHigh = Number.parseInt(derivedTraceId(A_REQUEST_ID).at(-14) as string, 16) >= 8;
    const request = aRequest(["a", nodeLine("b")]);
    expect(aProcess(HALF)(request).messages).toHaveLength(isHigh ? request.length : 0);
    expect(aProcess(NONE)(request).dropped).toEqual({ logSampling: request.length });
  });

  it("never leaves out spans, nor metrics that logs tell", () => {
    const { telemetry } = aProcess(NONE)([aPayload({}), withIds("a", HIGH)]);
    expect(telemetry.tracePayloads).toHaveLength(1);
    expect(telemetry.logs).toEqual([]);
  });

  it("decides alike for 64 bits of an id and for all of it", () => {
    const decimal = BigInt(`0x${HIGH.slice(16)}`).toString();
    const texts = [
      `[dd.trace_id=${decimal} dd.span_id=1] a`,
      withIds("b", HIGH),
      JSON.stringify({ dd: { trace_id: HIGH } }),
    ];
    for (const text of texts) expect(aProcess(HALF)([text]).messages).toEqual([text]);
    for (const text of texts)
      expect(aProcess(HALF)([text.replaceAll(HIGH, LOW).replace(decimal, "5")]).messages).toEqual([]);
  });
});

describe("a trace that keeps its logs, whatever its id", () => {
  const spanOf = (given: Record<string, unknown>): string => aPayload({ trace_id: LOW.slice(16), ...given });

  it.each<[string, string[]]>([
    ["a span with an error", [spanOf({ error: 1 })]],
    ["a span with an error that has to be decoded", [JSON.stringify(JSON.parse(spanOf({ error: 1 })), null, 1)]],
    ["a log of an error", [withIds("x", LOW, "error")]],
    ["a log of an error by number", [withIds("x", LOW).replace('"info"', "50")]],
    ["a log of a fatal error", [withIds("x", LOW, "FATAL")]],
  ])("has %s", (_, lines) => {
    const { messages, telemetry, dropped } = aProcess(NONE)([withIds("before", LOW), ...lines, withIds("after", LOW)]);
    expect(messages).toContain(withIds("before", LOW));
    expect(messages).toContain(withIds("after", LOW));
    expect(dropped).toEqual({});
    for (const { sampling } of telemetry.logs) expect(sampling).toBeUndefined();
  });

  it.each<[string, EventGiven[]]>([
    ["timed out", aRequest(["a", `2026-11-21T01:51:12.822Z ${A_REQUEST_ID} Task timed out after 3.00 seconds\n\n`])],
    ["timed out by its report", aRequest(["a"], { rest: "Status: timeout" })],
    ["ran out of memory", aRequest(["a"], { rest: "Status: error\tError Type: Runtime.OutOfMemory" })],
    ["ran out of memory by its runtime's words", aRequest(["a", "MemoryError", "[ERROR] MemoryError"])],
    [
      "lost its runtime",
      aRequest(["a", `RequestId: ${A_REQUEST_ID} Error: Runtime exited with error: signal: killed\n`]),
    ],
    ["logged an error", aRequest(["a", nodeLine("it failed", "ERROR")])],
    ["printed one", aRequest(["a", "2026-11-21 01:51:12 ERROR it failed"])],
  ])("is that of a request that %s", (_, lines) => {
    expect(aProcess(NONE)(lines).messages).toHaveLength(lines.length);
  });

  it.each<[string, string]>([
    ["level of another name", nodeLine("errors: none, no ERROR", "INFO")],
    ["word inside another", "TERROR and ERRORS and NOT-AN-ERROR-AT-ALL"],
    ["level of a warning", JSON.stringify({ level: "warn", msg: "level error" })],
    ["status of HTTP", JSON.stringify({ status: 500, level: 30 })],
  ])("is not that of a request with a %s", (_, line) => {
    expect(aProcess(NONE)(aRequest([line])).messages).toEqual([]);
  });

  it("is one that is slow, by its spans or by its report", () => {
    const settings = { rate: 0, keepSlowerThanMs: 100 };
    const span = (ms: number): string => spanOf({ duration: ms * 1_000_000 });
    expect(aProcess(settings)([withIds("a", LOW), span(101)]).messages).toEqual([withIds("a", LOW)]);
    expect(aProcess(settings)([withIds("a", LOW), span(100)]).messages).toEqual([]);
    expect(aProcess(NONE)([withIds("a", LOW), span(1_000_000)]).messages).toEqual([]);
    expect(aProcess(settings)(aRequest(["a"], { durationMs: 100.01 })).messages).toHaveLength(4);
    expect(aProcess(settings)(aRequest(["a"], { durationMs: 100 })).messages).toHaveLength(0);
    const [first, second] = [
      span(60),
      spanOf({ span_id: "1", start: 1_795_226_069_900_000_000, duration: 60_000_000 }),
    ];
    expect(aProcess(settings)([withIds("a", LOW), first, second]).messages).toEqual([withIds("a", LOW)]);
  });

  it("keeps them in later slices, of other streams too, and stands for no others there", () => {
    const process = aProcess(HALF);
    expect(process([withIds("a", LOW)]).messages).toEqual([]);
    expect(process([withIds("b", LOW, "error")]).messages).toHaveLength(1);
    expect(process([withIds("c", LOW)], { logStream: "another" }).messages).toEqual([withIds("c", LOW)]);
    expect(process([withIds("d", HIGH, "error")]).telemetry.logs[0]?.sampling).toBeUndefined();
  });

  it("is that of a span that names the request, and the request's with it", () => {
    const request = aRequest(["a"], { requestId: OTHER });
    const line = spanOf({ error: 1, meta: { request_id: OTHER } });
    expect(aProcess(NONE)([...request.slice(0, 2), line, ...request.slice(2)]).messages).toHaveLength(4);
  });
});

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: digits, maxLength: digits });
const traceId = hex(31).map((digits) => `1${digits}`);

describe("whatever is logged", () => {
  it("is kept or left out by its trace alone, in whatever slice, stream, order and process", () => {
    const lines = fc.array(fc.tuple(traceId, fc.nat({ max: 3 })), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), (traces, rate) => {
        const settings = { rate: Math.min(rate, 0.999), keepSlowerThanMs: 0 };
        const logs = traces.flatMap(([id, more]) => Array.from({ length: more + 1 }, (_, n) => withIds(String(n), id)));
        const whole = new Set(aProcess(settings)(logs).messages);
        const process = aProcess(settings);
        const single = logs
          .toReversed()
          .filter((log, index) => process([log], { logStream: `s${index % 3}` }).messages[0]);
        expect(new Set(single)).toEqual(whole);
        for (const [id, more] of traces) {
          const kept = Array.from({ length: more + 1 }, (_, n) => whole.has(withIds(String(n), id)));
          expect(new Set(kept).size).toBe(1);
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("is kept at any higher rate, where it is kept at one", () => {
    const rate = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(traceId, rate, rate, (id, a, b) => {
        const kept = [a, b]
          .sort((x, y) => x - y)
          .map((rate) => aProcess({ rate, keepSlowerThanMs: 0 })([withIds("a", id)]).messages);
        expect((kept[1] as string[]).length).toBeGreaterThanOrEqual((kept[0] as string[]).length);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it("is kept whole where its trace or request has an error in the slice, wherever that stands", () => {
    const event = fc.record({
      request: fc.nat({ max: 3 }),
      level: fc.constantFrom("INFO", "INFO", "INFO", "WARN", "ERROR"),
      trace: fc.option(fc.constantFrom(LOW, HIGH), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const request = (n: number): string => OTHER.replace("5c7d7637", `5c7d763${n}`);
        const lines = events.map(({ request: n, level, trace }, index) =>
          nodeLine(`${trace ? withIds(`${index}`, trace) : index}`, level, request(n)),
        );
        const kept = new Set(aProcess(NONE)(lines).messages);
        const errors = events.filter(({ level }) => level === "ERROR");
        for (const [index, { request: n, trace }] of events.entries()) {
          const mustStay = errors.some((error) => error.request === n || (trace && error.trace === trace));
          if (mustStay) expect(kept.has(lines[index] as string)).toBe(true);
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it("is kept in about the share that was asked for, and what is kept stands for all of it", () => {
    let seed = 42;
    // Park and Miller's numbers: the same at each run.
    const digit = (): string => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return ((seed >> 8) & 15).toString(16);
    };
    const id = (digits: number): string => Array.from({ length: digits }, digit).join("");
    const traces = Array.from({ length: 4_000 }, () => id(32));
    const requests = Array.from({ length: 4_000 }, () => `${id(8)}-${id(4)}-4${id(3)}-8${id(3)}-${id(12)}`);
    for (const rate of [0.01, 0.1, 0.5, 0.9]) {
      for (const lines of [
        traces.map((trace) => withIds("a", trace)),
        requests.map((it) => nodeLine("a", "INFO", it)),
      ]) {
        const { logs } = aProcess({ rate, keepSlowerThanMs: 0 })(lines).telemetry;
        const stands = logs.reduce((sum, { sampling }) => sum + 1 / (sampling?.rate ?? 1), 0);
        // Five standard deviations.
        expect(Math.abs(stands - 4_000)).toBeLessThan(5 * Math.sqrt((4_000 * (1 - rate)) / rate));
      }
    }
  });

  it("stays with its request over slices where no trace is known", () => {
    const { start, end, report } = linesOf({ startUnixMs: A_START });
    const process = aProcess(HALF);
    const kept = [[start, "a"], ["b", end], [report]].map((lines) => process(lines).messages.length === lines.length);
    expect(new Set(kept).size).toBe(1);
  });
});
