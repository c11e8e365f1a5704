import { readFileSync } from "node:fs";
import path from "node:path";
import { tracesOf } from "../../src/formats/datadog-of-otlp.ts";
import { readTraces } from "../../src/formats/datadog-spans.ts";
import { resourceSpansOf } from "../../src/formats/otlp-of-datadog.ts";
import { streamAttributesOf } from "../../src/formats/otlp-resource.ts";
import type { OtlpSpan, Span, Trace } from "../../src/telemetry.ts";
import { aResource, onlySpan } from "../helpers/otlp.ts";
import { aSpan } from "../helpers/telemetry.ts";

const TRACE_ID = "6b00f9d500000000414ae78d188f3825";
const CAPTURES = path.join(__dirname, "../captures/dd-trace-js");

function otlpOf(given: Partial<Span>): OtlpSpan {
  return onlySpan(resourceSpansOf([{ traceId: TRACE_ID, spans: [aSpan(given)] }], streamAttributesOf(aResource())));
}

/** The trace lines that dd-trace-js printed in a function. */
function captured(file: string): Trace[][] {
  return readFileSync(path.join(CAPTURES, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const traces = readTraces((JSON.parse(line) as { message: string }).message);
      return traces ? [traces] : [];
    });
}

describe("Datadog's spans over OTLP", () => {
  it("are grouped by service, env and version, and traces stay whole", () => {
    const spans = ["a", "b", "a"].map((service, index) =>
      aSpan({ spanId: `000000000000000${index + 1}`, service, attributes: { env: "dev" } }),
    );
    const other = aSpan({ spanId: "0000000000000004", service: "a", attributes: { env: "prod" } });
    const all = resourceSpansOf([{ traceId: TRACE_ID, spans: [...spans, other] }], streamAttributesOf(aResource()));
    const told = all.map(({ attributes, scopeSpans }) => [
      attributes["service.name"],
      attributes["deployment.environment.name"],
      scopeSpans[0]?.spans.map(({ spanId }) => spanId.at(-1)),
    ]);
    expect(told).toEqual([
      ["a", "dev", ["1", "3"]],
      ["b", "dev", ["2"]],
      ["a", "prod", ["4"]],
    ]);
    expect(tracesOf(all)).toHaveLength(1);
  });

  it("of several functions have a resource for each, all spans of a trace in the one that one of them names", () => {
    const arn = "arn:aws:lambda:eu-west-1:123456789012:function:f:live";
    const root = aSpan({ spanId: "0000000000000001", attributes: { function_arn: arn } });
    const child = aSpan({ spanId: "0000000000000002", parentSpanId: "0000000000000001" });
    const bare = { "cloud.provider": "aws" };
    const all = resourceSpansOf(
      [
        { traceId: TRACE_ID, spans: [child, root] },
        { traceId: "1".repeat(32), spans: [child] },
      ],
      bare,
    );
    expect(all.map(({ attributes }) => attributes["faas.name"])).toEqual(["f", undefined]);
    expect(all[0]?.scopeSpans[0]?.spans).toHaveLength(2);
  });

  it("have the links and events that stand in attributes as JSON", () => {
    const { links, events, attributes } = otlpOf({
      attributes: {
        "_dd.span_links": `[{"trace_id":"${TRACE_ID}","span_id":"651c77517ea37a55","flags":1}]`,
        events: '[{"name":"e","time_unix_nano":1795226069831013037,"attributes":{"n":1}}]',
      },
    });
    expect(links).toMatchObject([{ traceId: TRACE_ID, spanId: "651c77517ea37a55", flags: 1 }]);
    expect(events).toMatchObject([{ name: "e", timeUnixNano: 1_795_226_069_831_013_037n, attributes: { n: 1n } }]);
    expect(Object.keys(attributes)).toEqual(["operation.name", "resource.name", "span.type"]);
  });

  it.each(["", "[", "{}", "[1]", '[{"trace_id":"x"}]', "[]", '[{"name":1}]'])(
    "keep links and events in attributes that are none: %s",
    (text) => {
      const given = { "_dd.span_links": text, events: text };
      const { links, events, attributes } = otlpOf({ attributes: given });
      expect([links, events]).toEqual([[], []]);
      expect(attributes).toMatchObject(given);
    },
  );

  it("have no times before 1970 and none after the last that the protocol has", () => {
    expect(otlpOf({ startTimeUnixNano: -5n, durationNano: 3n })).toMatchObject({
      startTimeUnixNano: 0n,
      endTimeUnixNano: 0n,
    });
    const { endTimeUnixNano } = otlpOf({ startTimeUnixNano: 2n ** 63n - 1n, durationNano: 2n ** 63n - 1n });
    expect(endTimeUnixNano).toBe(2n ** 64n - 2n);
  });

  it("take nothing from what every object has", () => {
    for (const type of ["constructor", "__proto__"]) expect(otlpOf({ type }).kind).toBe(1);
    const attributes = JSON.parse('{"__proto__":"a","constructor":"b"}');
    expect(Object.entries(otlpOf({ attributes }).attributes)).toEqual(
      expect.arrayContaining([
        ["__proto__", "a"],
        ["constructor", "b"],
      ]),
    );
  });

  it.each(["thinker-api.lambda-events.jsonl", "thinker-microservice.lambda-events.jsonl"])(
    "that dd-trace-js wrote come back as they were: %s",
    (file) => {
      const lines = captured(file);
      expect(lines.length).toBeGreaterThan(0);
      for (const traces of lines) {
        const all = resourceSpansOf(traces, streamAttributesOf(aResource()));
        const bySpan = (of: Trace[]): Map<string, Span> =>
          new Map(of.flatMap(({ spans }) => spans.map((span) => [span.spanId, withoutTid(span)])));
        const before = bySpan(traces);
        const after = bySpan(tracesOf(all));
        expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
        for (const [id, span] of before) {
          expect({ ...after.get(id), attributes: { "span.kind": "", ...after.get(id)?.attributes } }).toMatchObject(
            span,
          );
        }
        for (const { attributes } of all) {
          expect(attributes).toMatchObject({ "telemetry.sdk.name": "datadog", "telemetry.sdk.language": "nodejs" });
        }
      }
    },
  );
});

function withoutTid(span: Span): Span {
  const { "_dd.p.tid": _, ...attributes } = span.attributes;
  // They come back in the field that Datadog's spans have for them.
  const { "_dd.span_links": __, ...rest } = attributes;
  return { ...span, links: [], attributes: rest };
}
