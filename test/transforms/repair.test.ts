import fc from "fast-check";
import { messageOf } from "../../src/formats/message.ts";
import { createSpanTable } from "../../src/formats/span-table.ts";
import { understand } from "../../src/pipeline.ts";
import type { LogEventBatch, ResourceTelemetry } from "../../src/telemetry.ts";
import { aDelivery, anEnvelope, capturedMessages } from "../helpers/deliveries.ts";
import { payloadLine } from "../helpers/payload-lines.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { batchesIn, readingOf, telemetryOf } from "../helpers/telemetry.ts";

const RESOURCE = { attributes: {}, source: "lambda", tags: [], functionTags: [] };
const METRIC = '{"m":"orders","v":1.5,"e":1795226069,"t":["a:b"]}';
const OTLP = capturedMessages("otel-json/otlp-json.lambda-events.jsonl").find((line) =>
  line.includes("resourceSp"),
) as string;
const STDOUT = capturedMessages("otel-stdout/simple-processor.lambda-events.jsonl")[1] as string;
const ZIPKIN = capturedMessages("constructed-from-source/zipkin-v2.jsonl")[0] as string;
const PAYLOADS = [aPayload({}), aPayload({ span_id: "2" }, { span_id: "3" }), OTLP, ZIPKIN];

interface Books {
  traceLines: number;
  metricLines: number;
  logs: string[];
  unpacked: number;
  dropped: Record<string, number>;
  repaired: Record<string, number>;
}

function booksOf({
  logs,
  slice,
  tracePayloads,
  metrics,
  unpacked = 0,
  dropped = {},
  repaired = {},
}: ResourceTelemetry) {
  const books: Books = {
    traceLines: tracePayloads.length,
    metricLines: metrics.length,
    logs: logs.map((log) => messageOf(log, slice)),
    unpacked,
    dropped,
    repaired,
  };
  return books;
}

/** Events that are missing or too many. */
function gapOf(events: number, { traceLines, metricLines, logs, unpacked, dropped }: Books): number {
  const left = Object.values(dropped).reduce((sum, number) => sum + number, 0);
  return events + unpacked - traceLines - metricLines - logs.length - left;
}

/** All spans, in order, with everything they say. */
function spansIn({ tracePayloads }: ResourceTelemetry): unknown[] {
  return tracePayloads.flatMap((payload) => payload.decode().flatMap(({ traceId, spans }) => [traceId, ...spans]));
}

/** A line of Lambda's JSON log format. */
function wrapped(message: string, isText: boolean): string {
  const front =
    '{"timestamp":"2026-11-21T01:53:45.858Z","level":"INFO","requestId":"14ff4e83-8583-4905-92dc-a089e4ee6e6f"';
  return `${front},"message":${isText ? JSON.stringify(message) : message}}`;
}

/** The pieces between some places of a text. */
function cutAt(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places)].toSorted((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

describe("a line", () => {
  it("of things glued together is each of them", () => {
    const telemetry = telemetryOf(["before", `${aPayload({})}${METRIC}\n`, "after"]);
    expect(booksOf(telemetry)).toEqual({
      traceLines: 1,
      metricLines: 1,
      logs: ["before", "after"],
      unpacked: 1,
      dropped: {},
      repaired: { gluedLine: 1 },
    });
  });

  it("with a log behind a payload is both, and the log keeps its bytes, its event's id and time", () => {
    const text = 'héllo {"price":1.10} [{] world\n';
    const telemetry = telemetryOf([`${aPayload({})}${text}`]);
    expect(booksOf(telemetry)).toMatchObject({ traceLines: 1, logs: [text], unpacked: 1, repaired: { gluedLine: 1 } });
    const { slice, logs } = telemetry;
    const [log] = logs as [(typeof logs)[0]];
    expect(JSON.parse(`${slice.bytes.toString("utf8", log.start, log.end)}}`)).toEqual({
      id: `${"3".repeat(55)}0`,
      timestamp: 1_795_226_069_000,
      message: text,
    });
    expect([log.index, telemetry.tracePayloads[0]?.index]).toEqual([0, 0]);
  });

  it("with logs around a payload keeps those that stand together together", () => {
    const telemetry = telemetryOf([`{"msg":"a"}{"msg":"b"}${aPayload({})}{"msg":"c"}`]);
    expect(booksOf(telemetry)).toMatchObject({ logs: ['{"msg":"a"}{"msg":"b"}', '{"msg":"c"}'], unpacked: 2 });
  });

  it.each([
    ["an object", false],
    ["text", true],
  ])("in Lambda's JSON log format is the payload in its message, which is %s", (_, isText) => {
    for (const [payload, books] of [
      [aPayload({}), { traceLines: 1, metricLines: 0 }],
      [OTLP, { traceLines: 1, metricLines: 0 }],
      [ZIPKIN, { traceLines: 1, metricLines: 0 }],
      [METRIC, { traceLines: 0, metricLines: 1 }],
    ] as const) {
      const telemetry = telemetryOf(["before", wrapped(payload, isText)]);
      expect(booksOf(telemetry)).toEqual({
        ...books,
        logs: ["before"],
        unpacked: 0,
        dropped: {},
        repaired: { wrappedLine: 1 },
      });
      expect(spansIn(telemetry)).toEqual(spansIn(telemetryOf([payload])));
    }
  });

  it("that was cut goes on in the next events, and they are counted", () => {
    const payload = aPayload({ resource: "x".repeat(2_000) });
    const pieces = cutAt(payload, [500, 1_000, 1_500]);
    expect(pieces).toHaveLength(4);
    const telemetry = telemetryOf(["before", ...pieces, "after"]);
    expect(booksOf(telemetry)).toEqual({
      traceLines: 1,
      metricLines: 0,
      logs: ["before", "after"],
      unpacked: 0,
      dropped: { joinedLine: 3 },
      repaired: { cutLine: 1 },
    });
    expect(spansIn(telemetry)).toEqual(spansIn(telemetryOf([payload])));
    expect(telemetry.logs.map(({ index }) => index)).toEqual([0, 5]);
  });

  it.each([
    ["whose end is missing", [aPayload({}).slice(0, -5), "hello", aPayload({})], 1],
    ["with a list named traces", ['{"traces":[1]}{"a":[1]}'], 0],
    ["of a logger whose message says something else", [wrapped('{"traces":["a"]}', false)], 0],
    ["that nests without end", [`{"traces":${"[".repeat(10_000)}`, "a", "b"], 0],
    ["of OpenTelemetry's metrics", ['{"resourceMetrics":[{"timeUnixNano":"1"}]}\n'], 0],
  ])("%s stays a log", (_, messages, traceLines) => {
    const books = booksOf(telemetryOf(messages));
    expect(books).toMatchObject({ traceLines, unpacked: 0, dropped: {}, repaired: {} });
    expect(books.logs).toEqual(messages.filter((message) => message !== aPayload({})));
  });

  it("glued to an exporter's is told from it, and goes nowhere where headers may be left over", () => {
    const headers = '{"__otel_otlp_stdout":"0.17.3","headers":{"api-key":"secret"},"payload":"';
    expect(booksOf(telemetryOf([`${STDOUT}${METRIC}`]))).toMatchObject({ traceLines: 1, metricLines: 1, logs: [] });
    const lost = booksOf(telemetryOf([`${METRIC}${headers}`]));
    expect(lost).toMatchObject({ logs: [], dropped: { unreadableOtlp: 1 }, repaired: {} });
  });

  it("of many that are damaged costs no more than its share", () => {
    const messages = Array.from({ length: 300 }, () => `{"traces":[[{"a":"b" , ${"[".repeat(200)}`);
    expect(booksOf(telemetryOf(messages)).logs).toEqual(messages);
  });
});

describe("a delivery", () => {
  it("with a payload that was cut at the limit of an event is read in slices that keep its pieces together", async () => {
    const payload = aPayload(...Array.from({ length: 40 }, (_, at) => ({ resource: `${at}`.repeat(8_000) })));
    const limit = 256 * 1024;
    const pieces = cutAt(payload, [limit, 2 * limit]);
    expect(pieces).toHaveLength(3);
    const reading = await readingOf(aDelivery(["before", ...pieces, "after", "x"]));
    const books = reading.telemetry.map(booksOf);
    expect(books.map(({ traceLines }) => traceLines).reduce((a, b) => a + b, 0)).toBe(1);
    expect(books.flatMap(({ logs }) => logs)).toEqual(["before", "after", "x"]);
    expect([reading.events, reading.dropped]).toEqual([6, { joinedLine: 2 }]);
  });
});

describe("any payload lines", () => {
  it("give the same spans when they are cut anywhere behind their key", () => {
    const line = fc.oneof(payloadLine, fc.constantFrom(...PAYLOADS));
    fc.assert(
      fc.property(
        line,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
        (given, cuts) => {
          const whole = telemetryOf([given]);
          fc.pre(whole.tracePayloads.length === 1 && !whole.repaired);
          // What is searched for must stand in the first piece.
          const from = Math.max(
            ...["[", "UnixNano", "resourceSpans", "localEndpoint", '"traces"'].map(
              (key) => given.indexOf(key) + key.length + 1,
            ),
          );
          const pieces = cutAt(
            given,
            cuts.map((cut) => Math.min(given.trimEnd().length - 1, from + Math.floor(cut * (given.length - from)))),
          );
          const telemetry = telemetryOf(["a log", ...pieces, "another"]);
          expect(spansIn(telemetry)).toEqual(spansIn(whole));
          expect(gapOf(pieces.length + 2, booksOf(telemetry))).toBe(0);
        },
      ),
      { numRuns: propertyRuns(150) },
    );
  });

  it("give the same spans when they are glued in any way, with logs between them or not", () => {
    const payload = fc.oneof(payloadLine, fc.constantFrom(...PAYLOADS)).filter((line) => {
      const { tracePayloads, repaired } = telemetryOf([line]);
      return tracePayloads.length === 1 && !repaired;
    });
    const log = fc.constantFrom("", "", "text", '{"level":"INFO"}', "\n", "a } b");
    const event = fc.array(fc.tuple(payload, log), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 4 }), (events) => {
        const telemetry = telemetryOf(events.map((parts) => parts.flat().join("")));
        const apart = telemetryOf(events.flat().map(([line]) => line));
        expect(spansIn(telemetry)).toEqual(spansIn(apart));
        expect(gapOf(events.length, booksOf(telemetry))).toBe(0);
      }),
      { numRuns: propertyRuns(150) },
    );
  });

  it("may be damaged in any way: nothing throws, and every event has its end", () => {
    const part = fc.oneof(
      fc.constantFrom(...PAYLOADS, METRIC, STDOUT, wrapped(METRIC, true), wrapped(aPayload({}), false)),
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom("{", "}", "[", "]", '"', "\\", "\\u0000", "\n"),
    );
    const line = fc.tuple(fc.array(part, { maxLength: 5 }), fc.nat(4_000), fc.nat(20)).map(([parts, at, length]) => {
      const text = parts.join("");
      return text.slice(0, at) + text.slice(at + length);
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (messages) => {
        const [batch] = batchesIn(Buffer.from(anEnvelope(messages)));
        const telemetry = understand(batch as LogEventBatch, RESOURCE, createSpanTable());
        expect(gapOf(messages.length, booksOf(telemetry))).toBe(0);
        expect(() => spansIn(telemetry)).not.toThrow();
      }),
      { numRuns: propertyRuns(150) },
    );
  });
});
