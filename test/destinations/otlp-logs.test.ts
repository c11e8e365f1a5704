import fc from "fast-check";
import type { Destination } from "../../src/destinations/destination.ts";
import { otlpLogs } from "../../src/destinations/otlp-logs.ts";
import type { OtlpProtocol } from "../../src/destinations/otlp-settings.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { A_REQUEST, capturedMessages } from "../helpers/deliveries.ts";
import { type Decoded, decodeOtlp, decodeOtlpJson, plain, plainValue } from "../helpers/otlp-published.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_FORWARDER, telemetryOf } from "../helpers/telemetry.ts";

const NOW_UNIX_MS = 1_795_226_070_123;

function logsBy(protocol: OtlpProtocol = "http/protobuf", jsonLogs: "attributes" | "string" = "attributes", tags = "") {
  const settings = { name: "otlp-logs", backend: "otlp", url: "https://collector/v1/logs", protocol };
  return otlpLogs(settings, { jsonLogs, tags, source: "" }, A_FORWARDER, () => NOW_UNIX_MS);
}

/** All that is sent, in one body. */
function sent(telemetry: ResourceTelemetry[], destination: Destination = logsBy()): Decoded {
  const [batch, ...others] = bodiesFor(destination, telemetry);
  expect(others).toEqual([]);
  const decode = destination.headers["content-type"] === "application/json" ? decodeOtlpJson : decodeOtlp;
  return decode("logs", batch?.body as Uint8Array);
}

function records(request: Decoded): Decoded[] {
  return request.resourceLogs.flatMap(({ scopeLogs }: Decoded) => scopeLogs.flatMap((it: Decoded) => it.logRecords));
}

/** Many lines, as they are read: some at a time. */
function inSlices(lines: string[]): ResourceTelemetry[] {
  const half = lines.length >> 1;
  if (Buffer.byteLength(lines.join("")) + lines.length * 100 < 3_000_000) return [telemetryOf(lines)];
  return [...inSlices(lines.slice(0, half)), ...inSlices(lines.slice(half))];
}

const recordOf = (message: string, destination?: Destination): Decoded =>
  records(sent([telemetryOf([message])], destination))[0];

describe("otlp-logs", () => {
  it("says once what wrote the log records of a stream, in OpenTelemetry's names", () => {
    const { resourceLogs } = sent(
      [telemetryOf(["a", "b"]), telemetryOf(["c"])].map((part, _, [first]) => ({
        ...part,
        resource: (first as ResourceTelemetry).resource,
      })),
      logsBy("http/protobuf", "attributes", "env:prod,team:thinkers"),
    );
    expect(resourceLogs).toHaveLength(1);
    const [{ resource, scopeLogs }] = resourceLogs;
    expect(plain(resource.attributes)).toEqual({
      "cloud.provider": "aws",
      "cloud.platform": "aws_lambda",
      "cloud.account.id": "123456789012",
      "cloud.region": "eu-west-1",
      "cloud.resource_id": "arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice",
      "aws.log.group.arns": ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/thinker-microservice:*"],
      "aws.log.group.names": ["/aws/lambda/thinker-microservice"],
      "aws.log.stream.arns": [
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/thinker-microservice:log-stream:2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
      ],
      "aws.log.stream.names": ["2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef"],
      "faas.name": "thinker-microservice",
      "faas.instance": "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
      "service.name": "thinker-microservice",
      "deployment.environment.name": "prod",
      team: "thinkers",
      "datadog.log.source": "lambda",
    });
    expect(scopeLogs).toHaveLength(1);
    expect(scopeLogs[0].scope).toMatchObject({ name: "log-trace-forwarder", version: "1.2.3" });
    expect(scopeLogs[0].logRecords.map(({ body }: Decoded) => body.stringValue)).toEqual(["a", "b", "c"]);
  });

  it("has the event's time to the nanosecond, its id, and the time of the forwarder", () => {
    const telemetry = telemetryOf([{ id: "31".repeat(28), timestamp: 1_795_226_069_831, message: "hello" }]);
    const [record] = records(sent([telemetry]));
    expect(record).toMatchObject({
      timeUnixNano: "1795226069831000000",
      observedTimeUnixNano: "1795226070123000000",
      body: { stringValue: "hello" },
    });
    expect(plain(record.attributes)).toEqual({ "log.record.uid": "31".repeat(28) });
  });

  it("says how a log was tied to its trace, and how many it stands for", () => {
    const telemetry = telemetryOf([
      `START RequestId: ${A_REQUEST} Version: $LATEST`,
      aPayload({ meta: { request_id: A_REQUEST } }),
      "in the request",
      `END RequestId: ${A_REQUEST}`,
      "outside",
    ]);
    const sampling = { rate: 0.25, threshold: "c" };
    for (const record of telemetry.logs) record.sampling = sampling;
    const told = records(sent([telemetry])).map(({ attributes }) => {
      const { "correlation.method": method, "sampling.threshold": threshold } = plain(attributes);
      return [method, threshold];
    });
    expect(told).toEqual([
      ["request-id", "c"],
      ["stream-position", "c"],
      ["request-id", "c"],
      [undefined, "c"],
    ]);
  });

  it("names the technology behind the logs, unless a setting does", () => {
    const sourceOf = (source: string): unknown => {
      const settings = { name: "otlp-logs", backend: "otlp", url: "https://collector/v1/logs" } as const;
      const telemetry = telemetryOf(["a"], { logGroup: "/aws/apigateway/welcome", logStream: "s" });
      const destination = otlpLogs(
        { ...settings, protocol: "http/json" },
        { jsonLogs: "string", tags: "", source },
        A_FORWARDER,
      );
      return plain(sent([telemetry], destination).resourceLogs[0].resource.attributes)["datadog.log.source"];
    };
    expect([sourceOf(""), sourceOf("own")]).toEqual(["apigateway", "own"]);
  });

  it("has AWS's tags of a log group and its function, and the given ones before them", () => {
    const telemetry = telemetryOf(["a"]);
    const resource = { ...telemetry.resource, tags: ["team:a", "env:dev"], functionTags: ["team:b", "owner:c"] };
    const request = sent([{ ...telemetry, resource }], logsBy("http/protobuf", "attributes", "env:prod,env:late"));
    expect(plain(request.resourceLogs[0].resource.attributes)).toMatchObject({
      team: "b",
      owner: "c",
      "deployment.environment.name": "prod",
    });
  });

  it("links the logs of a real function to the spans that were written between them", () => {
    const telemetry = telemetryOf(capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl"));
    const spans = telemetry.tracePayloads.flatMap(({ decode }) => decode());
    const all = records(sent([telemetry]));
    expect(all).toHaveLength(telemetry.logs.length);
    const thoughts = all.filter(({ body }) => String(plainValue(body)).includes("thinking about"));
    expect(thoughts).toHaveLength(2);
    for (const { traceId, spanId, attributes } of thoughts) {
      const trace = spans.find((it) => it.traceId === traceId);
      expect(trace?.spans.find((span) => span.spanId === spanId)?.name).toBe("think");
      expect(plain(attributes)["faas.invocation_id"]).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("groups the records of a function's traces under the traces' service, and the others under the function", () => {
    const span = aPayload({ meta: { request_id: A_REQUEST, env: "dev", version: "0.1.0" } });
    const telemetry = telemetryOf([
      "INIT_START Runtime Version: nodejs:20.v41",
      `START RequestId: ${A_REQUEST} Version: $LATEST`,
      "in the request",
      span,
      `END RequestId: ${A_REQUEST}`,
    ]);
    const { resourceLogs } = sent([telemetry]);
    const named = resourceLogs.map(({ resource, scopeLogs }: Decoded) => {
      const attributes = plain(resource.attributes);
      const count = scopeLogs[0].logRecords.length;
      return [
        attributes["service.name"],
        attributes["deployment.environment.name"],
        attributes["service.version"],
        count,
      ];
    });
    expect(named).toEqual([
      ["thinker-microservice", undefined, undefined, 1],
      ["thinker", "dev", "0.1.0", 3],
    ]);
  });

  it("makes the members of a JSON line attributes and its message the body, with every number as it was written", () => {
    const line = '{"level":"warn","msg":"hot","n":1152921504606846976,"x":0.1,"on":true,"no":null,"in":{"a":[1,"b"]}}';
    const record = recordOf(line);
    expect(record).toMatchObject({ severityNumber: 13, severityText: "warn" });
    expect(plainValue(record.body)).toBe("hot");
    expect(plain(record.attributes)).toMatchObject({
      level: "warn",
      n: "1152921504606846976",
      x: 0.1,
      on: true,
      in: { a: ["1", "b"] },
    });
    expect(plain(record.attributes).no).toBeUndefined();
  });

  it.each(['{"msg":"a","price":1.10}', '{"n":18446744073709551616,"msg":"a"}', '{"msg":"a"', '["a"]'])(
    "leaves a line as it is that would not arrive as it was written: %s",
    (line) => {
      expect(recordOf(line).body).toEqual({ stringValue: line });
    },
  );

  it("knows how grave a line is that it leaves as it is", () => {
    expect(recordOf('{"level":"error","price":1.10}')).toMatchObject({ severityNumber: 17, severityText: "error" });
  });

  it("leaves JSON lines as they are where it is told to, and still knows how grave they are", () => {
    const line = '{"level":50,"msg":"bad"}';
    const record = recordOf(line, logsBy("http/protobuf", "string"));
    expect(record).toMatchObject({ body: { stringValue: line }, severityNumber: 17 });
    expect(Object.keys(plain(record.attributes))).toEqual(["log.record.uid"]);
  });

  it("has the whole object as body where it has no message", () => {
    const { body, attributes } = recordOf('{"latency":12,"route":"/think"}');
    expect(plainValue(body)).toEqual({ latency: "12", route: "/think" });
    expect(Object.keys(plain(attributes))).toEqual(["log.record.uid"]);
  });

  it("sends what a transform made of a message, not what it was", () => {
    const telemetry = telemetryOf(['{"msg":"secret"}']);
    for (const record of telemetry.logs) record.body = '{"msg":"xxxxx"}';
    const [body] = bodiesFor(logsBy(), [telemetry]);
    expect(body?.body.includes("secret")).toBe(false);
    expect(records(sent([telemetry]))[0].body).toEqual({ stringValue: "xxxxx" });
  });

  it("has all of a trace id of which the line, or its request, tells all", () => {
    const [whole, low] = ["6b00f9d500000000414ae78d188f3825", "0000000000000000414ae78d188f3825"];
    for (const [ofLine, ofRequest] of [
      [whole, low],
      [low, whole],
    ] as const) {
      const telemetry = telemetryOf([JSON.stringify({ msg: "m", trace_id: whole, span_id: "651c77517ea37a55" })]);
      const [record] = telemetry.logs;
      if (!record?.context) throw new Error("no context");
      record.context = { ...record.context, traceId: ofLine };
      record.invocation = {
        requestId: A_REQUEST,
        traceId: ofRequest,
        spanId: "1".repeat(16),
        service: "",
        env: "",
        version: "",
      };
      expect(records(sent([telemetry]))[0]).toMatchObject({ traceId: whole, spanId: "651c77517ea37a55" });
    }
  });

  it("keeps the flags that stand beside a line's own ids", () => {
    const ids = { trace_id: "6b00f9d500000000414ae78d188f3825", span_id: "651c77517ea37a55", trace_flags: "01" };
    const record = recordOf(JSON.stringify({ msg: "linked", ...ids }));
    expect(record).toMatchObject({ traceId: ids.trace_id, spanId: ids.span_id, flags: 1 });
    expect(recordOf('{"msg":"loose","trace_flags":"01"}').flags).toBeUndefined();
  });

  it("takes what a line says of itself in OpenTelemetry's terms", () => {
    const telemetry = telemetryOf(["outer"]);
    const [record] = telemetry.logs;
    if (!record) throw new Error("no log");
    record.otlp = {
      resource: { "service.name": "inner" },
      scope: { name: "lib", version: "2", attributes: { a: 1n }, droppedAttributesCount: 3 },
      timeUnixNano: 5n,
      observedTimeUnixNano: 0n,
      severityNumber: 18,
      severityText: "ERROR2",
      body: { of: ["the", new Uint8Array([1, 2]), null] },
      attributes: { k: -0.5 },
      droppedAttributesCount: 1,
      flags: 257,
      traceId: "6b00f9d500000000414ae78d188f3825",
      spanId: "651c77517ea37a55",
      eventName: "thought",
    };
    const tagged = logsBy("http/protobuf", "attributes", "service:given,team:a");
    const [{ resource, scopeLogs }] = sent([telemetry], tagged).resourceLogs;
    expect(plain(resource.attributes)).toEqual({ "service.name": "inner", team: "a" });
    expect(scopeLogs[0].scope).toMatchObject({ name: "lib", version: "2", droppedAttributesCount: 3 });
    expect(scopeLogs[0].logRecords[0]).toMatchObject({
      timeUnixNano: "5",
      observedTimeUnixNano: "1795226070123000000",
      severityNumber: 18,
      severityText: "ERROR2",
      droppedAttributesCount: 1,
      flags: 257,
      traceId: "6b00f9d500000000414ae78d188f3825",
      spanId: "651c77517ea37a55",
    });
    expect(plainValue(scopeLogs[0].logRecords[0].body)).toEqual({ of: ["the", "AQI=", undefined] });
    expect(plain(scopeLogs[0].logRecords[0].attributes)).toMatchObject({ k: -0.5 });
  });

  it("says the same in JSON as in protobuf, whatever the lines are", () => {
    const line = fc.oneof(
      fc.json(),
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.string({ unit: "binary", maxLength: 30 }),
      fc
        .record({ level: fc.constantFrom("info", "ERROR", 30, 4), msg: fc.string(), n: fc.double() })
        .map((it) => JSON.stringify(it)),
      fc.constantFrom(...capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl")),
    );
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        fc.constantFrom("attributes", "string"),
        (lines, jsonLogs) => {
          const telemetry = telemetryOf(lines);
          if (telemetry.logs.length === 0) return;
          const [json, protobuf] = (["http/json", "http/protobuf"] as const).map((protocol) =>
            sent([telemetry], logsBy(protocol, jsonLogs as "attributes")),
          );
          expect(json).toEqual(protobuf);
          expect(records(protobuf)).toHaveLength(telemetry.logs.length);
        },
      ),
      { numRuns: propertyRuns(150) },
    );
  });

  it.each(["http/protobuf", "http/json"] as const)(
    "makes no request of more than 4 MB or 5,000 records, by %s",
    (protocol) => {
      const long = Array.from({ length: 30 }, (_, index) => `${index} ${"x".repeat(400_000)}`);
      const many = Array.from({ length: 12_000 }, (_, index) => `line ${index}`);
      for (const lines of [long, many]) {
        const bodies = bodiesFor(logsBy(protocol), inSlices(lines));
        expect(bodies.length).toBeGreaterThan(2);
        for (const { body, items } of bodies) {
          expect(body.length).toBeLessThanOrEqual(4_000_000);
          expect(items).toBeLessThanOrEqual(5_000);
        }
        const decode = protocol === "http/json" ? decodeOtlpJson : decodeOtlp;
        const all = bodies.flatMap(({ body }) => records(decode("logs", body)));
        expect(all.map(({ body }) => body.stringValue)).toEqual(lines);
      }
    },
  );

  it("cuts a record that alone is larger than a request, and says how long it was", () => {
    const message = "\u0001".repeat(1_000_000);
    const [{ body, attributes }] = records(sent([telemetryOf([message])], logsBy("http/json")));
    expect(body.stringValue).toBe("\u0001".repeat(500_000));
    expect(plain(attributes)).toMatchObject({ "log.record.original_length": "1000000" });
  });
});
