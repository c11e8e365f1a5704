import fc from "fast-check";
import { destinationsFor } from "../../src/destinations/index.ts";
import { messageOf } from "../../src/formats/message.ts";
import type { LogRecord, ResourceTelemetry, Span, TracePayload } from "../../src/telemetry.ts";
import { compilePattern } from "../../src/transforms/pattern.ts";
import { redactEmail, redactIp } from "../../src/transforms/redact.ts";
import { type ScrubRule, scrub } from "../../src/transforms/scrub.ts";
import { scrubJson } from "../../src/transforms/scrub-json.ts";
import { decodeAgentPayload } from "../../src/viewer/agent-payload.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { A_REQUEST, type EnvelopeGiven, type EventGiven } from "../helpers/deliveries.ts";
import { linkOf } from "../helpers/links.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER, aConfig, aSpan, telemetryOf } from "../helpers/telemetry.ts";

/** A rule of DD_SCRUBBING_RULE. */
function aRule(pattern: string, template = "[gone]"): ScrubRule {
  const compiled = compilePattern(pattern);
  const replacement = compiled.replacement(template);
  return { mayApply: () => true, apply: (text) => compiled.replace(text, replacement) };
}

function scrubbed(messages: (string | EventGiven)[], rules: ScrubRule[], given?: EnvelopeGiven): ResourceTelemetry {
  return scrub(rules)(telemetryOf(messages, given));
}

function messagesOf({ logs, slice }: ResourceTelemetry): string[] {
  return logs.map((log) => messageOf(log, slice));
}

/** What Datadog's logs intake gets. */
function itemsOf(telemetry: ResourceTelemetry): Record<string, unknown>[] {
  const [logs] = destinationsFor(aConfig(), A_FORWARDER);
  return bodiesFor(logs as NonNullable<typeof logs>, [telemetry]).flatMap(({ body }) => JSON.parse(body.toString()));
}

function spansOf({ tracePayloads }: ResourceTelemetry): Span[] {
  return tracePayloads.flatMap((payload) => payload.decode()).flatMap(({ spans }) => spans);
}

/** An event with fields that a subscription filter took from its message. */
function withFields(message: string, extractedFields: Record<string, unknown>): EventGiven {
  return { message, extractedFields } as EventGiven;
}

describe("scrubbing of messages", () => {
  it("applies the rules one after the other to what they say", () => {
    const rules = [redactIp, redactEmail, aRule("xxx\\.xxx|xxxxx@", "-")];
    expect(messagesOf(scrubbed(["a 10.0.0.1 b", "to jane@example.com"], rules))).toEqual(["a -.- b", "to -xxxxx.com"]);
  });

  it("leaves the bytes of a message that no rule touches", () => {
    const { logs } = scrubbed(["nothing", "1.10 and é", "10.0.0.1"], [redactIp, aRule("secret")]);
    expect(logs.map(({ body }) => body)).toEqual([null, null, "xxx.xxx.xxx.xxx"]);
  });

  it("sees the text, not how JSON writes it", () => {
    const messages = ["key:\tsecret", 'a "secret"', "secret\\n", "Zürich\n"];
    const rules = [aRule("\\tsecret"), aRule('"secret"'), aRule("secret\\\\n"), aRule("Zürich$")];
    expect(messagesOf(scrubbed(messages, rules))).toEqual(["key:[gone]", "a [gone]", "[gone]", "[gone]\n"]);
  });

  it("never makes the body invalid, wherever a rule begins and ends", () => {
    const piece = fc.constantFrom('"', ",", "\\\\", "\\{", "\\}", ":", ".", "[^a]", "a", "n", "\\d", "message", ".*");
    const rule = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
    const replacement = fc.constantFrom("", '"', "\\\\", "\\n", "}", "\u{1F4A5}");
    const messages = ['{"a":"n","b":[1.5,"\\\\"]}', 'a "quoted" word,', "\u{1F4A5}\n", ""];
    fc.assert(
      fc.property(rule, replacement, (pattern, template) => {
        const rules = [aRule(pattern, template)];
        const telemetry = scrubbed(
          messages.map((message) => withFields(message, { a: message, n: 1 })),
          rules,
        );
        const apply = (text: string): string => (rules[0] as ScrubRule).apply(text);
        const items = itemsOf(telemetry);
        expect(items.map(({ message }) => message)).toEqual(messages.map(apply));
        expect(items.map(({ extractedFields }) => (extractedFields as { a: string }).a)).toEqual(messages.map(apply));
        expect(items.map(({ id, timestamp }) => [String(id).length, timestamp])).toEqual(
          messages.map((_, index) => [56, 1_795_226_069_000 + index]),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("covers what another transform made of a message or a span", () => {
    const telemetry = telemetryOf(["x", aPayload({ resource: "x" })]);
    const [log] = telemetry.logs as [LogRecord];
    log.body = "10.0.0.1";
    const [payload] = telemetry.tracePayloads as [TracePayload];
    const traces = payload.decode().map((trace) => ({ ...trace, spans: [aSpan({ resource: "10.0.0.1" })] }));
    telemetry.tracePayloads = [{ ...payload, table: null, decode: () => traces }];
    const after = scrub([redactIp])(telemetry);
    expect(messagesOf(after)).toEqual(["xxx.xxx.xxx.xxx"]);
    expect(spansOf(after).map(({ resource }) => resource)).toEqual(["xxx.xxx.xxx.xxx"]);
  });

  it("breaks no link: ids were read before", () => {
    const lines = [
      `START RequestId: ${A_REQUEST}`,
      `2026-11-21T01:53:45.858Z\t${A_REQUEST}\tINFO\tplain`,
      '{"dd":{"trace_id":"4702394921427289928","span_id":"7284123402344543829","service":"thinker"},"message":"hi"}',
      aPayload({ meta: { request_id: A_REQUEST, "_dd.p.tid": "6ac7d55600000000", env: "dev" } }),
      `END RequestId: ${A_REQUEST}`,
    ];
    const links = (telemetry: ResourceTelemetry): unknown[] => telemetry.logs.map((log) => [linkOf(log), log.context]);
    const before = telemetryOf(lines);
    expect(linkOf(before.logs[1] as LogRecord).traceId).toBe("6ac7d55600000000414ae78d188f3825");
    const after = scrubbed(lines, [aRule("[0-9a-f]{4,}", "")]);
    expect(messagesOf(after)[1]).not.toContain("14ff4e83");
    expect(links(after)).toEqual(links(before));
    expect(spansOf(after)[0]?.attributes).toMatchObject({ request_id: A_REQUEST, "_dd.p.tid": "6ac7d55600000000" });
    expect(itemsOf(after).map(({ dd }) => dd)).toEqual(itemsOf(before).map(({ dd }) => dd));
  });

  it("covers the names of log group and stream, and leaves function, service and account", () => {
    const given = { logGroup: "/aws/lambda/app@example.com", logStream: "10.0.0.1/123456789012" };
    const [item] = itemsOf(scrubbed(["x"], [redactIp, redactEmail, aRule("\\d{12}")], given));
    expect(item).toMatchObject({
      service: "app@example.com",
      host: "arn:aws:lambda:eu-west-1:123456789012:function:app@example.com",
      aws: {
        awslogs: {
          logGroup: "/aws/lambda/xxxxx@xxxxx.com",
          logStream: "xxx.xxx.xxx.xxx/[gone]",
          owner: "123456789012",
        },
      },
    });
  });

  it("gives all slices of a log stream one resource, and leaves a resource that it does not touch", () => {
    const change = scrub([redactIp]);
    const [first, second] = [telemetryOf(["10.0.0.1"], { logStream: "10.0.0.1" }), telemetryOf(["x"])];
    expect(change(first).resource).toBe(change({ ...second, resource: first.resource }).resource);
    expect(change(second).resource).toBe(second.resource);
  });
});

describe("scrubbing of fields beside a message", () => {
  it("covers their values, and leaves their names, neighbours and spelling", () => {
    const fields = { ip: "10.0.0.1", "10.0.0.1": "key", user: 'é "jane@example.com"', n: "1.10" };
    const telemetry = scrubbed(
      ["before", withFields("from 10.0.0.1", fields), withFields("same", { n: "1.10" }), "after"],
      [redactIp, redactEmail],
    );
    expect(itemsOf(telemetry).map(({ message, extractedFields }) => [message, extractedFields])).toEqual([
      ["before", undefined],
      ["from xxx.xxx.xxx.xxx", { ip: "xxx.xxx.xxx.xxx", "10.0.0.1": "key", user: 'é "xxxxx@xxxxx.com"', n: "1.10" }],
      ["same", { n: "1.10" }],
      ["after", undefined],
    ]);
  });

  it("leaves a message as it came beside fields that it changes", () => {
    const { logs, slice } = scrubbed([withFields("1.10 é", { ip: "10.0.0.1" })], [redactIp]);
    expect(logs[0]?.body).toBeNull();
    expect(messageOf(logs[0] as LogRecord, slice)).toBe("1.10 é");
  });

  it("is JSON of the same shape for any JSON, with every text in it changed and nothing else", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (json) => {
        const apply = (text: string): string => text.replaceAll("a", '"');
        const inObjects = JSON.parse(json, (_, value) => (typeof value === "string" ? apply(value) : value));
        const result = scrubJson(json, (text) => (/^(?:true|false|null)$/.test(text) ? text : apply(text)));
        expect(JSON.parse(result)).toEqual(inObjects);
        expect(scrubJson(json, (text) => text)).toBe(json);
      }),
    );
    expect(scrubJson('{"card":4111111111111111,"n":1.10}', aRule("\\d{16}").apply)).toBe('{"card":"[gone]","n":1.10}');
  });
});

describe("scrubbing of traces", () => {
  const spans: Record<string, unknown>[] = [
    {
      resource: "GET /users/jane@example.com",
      service: "10.0.0.1",
      meta: { "http.client_ip": "10.0.0.1", env: "10.0.0.1", "_dd.p.dm": "10.0.0.1", mail: "a@b.example" },
    },
    { span_id: "2", parent_id: "651c77517ea37a55", meta: { "http.url": "https://example.com/?q=1" } },
  ];

  it("covers resource and attributes, and leaves ids, names, services and what ties spans together", () => {
    const [first, second] = spansOf(scrubbed([aPayload(...spans)], [redactIp, redactEmail]));
    expect(first).toMatchObject({
      spanId: "651c77517ea37a55",
      service: "10.0.0.1",
      resource: "GET /users/xxxxx@xxxxx.com",
      attributes: {
        "http.client_ip": "xxx.xxx.xxx.xxx",
        env: "10.0.0.1",
        "_dd.p.dm": "10.0.0.1",
        mail: "xxxxx@xxxxx.com",
      },
    });
    expect(second?.attributes).toEqual({ "http.url": "https://example.com/?q=1" });
  });

  it("covers links and events", () => {
    const given = {
      span_links: [{ trace_id: "1", span_id: "2", attributes: { from: "10.0.0.1" } }],
      span_events: [
        { name: "exception", time_unix_nano: 1, attributes: { message: "10.0.0.1", list: ["10.0.0.1", 5] } },
      ],
    };
    const [span] = spansOf(scrubbed([aPayload(given)], [redactIp]));
    expect(span?.links[0]?.attributes).toEqual({ from: "xxx.xxx.xxx.xxx" });
    expect(span?.events[0]?.attributes).toEqual({ message: "xxx.xxx.xxx.xxx", list: ["xxx.xxx.xxx.xxx", 5] });
  });

  it("sends what it changed, and leaves payloads it does not change as they were noted", () => {
    const telemetry = scrubbed([aPayload(spans[1] ?? {}), aPayload(...spans)], [redactIp, redactEmail]);
    expect(telemetry.tracePayloads.map(({ table }) => table === null)).toEqual([false, true]);
    const traces = destinationsFor(aConfig(), A_FORWARDER)[1] as ReturnType<typeof destinationsFor>[number];
    const sent = bodiesFor(traces, [telemetry]).flatMap(({ body }) => decodeAgentPayload(body).tracerPayloads);
    expect(
      sent.flatMap(({ chunks }) => chunks.flatMap((chunk) => chunk.spans)).map(({ resource }) => resource),
    ).toEqual(["thinker-api", "GET /users/xxxxx@xxxxx.com", "thinker-api"]);
  });

  it("keeps traces that were decoded before as they were for others", () => {
    const telemetry = telemetryOf([JSON.stringify(JSON.parse(aPayload(...spans)), null, 1)]);
    const [before] = spansOf(telemetry);
    expect(spansOf(scrub([redactIp])(telemetry))[0]?.attributes["http.client_ip"]).toBe("xxx.xxx.xxx.xxx");
    expect(before?.attributes["http.client_ip"]).toBe("10.0.0.1");
  });

  it("is not harmed by attributes with names of Object's", () => {
    const meta = JSON.parse('{"__proto__":"10.0.0.1","constructor":"10.0.0.1"}');
    const [span] = spansOf(scrubbed([aPayload({ meta })], [redactIp]));
    expect(Object.entries(span?.attributes ?? {})).toEqual([
      ["__proto__", "xxx.xxx.xxx.xxx"],
      ["constructor", "xxx.xxx.xxx.xxx"],
    ]);
  });
});
