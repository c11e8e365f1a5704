/** Random log streams, of which the test knows each line's request, cut anywhere into a delivery. */
import fc from "fast-check";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import type { EnvelopeGiven } from "../helpers/deliveries.ts";
import { type Link, linkOf } from "../helpers/links.ts";
import { aPayload } from "../helpers/payloads.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

/** A line, and the request it was written in; -1: in none. */
interface Line {
  message: string;
  request: number;
  boundary?: "start" | "end";
}

type Tracer = "wrapper" | "tracer" | "X-Ray" | "none";
type Form = "plain" | "runtime" | "app" | "carrying" | "JSON" | "payload";

interface GivenRequest {
  tracer: Tracer;
  format: "text" | "JSON" | "JSON without END";
  forms: Form[];
}

const PLAIN = ["plain", "a line\nof two", '{"msg":"structured"}', '{"traces":[[{"trace_id":"1"}]]}'];

const requestId = (request: number): string => `aaaaaaaa-0000-4000-8000-${String(request).padStart(12, "0")}`;
const low = (request: number): string => (0xa000 + request).toString(16).padStart(16, "a");
const handlerId = (request: number): string => (0xb000 + request).toString(16).padStart(16, "b");
const xrayId = (request: number): string => `6ac7d556${request.toString(16).padStart(24, "c")}`;
const isTraced = (tracer: Tracer): boolean => tracer === "wrapper" || tracer === "tracer";

/** All lines of a request, in order. */
function linesOf({ tracer, format, forms }: GivenRequest, request: number): Line[] {
  const id = requestId(request);
  const xray = tracer === "X-Ray" ? xrayId(request) : "";
  const header = `1-${xray.slice(0, 8)}-${xray.slice(8)}`;
  const tracing = xray ? { tracing: { type: "X-Amzn-Trace-Id", value: `Root=${header};Sampled=1` } } : {};
  const platform = (type: string): string => JSON.stringify({ time: "…", type, record: { requestId: id, ...tracing } });
  const isText = format === "text";
  const report = `REPORT RequestId: ${id}\tDuration: 1 ms\t\n${xray ? `XRAY TraceId: ${header}\t\n` : ""}`;
  return [
    {
      message: isText ? `START RequestId: ${id} Version: 1\n` : platform("platform.start"),
      request,
      boundary: "start",
    },
    ...forms.map((form, index) => ({ message: messageOf(form, tracer, request, index), request })),
    ...(format === "JSON without END"
      ? []
      : [
          {
            message: isText ? `END RequestId: ${id}\n` : platform("platform.runtimeDone"),
            request,
            boundary: "end" as const,
          },
        ]),
    { message: isText ? report : platform("platform.report"), request, boundary: "end" },
  ];
}

function messageOf(form: Form, tracer: Tracer, request: number, index: number): string {
  const id = requestId(request);
  const span = { trace_id: low(request), span_id: handlerId(request) };
  if (form === "payload" && tracer === "wrapper") return aPayload({ ...span, meta: { request_id: id } });
  if (form === "payload" && tracer === "tracer") return aPayload({ ...span, name: "job", type: "" });
  if (form === "carrying" && isTraced(tracer)) {
    return `[dd.trace_id=${BigInt(`0x${low(request)}`)} dd.span_id=${BigInt(`0x${handlerId(request)}`)}] x`;
  }
  if (form === "runtime") return `2026-11-21T01:53:45.858Z\t${id}\tINFO\tx\n`;
  if (form === "JSON") return JSON.stringify({ timestamp: "…", level: "INFO", requestId: id, message: "x" });
  if (form === "app") return JSON.stringify({ request_id: id });
  return PLAIN[index % PLAIN.length] as string;
}

/** Whether a log may be linked so: to its own request's trace, or to none. */
function isTrue({ traceId, spanId }: Link, request: number, given: GivenRequest[]): boolean {
  if (traceId === "") return spanId === "";
  const tracer = given[request]?.tracer;
  if (tracer === "X-Ray") return traceId === xrayId(request) && spanId === "";
  return (
    tracer !== undefined &&
    isTraced(tracer) &&
    traceId === "0".repeat(16) + low(request) &&
    [handlerId(request), ""].includes(spanId)
  );
}

function wrongLinks(lines: Line[], telemetry: ResourceTelemetry, given: GivenRequest[]): string[] {
  return telemetry.logs
    .filter((log) => !isTrue(linkOf(log), (lines[log.index] as Line).request, given))
    .map((log) => `${lines[log.index]?.request}: ${lines[log.index]?.message} → ${linkOf(log).traceId}`);
}

const aRequest: fc.Arbitrary<GivenRequest> = fc.record({
  tracer: fc.constantFrom<Tracer>("wrapper", "tracer", "X-Ray", "none"),
  format: fc.constantFrom("text", "JSON", "JSON without END"),
  forms: fc.array(fc.constantFrom<Form>("plain", "plain", "runtime", "app", "carrying", "JSON", "payload"), {
    maxLength: 5,
  }),
});
const requests = fc.array(aRequest, { minLength: 1, maxLength: 5 });
const betweenRequests = fc.array(fc.constantFrom(...PLAIN), { maxLength: 2 });
const cut = fc.tuple(fc.nat(), fc.nat());

function cutOf(lines: Line[], [a, b]: [number, number]): Line[] {
  const [from, to] = [a % (lines.length + 1), b % (lines.length + 1)];
  return lines.slice(Math.min(from, to), Math.max(from, to));
}

function telemetryOfLines(lines: Line[], given: EnvelopeGiven = {}): ResourceTelemetry {
  return telemetryOf(
    lines.map(({ message }) => message),
    given,
  );
}

/** The requests' lines in turns: `turns` says whose line is next. */
function interleaved(given: GivenRequest[], turns: number[]): Line[] {
  const queues = given.map(linesOf);
  const lines: Line[] = [];
  for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
    const waiting = queues.filter((queue) => queue.length > 0);
    const queue = waiting[(turns[turn % turns.length] as number) % waiting.length] as Line[];
    lines.push(queue.shift() as Line);
  }
  return lines;
}

/** Whether every request that is open in the delivery starts or ends in it; of others a delivery cannot know. */
function showsAllOpen(stream: Line[], delivery: Line[]): boolean {
  const shown = new Set(delivery.flatMap(({ request, boundary }) => (boundary ? [request] : [])));
  const at = stream.indexOf(delivery[0] as Line);
  const ongoing = stream
    .slice(0, at)
    .filter(
      ({ request, boundary }) =>
        boundary === "start" && stream.slice(at).some((line) => line.request === request && line.boundary),
    );
  return ongoing.every(({ request }) => shown.has(request));
}

describe("a log stream", () => {
  it("that works on one request at a time links no line to another request, wherever the delivery is cut", () => {
    fc.assert(
      fc.property(requests, fc.array(betweenRequests, { minLength: 6, maxLength: 6 }), cut, (given, between, where) => {
        const idle = between.map((messages) => messages.map((message) => ({ message, request: -1 })));
        const stream = given.flatMap((request, index) => [...(idle[index] as Line[]), ...linesOf(request, index)]);
        const delivery = cutOf([...stream, ...(idle[5] as Line[])], where);
        expect(wrongLinks(delivery, telemetryOfLines(delivery), given)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it("that is delivered whole links every line of a request that has a trace", () => {
    fc.assert(
      fc.property(requests, (given) => {
        const stream = given.flatMap(linesOf);
        const telemetry = telemetryOfLines(stream);
        const hasTrace = ({ tracer, forms }: GivenRequest): boolean =>
          tracer === "X-Ray" || (isTraced(tracer) && forms.some((form) => form === "payload" || form === "carrying"));
        const unlinked = telemetry.logs
          .filter((log) => linkOf(log).traceId === "")
          .map((log) => stream[log.index]?.request);
        expect(unlinked.filter((request) => hasTrace(given[request as number] as GivenRequest))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("that works on several requests at once links no line to another request", () => {
    fc.assert(
      fc.property(requests, fc.array(fc.nat(10), { minLength: 1 }), (given, turns) => {
        const stream = interleaved(given, turns);
        expect(wrongLinks(stream, telemetryOfLines(stream), given)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it("that works on several requests at once links no line to another request, wherever the delivery is cut", () => {
    fc.assert(
      fc.property(requests, fc.array(fc.nat(10), { minLength: 1 }), cut, (given, turns, where) => {
        const stream = interleaved(given, turns);
        const delivery = cutOf(stream, where);
        fc.pre(delivery.length > 0 && showsAllOpen(stream, delivery));
        expect(wrongLinks(delivery, telemetryOfLines(delivery), given)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it("of a function that may take several requests at once links no line to another one, whatever a delivery shows", () => {
    const logStream = "2026/11/21/[7]0123456789abcdef0123456789abcdef";
    const inJson = requests.map((given) => given.map((request) => ({ ...request, format: "JSON" as const })));
    fc.assert(
      fc.property(inJson, fc.array(fc.nat(10), { minLength: 1 }), cut, (given, turns, where) => {
        const delivery = cutOf(interleaved(given, turns), where);
        fc.pre(delivery.length > 0);
        expect(wrongLinks(delivery, telemetryOfLines(delivery, { logStream }), given)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });
});
