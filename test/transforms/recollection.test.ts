import { readTelemetry } from "../../src/pipeline.ts";
import type { LogRecord, RememberedRequest } from "../../src/telemetry.ts";
import type { RequestMemory } from "../../src/transforms/recollection.ts";
import { aDelivery, type EnvelopeGiven } from "../helpers/deliveries.ts";
import { linkOf } from "../helpers/links.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const OTHER = "d75a5068-8e45-436d-923b-ac8606fc669b";
const HIGH = "6b00f9d500000000";
const LOW = "414ae78d188f3825";
const [TRACE, HANDLER, CHILD] = [HIGH + LOW, "651c77517ea37a55", "736a1abf98822f77"];
const FOREIGN = "1111111111111111aaaaaaaaaaaaaaaa";
const XRAY = "1-6ac7d556-032906e375c910cf42cb849e";
const T0 = 1_795_226_069_000;
const SECOND = 1_000;

const START = `START RequestId: ${REQUEST} Version: $LATEST\n`;
const END = `END RequestId: ${REQUEST}\n`;
const REPORT = `REPORT RequestId: ${REQUEST}\tDuration: 1 ms\t\n`;
const TRACED_REPORT = `${REPORT}XRAY TraceId: ${XRAY}\tSegmentId: ${HANDLER}\tSampled: true\t\n`;
const line = (text: string, id = REQUEST): string => `2026-11-21T01:53:45.858Z\t${id}\tINFO\t${text}\n`;
const carrying = (traceId: string): string => JSON.stringify({ trace_id: traceId, span_id: CHILD });
const named = aPayload({ span_id: HANDLER, meta: { request_id: REQUEST, "_dd.p.tid": HIGH, env: "dev" } });
const unnamed = aPayload({ span_id: HANDLER, name: "job", type: "", meta: { "_dd.p.tid": HIGH } });
const otherNamed = aPayload({ trace_id: "5", span_id: "6", meta: { request_id: REQUEST } });

/** A process that reads deliveries of a log stream, one after the other. */
class Reading {
  readonly memory: RequestMemory = {};

  /** @param secondsLater when the lines were written @returns the logs of the delivery, after it was read */
  async read(messages: string[], secondsLater = 0, given: EnvelopeGiven = {}): Promise<LogRecord[]> {
    const events = messages.map((message, index) => ({ message, timestamp: T0 + secondsLater * SECOND + index }));
    const logs: LogRecord[] = [];
    for await (const { telemetry } of readTelemetry(aDelivery(events, given), A_FORWARDER, [], { memory: this.memory }))
      for (const part of telemetry) logs.push(...part.logs);
    return logs;
  }

  async linkOfLast(messages: string[], secondsLater = 0, given: EnvelopeGiven = {}) {
    const log = (await this.read(messages, secondsLater, given)).at(-1);
    return log ? { ...linkOf(log), method: log.linkMethod } : none;
  }
}

const none = { traceId: "", spanId: "", method: "" };
const remembered = { traceId: TRACE, spanId: HANDLER, method: "remembered" };

describe("a log of a later delivery", () => {
  it.each<[string, string[][], object]>([
    ["gets the span that named its request", [[START, named], [line("x")]], remembered],
    ["gets the span that was written in its request", [[START, unnamed], [line("x")]], remembered],
    ["gets it by the END that names the lines before it", [[START, named], ["x", END], [REPORT]], remembered],
    ["gets it after its request was over", [[START, named, END, REPORT], [line("x")]], remembered],
    [
      "gets the trace that logs of its request carried",
      [[START, carrying(TRACE)], [line("x")]],
      { traceId: TRACE, spanId: "", method: "remembered" },
    ],
    [
      "gets X-Ray's trace where no tracer ran",
      [[START, TRACED_REPORT], [line("x")]],
      { traceId: "6ac7d556032906e375c910cf42cb849e", spanId: "", method: "remembered" },
    ],
    [
      "gets the tracer's trace before X-Ray's",
      [
        [START, named],
        [END, TRACED_REPORT],
      ],
      remembered,
    ],
    ["gets what came last and is stronger", [[START, carrying(FOREIGN)], [named], [line("x")]], remembered],
    [
      "keeps the ids it carries",
      [[START, named], [line(`[dd.trace_id=5 dd.span_id=6] x`)]],
      { traceId: "5".padStart(32, "0"), spanId: "6".padStart(16, "0"), method: "own-ids" },
    ],
    [
      "keeps what the spans in its own delivery tell",
      [
        [START, carrying(FOREIGN)],
        [named, line("x")],
      ],
      { traceId: TRACE, spanId: HANDLER, method: "request-id" },
    ],
    ["gets nothing of another request", [[START, named], [line("x", OTHER)]], none],
    ["gets nothing without a request", [[START, named, END, REPORT], ["x"]], none],
    ["gets nothing where two traces named its request", [[START, named], [otherNamed], [line("x")]], none],
    [
      "gets nothing where its request's logs carried two traces",
      [
        [START, carrying(TRACE)],
        [line("y"), line(`[dd.trace_id=5 dd.span_id=6] x`), line("x")],
      ],
      none,
    ],
    [
      "gets nothing where two traces were written in its request",
      [[START, unnamed], ["", aPayload({ trace_id: "5", name: "job", type: "" }), END], [line("x")]],
      none,
    ],
  ])("%s", async (_, deliveries, expected) => {
    const reading = new Reading();
    let link: object = {};
    for (const [index, messages] of deliveries.entries()) link = await reading.linkOfLast(messages, index);
    expect(link).toEqual(expected);
  });

  it("tells service, env and version of its trace, also where it carries the trace's id", async () => {
    const reading = new Reading();
    await reading.read([START, named]);
    const [plain, own] = await reading.read([line("x"), line(`[dd.trace_id=${BigInt(`0x${LOW}`)} dd.span_id=6] x`)]);
    expect(plain?.invocation).toMatchObject({ service: "thinker", env: "dev" });
    expect(own?.invocation).toMatchObject({ service: "thinker", env: "dev" });
    expect(own?.linkMethod).toBe("own-ids");
  });

  it("gets nothing that another log stream told of a request of that id", async () => {
    const reading = new Reading();
    await reading.read([START, named]);
    expect(await reading.linkOfLast([line("x")], 0, { logStream: "another" })).toEqual(none);
    expect(await reading.linkOfLast([line("x")], 0, { logGroup: "/aws/lambda/another" })).toEqual(none);
    expect(await reading.linkOfLast([line("x")], 0, { owner: "999999999999" })).toEqual(none);
  });

  it("gets nothing of an attempt that failed a minute ago, and that Lambda began again under the same id", async () => {
    const reading = new Reading();
    await reading.read([START, named, END, REPORT]);
    expect(await reading.linkOfLast([START, "x"], 60)).toEqual(none);
    await reading.read([otherNamed.replace(/"start":\d+/, `"start":${(T0 + 61 * SECOND) * 1_000_000}`)], 61);
    expect((await reading.linkOfLast([line("x")], 62)).traceId).toBe("5".padStart(32, "0"));
  });

  it("is of the same attempt while its lines follow each other", async () => {
    const reading = new Reading();
    await reading.read([START, unnamed]);
    for (let seconds = 25; seconds < 200; seconds += 25)
      expect(await reading.linkOfLast([line("x")], seconds)).toEqual(remembered);
    expect(await reading.linkOfLast([line("x")], 260)).toEqual(none);
  });

  it("that comes again before the rest of its request gets the trace that came in between", async () => {
    const reading = new Reading();
    await reading.read([named, END, REPORT], 5);
    expect(await reading.linkOfLast([START, "x"], 0)).toEqual(remembered);
  });
});

describe("an environment that may take several requests at once", () => {
  const start = JSON.stringify({ time: "…", type: "platform.start", record: { requestId: REQUEST } });
  const report = (metrics: object, id = OTHER): string =>
    JSON.stringify({ time: "…", type: "platform.report", record: { requestId: id, metrics } });
  const billed = report({ durationMs: 1, billedDurationMs: 1 });
  const shared = report({ durationMs: 1 });
  const stream = (version: string, digit: string): EnvelopeGiven => ({
    logStream: `2026/11/2${digit}/[${version}]${digit.repeat(32)}`,
  });
  const byPlace = { traceId: TRACE, spanId: HANDLER, method: "stream-position" };

  it("is known by what another environment of the function's version showed", async () => {
    const reading = new Reading();
    expect(await reading.linkOfLast([start, named, "x"], 0, stream("7", "1"))).toEqual(none);
    await reading.read([billed], 1, stream("7", "2"));
    expect(await reading.linkOfLast([start, named, "x"], 2, stream("7", "3"))).toEqual(byPlace);
    expect(await reading.linkOfLast([start, named, "x"], 3, stream("8", "3"))).toEqual(none);
    expect(
      await reading.linkOfLast([start, named, "x"], 4, { ...stream("7", "3"), logGroup: "/aws/lambda/b" }),
    ).toEqual(none);
    expect(await reading.linkOfLast([start, named, "x"], 5, { ...stream("7", "3"), owner: "999999999999" })).toEqual(
      none,
    );
  });

  it("stays one, whatever else its lines look like", async () => {
    const reading = new Reading();
    await reading.read([start, named, shared], 0, stream("7", "1"));
    expect(await reading.linkOfLast([START, "x"], 1, stream("7", "1"))).toEqual(none);
    await reading.read([billed], 2, stream("7", "1"));
    expect(await reading.linkOfLast([start, "x"], 3, stream("7", "1"))).toEqual(none);
  });

  it("has logs linked by the request id they carry", async () => {
    const reading = new Reading();
    await reading.read([start, named, shared], 0, stream("$LATEST.PUBLISHED", "1"));
    const log = JSON.stringify({ timestamp: "…", level: "INFO", requestId: REQUEST, message: "x" });
    expect(await reading.linkOfLast([log], 1, stream("$LATEST.PUBLISHED", "1"))).toEqual(remembered);
  });
});

describe("what a request leaves running, and what then comes in the next", () => {
  const [startOther, endOther] = [START, END].map((text) => text.replaceAll(REQUEST, OTHER)) as [string, string];
  const at = (seconds: number): number => (T0 + seconds * SECOND) * 1_000_000;
  const spans = (trace: string, seconds: number, meta = {}): string =>
    aPayload({ trace_id: trace, name: "job", type: "", meta, start: at(seconds), duration: 5_000_000 });

  it("is no link for that one's logs: spans that were over before it began", async () => {
    const reading = new Reading();
    expect(await reading.linkOfLast([START, spans("5", -1), "x"])).toEqual(none);
    expect((await reading.linkOfLast([startOther, spans("6", 1), "x"], 1)).method).toBe("stream-position");
  });

  it("is none where its START came in an earlier delivery", async () => {
    const reading = new Reading();
    await reading.read([startOther, spans("7", 0), endOther]);
    await reading.read([START, "x"], 1);
    expect(await reading.linkOfLast([line("y"), spans("5", 0.5), "x", END], 2)).toEqual(none);
  });

  it("is none where its START was never seen and no line of it is older than the spans", async () => {
    const reading = new Reading();
    expect(await reading.linkOfLast([spans("5", -1), "x", END])).toEqual(none);
    expect((await reading.linkOfLast([line("y", OTHER), spans("6", 1), "x", endOther], 1)).traceId).not.toBe("");
  });

  it("is no link for that one's logs: logs with the ids of the earlier one's trace", async () => {
    const reading = new Reading();
    await reading.read([START, carrying(TRACE), END, REPORT]);
    expect(await reading.linkOfLast([startOther, carrying(TRACE), "x"], 1)).toEqual(none);
    const own = { traceId: FOREIGN, spanId: "", method: "trace-id" };
    expect(await reading.linkOfLast([carrying(FOREIGN), "x", endOther], 2)).toEqual(own);
  });

  it("is no link for that one's logs where all that was seen of the earlier one are ids in no known request", async () => {
    const reading = new Reading();
    await reading.read([carrying(TRACE)]);
    expect(await reading.linkOfLast([START, carrying(TRACE), "x"], 1)).toEqual(none);
  });

  it("is no link for that one's logs within one delivery", async () => {
    const lines = [START, carrying(TRACE), END, REPORT, startOther, carrying(TRACE), "x", endOther];
    expect(await new Reading().linkOfLast(lines)).toEqual(none);
  });

  it("stays with the request that its spans name", async () => {
    const reading = new Reading();
    await reading.read([START, line("x"), END, REPORT]);
    const [start, inOther, late] = await reading.read([startOther, named, "x", line("late")], 1);
    expect(start?.linkMethod).toBe("");
    expect(inOther?.linkMethod).toBe("");
    expect(late && { ...linkOf(late), method: late.linkMethod }).toMatchObject({ traceId: TRACE, spanId: HANDLER });
  });

  it("is no link for the second attempt at the same request: what names it, and was over before", async () => {
    const reading = new Reading();
    await reading.read([START, carrying(FOREIGN), END, REPORT]);
    const late = spans("5", 0, { request_id: REQUEST });
    expect(await reading.linkOfLast([START, late, "x"], 60)).toEqual(none);
    expect((await reading.linkOfLast([spans("6", 61, { request_id: REQUEST }), line("x")], 62)).traceId).toMatch(/6$/);
  });
});

describe("a request that Lambda began again, where no START and END is delivered", () => {
  it("has no links where a slice has lines of both attempts", async () => {
    const event = (message: string, seconds: number) => ({ message, timestamp: T0 + seconds * SECOND });
    const linksOf = async (...events: { message: string; timestamp: number }[]): Promise<string[]> => {
      const links: string[] = [];
      for await (const { telemetry } of readTelemetry(aDelivery(events), A_FORWARDER, [], { memory: {} }))
        for (const { logs } of telemetry) links.push(...logs.map(({ linkMethod }) => linkMethod));
      return links;
    };
    expect(await linksOf(event(line("a"), 0), event(line("b"), 61), event(named, 62))).toEqual(["", ""]);
    expect(await linksOf(event(line("a"), 0), event(line("b"), 29), event(line("c"), 58), event(named, 59))).toEqual(
      Array(3).fill("request-id"),
    );
    expect(await linksOf(event(START, 0), event(line("b"), 61), event(named, 62))).toEqual([
      "request-id",
      "request-id",
    ]);
  });
});

describe("the high half of a trace id", () => {
  const half = aPayload({ span_id: "77", parent_id: HANDLER, name: "step", type: "" });
  async function traceIdOf(reading: Reading, message: string, given: EnvelopeGiven = {}): Promise<string[]> {
    const ids: string[] = [];
    for await (const { telemetry } of readTelemetry(aDelivery([message], given), A_FORWARDER, [], {
      memory: reading.memory,
    }))
      for (const { tracePayloads } of telemetry)
        for (const { traces, decode } of tracePayloads)
          ids.push(...traces.map(({ traceId }) => traceId), ...decode().map(({ traceId }) => traceId));
    return ids;
  }

  it("is completed in the pieces of the trace that come later", async () => {
    const reading = new Reading();
    expect(await traceIdOf(reading, half)).toEqual(Array(2).fill("0".repeat(16) + LOW));
    await reading.read([named]);
    expect(await traceIdOf(reading, half)).toEqual([TRACE, TRACE]);
    expect((await reading.linkOfLast([`[dd.trace_id=${BigInt(`0x${LOW}`)} dd.span_id=6] x`])).traceId).toBe(TRACE);
    expect(await traceIdOf(reading, half, { logStream: "another" })).toEqual(Array(2).fill("0".repeat(16) + LOW));
  });

  it("stays unknown where two are claimed", async () => {
    const reading = new Reading();
    await reading.read([named]);
    await reading.read([aPayload({ meta: { "_dd.p.tid": "7777777700000000" } })]);
    expect(await traceIdOf(reading, half)).toEqual(Array(2).fill("0".repeat(16) + LOW));
  });
});

describe("what is kept", () => {
  it("is bounded, and the oldest goes first", async () => {
    const reading = new Reading();
    const id = (index: number): string => `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, "0")}`;
    const traces = Array.from({ length: 2_100 }, (_, index) =>
      aPayload({ trace_id: (index + 1).toString(16), meta: { request_id: id(index) } }),
    );
    await reading.read(traces);
    expect(await reading.linkOfLast([line("x", id(99))])).toEqual(none);
    expect((await reading.linkOfLast([line("x", id(100))])).method).toBe("remembered");
    expect((await reading.linkOfLast([line("x", id(2_099))])).method).toBe("remembered");
  });

  it("is bounded where names are long", async () => {
    const reading = new Reading();
    const service = "s".repeat(10_000);
    const id = (index: number): string => `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, "0")}`;
    const traces = Array.from({ length: 110 }, (_, index) =>
      aPayload({ service, trace_id: (index + 1).toString(16), meta: { request_id: id(index) } }),
    );
    await reading.read(traces);
    expect((await reading.linkOfLast([line("x", id(5))])).method).toBe("");
    expect((await reading.linkOfLast([line("x", id(109))])).method).toBe("remembered");
  });
});

describe("memory that is shared", () => {
  const request: RememberedRequest = {
    stream: JSON.stringify([
      "123456789012",
      "/aws/lambda/thinker-microservice",
      "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
    ]),
    requestId: REQUEST,
    traceId: TRACE,
    spanId: HANDLER,
    service: "thinker",
    env: "dev",
    version: "",
    strength: 5,
    fromUnixMs: T0,
    toUnixMs: T0,
  };

  it("is asked for requests that began or end elsewhere, and told of them", async () => {
    const reading = new Reading();
    const asked: string[][] = [];
    const told: RememberedRequest[] = [];
    reading.memory.shared = {
      recall: async (_, ids) => {
        asked.push(ids);
        return [request];
      },
      remember: (it) => void told.push(it),
      holds: false,
      await: async () => [],
      settle: async () => {},
    };
    const whole = [START, "x", END, REPORT].map((message) => message.replaceAll(REQUEST, OTHER));
    expect(await reading.linkOfLast([...whole, START, "x"])).toEqual(remembered);
    expect(asked).toEqual([[REQUEST]]);
    await reading.read([named], 1);
    await reading.read([line("x")], 2);
    expect(asked).toHaveLength(1);
    expect(told).toEqual([{ ...request, fromUnixMs: T0 + SECOND, toUnixMs: T0 + SECOND }]);
  });
});
