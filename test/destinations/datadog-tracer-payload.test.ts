import { datadogTraces } from "../../src/destinations/datadog-traces.ts";
import { type AgentSpan, decodeAgentPayload, type TracerPayload } from "../../src/viewer/agent-payload.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

const ids = (span: number, parent: number): { span_id: string; parent_id: string } => ({
  span_id: span.toString(16),
  parent_id: parent.toString(16),
});
const PLACEHOLDER = { "_dd.parent_source": "xray" };

/** Lines as tracers print them are read by position; any others are decoded. What is sent is the same. */
describe.each([
  ["noted by position", (line: string) => line],
  ["decoded", (line: string) => JSON.stringify(JSON.parse(line), null, 1)],
])("a trace payload line that is %s", (way, spelled) => {
  function payloadsOf(lines: string[], tags = "", logGroup = "/aws/lambda/fn"): TracerPayload[] {
    const telemetry = telemetryOf(lines.map(spelled), { logGroup });
    expect(telemetry.tracePayloads).toHaveLength(lines.length);
    expect(telemetry.tracePayloads.every(({ table }) => (table !== null) === (way === "noted by position"))).toBe(true);
    const [sent] = bodiesFor(datadogTraces(aConfig({ DD_TAGS: tags }), A_FORWARDER), [telemetry]);
    return decodeAgentPayload(sent?.body as Uint8Array).tracerPayloads;
  }

  function spansOf(lines: string[], tags = "", logGroup?: string): AgentSpan[] {
    return payloadsOf(lines, tags, logGroup).flatMap(({ chunks }) => chunks.flatMap(({ spans }) => spans));
  }

  const servicesOf = (lines: string[], tags: string): string[] => spansOf(lines, tags).map(({ service }) => service);
  const topLevelOf = (lines: string[]): (number | undefined)[] =>
    spansOf(lines).map(({ metrics }) => metrics._top_level);

  it("gets the tags of its log stream as attributes of every span", () => {
    for (const { meta } of spansOf([aPayload({ meta: {} }, { meta: { a: "b" } })], "team:checkout")) {
      expect(meta).toMatchObject({
        "_dd.origin": "lambda",
        "_dd.compute_stats": "1",
        team: "checkout",
        forwardername: "forwarder",
        forwarder_version: "1.2.3",
        aws_account: "123456789012",
        functionname: "fn",
        region: "eu-west-1",
      });
      expect(meta).not.toHaveProperty("env");
      expect(meta).not.toHaveProperty("service");
    }
  });

  it("keeps what a span says itself of the same name", () => {
    const meta = { team: "orders", region: "us-east-1", "_dd.origin": "other", "_dd.compute_stats": "0" };
    expect(spansOf([aPayload({ meta })], "team:checkout")[0]?.meta).toMatchObject(meta);
  });

  it("leaves the tags off a span that has its own, as one inferred from what invoked the function", () => {
    const [inferred, usual] = spansOf(
      [
        aPayload(
          { meta: { "_inferred_span.tag_source": "self" } },
          { meta: { "_inferred_span.tag_source": "lambda" } },
        ),
      ],
      "team:a",
    ) as [AgentSpan, AgentSpan];
    expect(inferred.meta).toEqual({
      "_inferred_span.tag_source": "self",
      "_dd.origin": "lambda",
      "_dd.compute_stats": "1",
    });
    expect(usual.meta).toMatchObject({ team: "a", functionname: "fn" });
  });

  it.each([
    ["the tags", "env:prod", "prod"],
    ["the last span that names one, where the tags do not", "", "qa"],
    ["the last span that names one, where the tags say none", "env:none", "qa"],
  ])("is of the environment of %s", (_, tags, env) => {
    const line = aPayload({ meta: { env: "dev" } }, { meta: { env: "qa" } }, { meta: { env: "" } }, { meta: {} });
    expect(payloadsOf([line], tags).map((payload) => payload.env)).toEqual([env]);
  });

  it("is of the environment none where nobody names one", () => {
    expect(payloadsOf([aPayload({ meta: {} })]).map(({ env }) => env)).toEqual(["none"]);
  });

  it("keeps the sampling priority of its tracer", () => {
    const line = aPayload({ metrics: {} }, { metrics: { _sampling_priority_v1: -1 } });
    expect(payloadsOf([line])[0]?.chunks[0]?.priority).toBe(-1);
  });

  describe("of a function with another name in its tags", () => {
    it("gets that name as the service of the function's spans, and of those named after it", () => {
      const spans = ["fn-a", "fn-a-dns", "fn-b", "db"].map((service) => ({ service, name: "x", meta: { service } }));
      spans.push({ service: "fn-a", name: "aws.lambda", meta: { service: "fn-a" } });
      const sent = spansOf([aPayload(...spans)], "service:svc");
      expect(sent.map(({ service }) => service)).toEqual(["svc", "svc-dns", "fn-b", "db", "svc"]);
    });

    it("does not leave the old service among the attributes", () => {
      const line = aPayload(
        { service: "fn-dns", name: "dns.lookup", meta: { service: "fn" } },
        { service: "fn", meta: { service: "fn", a: "b" } },
        { service: "fn", meta: { service: "" } },
        { service: "fn", meta: {} },
        { service: "db", name: "query", meta: { service: "db" } },
      );
      expect(spansOf([line], "service:é").map(({ meta }) => meta.service)).toEqual(["é", "é", "", undefined, "db"]);
    });

    it("keeps every service when the function has none, rather than put the name before each", () => {
      expect(servicesOf([aPayload({ service: "" }, { service: "db", name: "query" })], "service:svc")).toEqual([
        "",
        "db",
      ]);
    });

    it("gets the name in all lines of its trace, though one alone has the function's span", () => {
      const lines = [aPayload({ service: "fn", name: "query" }), aPayload({ service: "fn" })];
      expect(servicesOf(lines, "service:svc")).toEqual(["svc", "svc"]);
    });

    it("gets the name instead of the one that tracers give to functions", () => {
      const line = aPayload({ service: "aws.lambda", name: "aws.lambda.load" }, { service: "db", name: "query" });
      expect(servicesOf([line], "service:svc")).toEqual(["svc", "db"]);
    });

    it("tells its service with escapes from others", () => {
      const line = aPayload({ service: 'f"n' }, { service: 'f"n-dns', name: "x", meta: { service: 'f"n' } });
      const [first, second] = spansOf([line], "service:svc") as [AgentSpan, AgentSpan];
      expect([first.service, second.service, second.meta.service]).toEqual(["svc", "svc-dns", "svc"]);
    });
  });

  it("keeps its services outside of functions", () => {
    const [span] = spansOf([aPayload({ service: "own" })], "", "/ecs/app");
    expect(span?.service).toBe("own");
  });

  describe("with spans that stand for a span of X-Ray", () => {
    it("gives their parent to their children, wherever they stand", () => {
      const placeholder = { ...ids(2, 1), meta: PLACEHOLDER };
      const children = [ids(3, 2), ids(4, 2), ids(5, 3)];
      const expected = [
        ["3", "1"],
        ["4", "1"],
        ["5", "3"],
      ];
      for (const spans of [
        [placeholder, ...children],
        [...children, placeholder],
      ]) {
        const sent = spansOf([aPayload(...spans)]);
        expect(sent.map(({ spanID, parentID }) => [spanID, parentID])).toEqual(expected);
      }
    });

    it("gives their parent to their children in other lines", () => {
      const lines = [aPayload(ids(3, 2)), aPayload({ ...ids(2, 1), meta: PLACEHOLDER }), aPayload(ids(4, 2))];
      expect(payloadsOf(lines).map(({ chunks }) => chunks.map(({ spans }) => spans[0]?.parentID))).toEqual([
        ["1"],
        [],
        ["1"],
      ]);
    });

    it("goes up through several, and makes roots of the children of those that go round", () => {
      const chain = [
        ids(9, 4),
        { ...ids(4, 3), meta: PLACEHOLDER },
        { ...ids(3, 2), meta: PLACEHOLDER },
        { ...ids(2, 1), meta: PLACEHOLDER },
      ];
      expect(spansOf([aPayload(...chain)])[0]?.parentID).toBe("1");
      const round = [ids(9, 2), ids(8, 3), { ...ids(2, 3), meta: PLACEHOLDER }, { ...ids(3, 2), meta: PLACEHOLDER }];
      expect(spansOf([aPayload(...round)]).map(({ parentID }) => parentID)).toEqual(["0", "0"]);
    });

    it("keeps what they alone say of the trace: its priority, its tracer, its environment and the high half of its id", () => {
      const meta = { ...PLACEHOLDER, "_dd.p.tid": "6b00f9d500000000", "_dd.p.dm": "-1", env: "prod", language: "js" };
      const line = aPayload(
        { ...ids(2, 1), meta, metrics: { _sampling_priority_v1: 2 } },
        { ...ids(3, 2), meta: { "_dd.p.dm": "-0" }, metrics: {} },
        { ...ids(4, 2), meta: {}, metrics: {} },
      );
      const [payload] = payloadsOf([line]) as [TracerPayload];
      expect(payload).toMatchObject({ env: "prod", languageName: "js", chunks: [{ priority: 2 }] });
      const [first, second] = payload.chunks.flatMap(({ spans }) => spans) as [AgentSpan, AgentSpan];
      expect(first.meta).toMatchObject({ "_dd.p.tid": "6b00f9d500000000", "_dd.p.dm": "-0" });
      expect(second.meta).not.toHaveProperty("_dd.p.tid");
    });

    it("takes no time for a long row of them with many children", () => {
      const row = Array.from({ length: 1_000 }, (_, index) => ({ ...ids(index + 2, index + 1), meta: PLACEHOLDER }));
      const children = Array.from({ length: 1_000 }, (_, index) => ids(index + 5_000, 1_001));
      const sent = spansOf([aPayload(...row), aPayload(...children)]);
      expect(new Set(sent.map(({ parentID }) => parentID))).toEqual(new Set(["1"]));
    });
  });

  describe("says of a span that it is top-level", () => {
    it("when it is a root, when its parent is elsewhere, and when its parent is of another service", () => {
      const line = aPayload(
        { ...ids(1, 0), service: "fn" },
        { ...ids(2, 99), service: "fn" },
        { ...ids(3, 1), service: "db" },
        { ...ids(4, 1), service: "fn" },
        { ...ids(5, 3), service: "db" },
      );
      expect(topLevelOf([line])).toEqual([1, 1, 1, undefined, undefined]);
    });

    it("not when its parent is in another line of the trace, before or behind", () => {
      const lines = [aPayload(ids(2, 1)), aPayload(ids(1, 0)), aPayload(ids(3, 2))];
      expect(topLevelOf(lines)).toEqual([undefined, 1, undefined]);
    });

    it("when the span of X-Ray that it belongs to is left out", () => {
      expect(topLevelOf([aPayload({ ...ids(2, 1), meta: PLACEHOLDER }, ids(3, 2), ids(4, 3))])).toEqual([1, undefined]);
    });

    it("in its tracer's words, when that says it", () => {
      expect(topLevelOf([aPayload({ metrics: { _top_level: 0 } })])).toEqual([0]);
    });
  });
});

describe("what only a decoded line has", () => {
  function onlySpanOf(line: string): AgentSpan {
    const [sent] = bodiesFor(datadogTraces(aConfig(), A_FORWARDER), [telemetryOf([line])]);
    return decodeAgentPayload(sent?.body as Uint8Array).tracerPayloads[0]?.chunks[0]?.spans[0] as AgentSpan;
  }

  it("does not lose links, events and structured attributes", () => {
    const span = onlySpanOf(
      aPayload({
        span_links: [{ trace_id: "1", span_id: "2" }],
        span_events: [{ name: "e", time_unix_nano: 5 }],
        meta_struct: { "_dd.stack": { exploit: [{ id: 7, line: "é" }] }, none: null },
        meta: { "_dd.span_links": "[]", events: "[]" },
      }),
    );
    expect(span.spanLinks.map(({ spanID }) => spanID)).toEqual(["2"]);
    expect(span.spanEvents.map(({ name }) => name)).toEqual(["e"]);
    expect(Buffer.from(span.metaStruct["_dd.stack"] as Uint8Array).toString("hex")).toBe(
      "81a76578706c6f69749182a2696407a46c696e65a2c3a9",
    );
    expect(Buffer.from(span.metaStruct.none as Uint8Array).toString("hex")).toBe("c0");
    expect(span.meta).toMatchObject({ "_dd.span_links": "[]", events: "[]" });
  });

  it("leaves out a structured attribute that is nested deeper than any tracer's, and keeps its neighbours", () => {
    const deep = `${'{"a":['.repeat(5_000)}${"]}".repeat(5_000)}`;
    const line = aPayload({ meta_struct: { deep: "?", flat: 1 } }).replace('"?"', deep);
    expect(Object.keys(onlySpanOf(line).metaStruct)).toEqual(["flat"]);
  });
});
