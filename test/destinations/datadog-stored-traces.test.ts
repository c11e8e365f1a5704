import fc from "fast-check";
import { tracerPayloadsIn, tracesOf } from "../../src/destinations/datadog-stored-traces.ts";
import { datadogTraces } from "../../src/destinations/datadog-traces.ts";
import type { Span } from "../../src/telemetry.ts";
import { type AgentSpan, decodeAgentPayload, type TracerPayload } from "../../src/viewer/agent-payload.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { payloadLine } from "../helpers/payload-lines.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

/** Of a log of the lines' log stream. */
const TAGS =
  "forwardername:forwarder,forwarder_version:1.2.3,env:none,aws_account:123456789012," +
  "functionname:thinker-microservice,region:eu-west-1,service:thinker-microservice";
/** What every span gets. */
const ALWAYS = { "_dd.compute_stats": "1", "_dd.origin": "lambda" };
const unchanged = (span: Span): Span => span;

let body: Buffer;
beforeAll(() => {
  body = bodyOf([aPayload({}), aPayload({ meta: { text: "x".repeat(200) } }, {}), aPayload({ name: "é" })]);
});

function bodyOf(lines: string[]): Buffer {
  const [made] = bodiesFor(datadogTraces(aConfig(), A_FORWARDER), [telemetryOf(lines)]);
  return made?.body ?? Buffer.alloc(0);
}

function payloadOf(message: string, tags?: unknown): TracerPayload {
  const item = tracesOf(tags === undefined ? { message } : { message, tags }, unchanged);
  const { tracerPayloads } = decodeAgentPayload(item as Uint8Array);
  expect(tracerPayloads).toHaveLength(1);
  return tracerPayloads[0] as TracerPayload;
}

function spansOf(message: string, tags?: unknown): AgentSpan[] {
  return payloadOf(message, tags).chunks.flatMap(({ spans }) => spans);
}

describe("stored traces", () => {
  it("are the tracer payloads of the body, each a body of its own for another decoder", () => {
    const items = tracerPayloadsIn(body);
    const decoded = items.map((item) => decodeAgentPayload(item).tracerPayloads);
    expect(decoded.map((payloads) => payloads.length)).toEqual([1, 1, 1]);
    expect(decoded.flat()).toEqual(decodeAgentPayload(body).tracerPayloads);
    expect(body.subarray(-Buffer.concat(items).length)).toEqual(Buffer.concat(items));
  });

  it("are found behind fields of every wire type, which are left out", () => {
    const others = Buffer.from("08960131000102030405060742036162635d01020304", "hex");
    const [item] = tracerPayloadsIn(body) as [Uint8Array];
    expect(tracerPayloadsIn(Buffer.concat([others, item, others, item]))).toEqual([item, item]);
    expect(tracerPayloadsIn(others)).toEqual([]);
  });

  it("are cut between items or not at all", () => {
    const ends = new Set([0]);
    for (const item of tracerPayloadsIn(body)) ends.add(item.byteOffset + item.length - body.byteOffset);
    const head = body.length - Buffer.concat(tracerPayloadsIn(body)).length;
    ends.add(head);
    for (let length = 0; length <= body.length; length++) {
      const read = (): number => Buffer.concat(tracerPayloadsIn(body.subarray(0, length))).length;
      if (ends.has(length)) expect(read()).toBe(Math.max(0, length - head));
      else expect(read).toThrow("no protobuf AgentPayload");
    }
  });

  it.each([
    ["a group", "0b"],
    ["field 0", "0200"],
    ["a number as field 5", "2801"],
    ["a length without its content", "2a05"],
    ["a length beyond all", "2affffffffffffffffff01"],
    ["a number without end", "08ffffffffffffffffffffff"],
    ["a double cut short", "3100"],
    ["JSON", Buffer.from('[{"a":1}]').toString("hex")],
  ])("are not %s", (_, hex) => {
    expect(() => tracerPayloadsIn(Buffer.from(hex, "hex"))).toThrow("no protobuf AgentPayload");
  });
});

describe("a trace payload line that a Datadog Forwarder left behind", () => {
  it("becomes the item that it would have been in a delivery", () => {
    fc.assert(
      fc.property(payloadLine, (line) => {
        // That forwarder stored what it had read itself.
        fc.pre(telemetryOf([line]).repaired === undefined);
        const [inDelivery] = tracerPayloadsIn(bodyOf([line]));
        const item = tracesOf({ message: line, tags: TAGS }, unchanged);
        expect(item && Buffer.from(item).toString("hex")).toBe(inDelivery && Buffer.from(inDelivery).toString("hex"));
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it("gives its tags to the spans that have none of that name", () => {
    const line = aPayload({ meta: { env: "dev", functionname: "mine" } }, { meta: { env: "dev" } });
    const tags = "forwardername:f, team:a:b,functionname:thinker,region:eu-west-1";
    const [first, second] = spansOf(line, tags) as [AgentSpan, AgentSpan];
    const added = { forwardername: "f", team: "a:b", region: "eu-west-1", ...ALWAYS };
    expect(first.meta).toEqual({ ...added, env: "dev", functionname: "mine" });
    expect(second.meta).toEqual({ ...added, env: "dev", functionname: "thinker" });
  });

  it("takes the service of its tags, and none of Datadog's own names", () => {
    const [span] = spansOf(aPayload({ meta: {} }), "service:other,_dd.p.tid:6b00f9d500000000,_x:1") as [AgentSpan];
    expect(span).toMatchObject({ service: "other" });
    expect(span.meta).toEqual(ALWAYS);
  });

  it("takes the env of its tags, and their version where none of its spans says one", () => {
    expect(payloadOf(aPayload({ meta: {} }, { meta: {} }), "env:prod,version:7")).toMatchObject({
      env: "prod",
      appVersion: "7",
    });
    const line = aPayload({ meta: {} }, { meta: { env: "dev", version: "1" } });
    expect(payloadOf(line, "env:prod,version:7")).toMatchObject({ env: "prod", appVersion: "1" });
    expect(payloadOf(line, "env:none").env).toBe("dev");
    expect(spansOf(line, "env:prod")[0]?.meta).not.toHaveProperty("env");
  });

  it("leaves the tags off a span that has its own, as one inferred from what invoked the function", () => {
    const inferred = { meta: { "_inferred_span.tag_source": "self" } };
    const [first, second] = spansOf(aPayload(inferred, {}), "functionname:f") as [AgentSpan, AgentSpan];
    expect(first.meta).not.toHaveProperty("functionname");
    expect(second.meta).toHaveProperty("functionname", "f");
  });

  it("needs no tags, and passes over what is no tag", () => {
    const line = aPayload({ meta: {} });
    for (const tags of [undefined, "", ",", "alone", ":", "a:", ":b", " : ", ",,x"]) {
      expect(spansOf(line, tags)[0]?.meta).toEqual(ALWAYS);
    }
  });

  it("takes names that objects have of themselves for what they are", () => {
    const [span] = spansOf(aPayload({ meta: {} }), "constructor:a,toString:b") as [AgentSpan];
    expect(span.meta).toMatchObject({ constructor: "a", toString: "b" });
  });

  it.each([
    ["null", null],
    ["a text", aPayload({})],
    ["a list", [aPayload({})]],
    ["nothing", {}],
    ["a log", { message: "hello", tags: "" }],
    ["damaged JSON", { message: aPayload({}).slice(0, -3), tags: "" }],
    ["an object as the line", { message: { traces: [] }, tags: "" }],
    ["a list of tags", { message: aPayload({}), tags: ["a:b"] }],
    ["a line longer than CloudWatch has", { message: `${aPayload({})}${" ".repeat(1_048_576)}`, tags: "" }],
    ["tags that would fill the memory", { message: aPayload({}, {}), tags: "a:b,".repeat(3_000_000) }],
  ])("is not %s", (_, element) => {
    expect(tracesOf(element, unchanged)).toBeUndefined();
  });
});
