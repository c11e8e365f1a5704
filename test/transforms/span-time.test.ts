import fc from "fast-check";
import { createSpanTable } from "../../src/formats/span-table.ts";
import { understand } from "../../src/pipeline.ts";
import type { LogEventBatch, LogRecord } from "../../src/telemetry.ts";
import { findLinks } from "../../src/transforms/correlate.ts";
import { resourceOf } from "../../src/transforms/resource.ts";
import { tieToOpenSpans } from "../../src/transforms/span-time.ts";
import { anEnvelope } from "../helpers/deliveries.ts";
import { linkOf } from "../helpers/links.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER, batchesIn } from "../helpers/telemetry.ts";

const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const T0 = 1_795_226_069_000;
const ids = { handler: "a1", outer: "a2", inner: "a3", sibling: "a4" } as const;
const line = `2026-11-21T01:53:45.858Z\t${REQUEST}\tINFO\tx\n`;

/** A span between two times, in ms after T0. */
function span(id: string, parent: string, from: number, to: number, more: object = {}): Record<string, unknown> {
  const [start, duration] = [(T0 + from) * 1e6, Math.round((to - from) * 1e6)];
  return { span_id: id, parent_id: parent, name: "step", type: "", meta: {}, start, duration, ...more };
}

const handler = span(ids.handler, "0", 0, 100, {
  name: "aws.lambda",
  type: "serverless",
  meta: { request_id: REQUEST },
});
const outer = span(ids.outer, ids.handler, 10, 60);
const inner = span(ids.inner, ids.outer, 20, 40);

/** The span id, without zeros in front, and the method of a line that was written then. */
function linkAt(ms: number, payloads: string[], message = line, style: "noted" | "parsed" = "noted"): string {
  const written = style === "noted" ? payloads : payloads.map((payload) => payload.replace(":[[", ": [ ["));
  const events = [
    `START RequestId: ${REQUEST} Version: 1\n`,
    ...written,
    { message, timestamp: T0 + ms },
    `END RequestId: ${REQUEST}\n`,
  ].map((event) => (typeof event === "string" ? { message: event, timestamp: T0 } : event));
  const [batch] = batchesIn(Buffer.from(anEnvelope(events))) as [LogEventBatch];
  const telemetry = understand(batch, resourceOf(batch, A_FORWARDER), createSpanTable());
  tieToOpenSpans(telemetry, findLinks(telemetry));
  const log = telemetry.logs.at(-2) as LogRecord;
  return `${linkOf(log).spanId.replace(/^0+/, "")} ${log.linkMethod}`;
}

describe.each(["noted", "parsed"] as const)("a log without ids, in a trace that is %s,", (style) => {
  const at = (ms: number, payloads: string[], message = line): string => linkAt(ms, payloads, message, style);

  it("gets the innermost span that was open", () => {
    const spans = [aPayload(handler, outer, inner)];
    const links = [5, 10, 19, 20, 39, 40, 59, 60, 99].map((ms) => at(ms, spans));
    expect(links).toEqual([
      "a1 request-id",
      "a2 span-time",
      "a2 span-time",
      "a3 span-time",
      "a3 span-time",
      "a2 span-time",
      "a2 span-time",
      "a1 request-id",
      "a1 request-id",
    ]);
  });

  it("gets it by its place in the stream too, and where the spans come in several lines", () => {
    expect(at(30, [aPayload(inner), aPayload(handler), aPayload(outer)], "x")).toBe("a3 span-time");
  });

  it("gets it where another request of the same trace had logs before", () => {
    const other = REQUEST.replace("5", "6");
    const second = span("a9", "0", 200, 300, { type: "serverless", meta: { request_id: other } });
    const payload = aPayload(handler, outer, inner, second);
    expect(at(30, [payload, line.replace(REQUEST, other)])).toBe("a3 span-time");
    expect(at(230, [payload, line.replace(REQUEST, other)])).toBe("a1 request-id");
  });

  it("keeps its request's span outside of its time", () => {
    expect(at(-5, [aPayload(handler, outer)])).toBe("a1 request-id");
    expect(at(500, [aPayload(handler, outer)])).toBe("a1 request-id");
  });

  it("stays with the span around two that were open at once", () => {
    const sibling = span(ids.sibling, ids.handler, 30, 80);
    const spans = [aPayload(handler, outer, sibling)];
    expect([15, 30, 45, 59, 60, 79].map((ms) => at(ms, spans))).toEqual([
      "a2 span-time",
      "a1 request-id",
      "a1 request-id",
      "a1 request-id",
      "a4 span-time",
      "a4 span-time",
    ]);
  });

  it("stays with the span around one that opens or closes within its millisecond", () => {
    const brief = span(ids.outer, ids.handler, 10.2, 20.7);
    expect([10, 11, 19, 20].map((ms) => at(ms, [aPayload(handler, brief)]))).toEqual([
      "a1 request-id",
      "a2 span-time",
      "a2 span-time",
      "a1 request-id",
    ]);
  });

  it("never gets a span of another service, nor one below it", () => {
    const foreign = { ...outer, service: "another" };
    expect(at(30, [aPayload(handler, foreign, inner)])).toBe("a1 request-id");
  });

  it("never gets a span that waits for somebody else", () => {
    for (const kind of ["client", "producer", "CLIENT"]) {
      expect(at(30, [aPayload(handler, { ...outer, meta: { "span.kind": kind } })])).toBe("a1 request-id");
    }
    expect(at(30, [aPayload(handler, { ...outer, meta: { "span.kind": "internal" } })])).toBe("a2 span-time");
  });

  it("never gets a span that does not stand below its request's", () => {
    expect(at(30, [aPayload(handler, { ...outer, parent_id: "77" })])).toBe("a1 request-id");
    expect(at(30, [aPayload(handler), aPayload({ ...outer, trace_id: "5" })])).toBe("a1 request-id");
  });

  it("keeps the ids it carries", () => {
    expect(at(30, [aPayload(handler, outer)], "[dd.trace_id=1 dd.span_id=2] x")).toBe("2 own-ids");
  });

  it("of the platform belongs to the request", () => {
    expect(at(30, [aPayload(handler, outer)], `REPORT RequestId: ${REQUEST}\tDuration: 1 ms`)).toBe("a1 request-id");
  });

  it("outside of the only span written gets the trace alone, where that span may be a part of the request's", () => {
    const part = { ...span("b1", "b0", 10, 60), meta: { "_dd.p.tid": "6b00f9d500000000" } };
    expect(at(30, [aPayload(part)])).toBe("b1 span-time");
    expect(at(70, [aPayload(part)])).toBe(" request-id");
    const waiting = { ...part, meta: { "span.kind": "client" } };
    expect(at(30, [aPayload(waiting)])).toBe(" request-id");
    expect(at(70, [aPayload({ ...part, parent_id: "0" })])).toBe("b1 request-id");
  });

  it("is not harmed by spans that are their own children, or end before they begin", () => {
    const loop = [span("b1", "b2", 0, 100), span("b2", "b1", 0, 100), span(ids.handler, ids.handler, 0, 100)];
    expect(at(30, [aPayload(handler, ...loop)])).toBe("a1 request-id");
    expect(at(30, [aPayload(handler, { ...outer, duration: 0 }, { ...outer, span_id: "c1", start: 0 })])).toBe(
      "a1 request-id",
    );
  });
});

describe("any tree of spans", () => {
  it("gives a log a span that was open, of which no child alone was", () => {
    const spanOf = fc.record({
      parent: fc.nat(),
      from: fc.integer({ min: 0, max: 90 }),
      ms: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(spanOf, { maxLength: 12 }), fc.integer({ min: -5, max: 105 }), (given, ms) => {
        const spans = given.map(({ parent, from, ms }, index) => ({
          id: (0xb0 + index).toString(16),
          parent:
            index === 0
              ? ids.handler
              : parent % (index + 1) === index
                ? ids.handler
                : (0xb0 + (parent % (index + 1))).toString(16),
          from,
          to: from + ms,
        }));
        const [spanId = ""] = linkAt(ms, [
          aPayload(handler, ...spans.map(({ id, parent, from, to }) => span(id, parent, from, to))),
        ]).split(" ");
        // One look at every span, from the outermost inwards.
        let expected: string = ids.handler;
        const isOpen = ({ from, to }: { from: number; to: number }): boolean => from < ms + 1 && to > ms;
        for (let open = ms >= 0 && ms + 1 <= 100; open; ) {
          const children = spans.filter((child) => child.parent === expected && isOpen(child));
          const [child] = children;
          open = child !== undefined && children.length === 1 && child.from <= ms && child.to >= ms + 1;
          if (open && child) expected = child.id;
        }
        expect(spanId).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
