import fc from "fast-check";
import { ByteWriter } from "../../src/destinations/byte-writer.ts";
import { datadogLogs } from "../../src/destinations/datadog-logs.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import type { LogContext, LogRecord, ResourceTelemetry } from "../../src/telemetry.ts";
import { A_REQUEST, type EnvelopeGiven, type EventGiven } from "../helpers/deliveries.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

type Item = Record<string, unknown> & { message: string; dd?: Record<string, string> };

function itemsOf(telemetry: ResourceTelemetry, env: Record<string, string> = {}): Item[] {
  const { count, write } = datadogLogs(aConfig(env), A_FORWARDER).encode(telemetry);
  return Array.from({ length: count }, (_, index) => JSON.parse(itemText(write, index)));
}

function itemTexts(destination: Destination, telemetry: ResourceTelemetry): string[] {
  const { count, write } = destination.encode(telemetry);
  return Array.from({ length: count }, (_, index) => itemText(write, index));
}

function itemText(write: (index: number, to: ByteWriter) => void, index: number): string {
  const writer = new ByteWriter();
  write(index, writer);
  return writer.view().toString();
}

function send(messages: (string | EventGiven)[], given: EnvelopeGiven = {}, env: Record<string, string> = {}): Item[] {
  return itemsOf(telemetryOf(messages, given), env);
}

const payload = (attributes: Record<string, string>, ids: Record<string, string> = {}): string =>
  JSON.stringify({
    traces: [
      [
        {
          trace_id: "414ae78d188f3825",
          span_id: "651c77517ea37a55",
          parent_id: "0000000000000000",
          name: "aws.lambda",
          resource: "thinker",
          service: "thinker",
          type: "serverless",
          error: 0,
          meta: { "_dd.p.tid": "6b00f9d500000000", request_id: A_REQUEST, ...attributes },
          metrics: {},
          start: 1_795_226_069_831_013_000,
          duration: 67_823_975,
          ...ids,
        },
      ],
    ],
  });
const start = `START RequestId: ${A_REQUEST} Version: $LATEST\n`;
const end = `END RequestId: ${A_REQUEST}\n`;

describe("datadog-logs", () => {
  it("says of a Lambda function's log what the Datadog Forwarder says", () => {
    const [item] = send(
      [{ id: "7".repeat(56), timestamp: 1_795_226_069_123, message: "hello\n" }],
      {},
      { DD_TAGS: "team:a, env:prod" },
    );
    expect(item).toEqual({
      id: "7".repeat(56),
      timestamp: 1_795_226_069_123,
      message: "hello\n",
      ddsource: "lambda",
      ddsourcecategory: "aws",
      ddtags:
        "team:a,env:prod,forwardername:forwarder,forwarder_version:1.2.3,aws_account:123456789012,functionname:thinker-microservice,region:eu-west-1,service:thinker-microservice",
      service: "thinker-microservice",
      host: "arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice",
      aws: {
        awslogs: {
          logGroup: "/aws/lambda/thinker-microservice",
          logStream: "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
          owner: "123456789012",
        },
        invoked_function_arn: A_FORWARDER.functionArn,
      },
      lambda: { arn: "arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice" },
    });
  });

  it("says of any other log its group as host, and nothing of a function", () => {
    const [item] = send(["GET / 200"], { logGroup: "/ecs/nginx", logStream: "nginx/1" });
    expect(item).toMatchObject({ ddsource: "cloudwatch", service: "cloudwatch", host: "/ecs/nginx" });
    expect(item).not.toHaveProperty("lambda");
    expect(item?.ddtags).toBe("forwardername:forwarder,forwarder_version:1.2.3");
  });

  it("sends every message as it came, byte for byte", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", maxLength: 60 }), { minLength: 1, maxLength: 5 }),
        (messages) => {
          expect(send(messages).map(({ message }) => message)).toEqual(messages);
        },
      ),
    );
    const odd = '{"price":1.10,"name":"caf\\u00e9","big":12345678901234567890}';
    expect(send([odd])[0]?.message).toBe(odd);
  });

  it("gives a linked log the ids of its request's span, in Datadog's spelling, with service, env and version", () => {
    const items = send([start, "no id here\n", payload({ env: "dev", version: "0.1.0" }), end]);
    expect(items.map(({ dd }) => dd)).toEqual(
      Array(3).fill({
        trace_id: "6b00f9d500000000414ae78d188f3825",
        span_id: "7285829489079319125",
        service: "thinker",
        env: "dev",
        version: "0.1.0",
      }),
    );
  });

  it("spells a 64-bit trace id as a decimal", () => {
    const items = send([start, "x", payload({ "_dd.p.tid": "" }), end]);
    expect(items[1]?.dd).toEqual({
      trace_id: "4704827353930348581",
      span_id: "7285829489079319125",
      service: "thinker",
    });
  });

  it("adds nothing to a log that says it all in Datadog's way", () => {
    const own = { trace_id: "6b00f9d500000000414ae78d188f3825", span_id: "1", service: "s", env: "e", version: "v" };
    const [item] = send([JSON.stringify({ msg: "pino", dd: own }), payload({ env: "dev" })]);
    expect(item).not.toHaveProperty("dd");
  });

  it("adds what a log leaves out, and keeps the ids and names it has", () => {
    const own = { trace_id: "4704827353930348581", span_id: "1", service: "mine" };
    const [item] = send([JSON.stringify({ msg: "pino", dd: own }), payload({ env: "dev", version: "2" })]);
    expect(item?.dd).toEqual({ trace_id: "6b00f9d500000000414ae78d188f3825", span_id: "1", env: "dev", version: "2" });
  });

  it("repeats ids that stand where Datadog does not look", () => {
    const [item] = send([
      JSON.stringify({ trace_id: "876c0a9fd08adee5a7c603e0b682b583", span_id: "ed9fa3682528c8c6" }),
    ]);
    expect(item?.dd).toEqual({ trace_id: "876c0a9fd08adee5a7c603e0b682b583", span_id: "17122583975981271238" });
  });

  it("says of each log what it says of that log alone, whatever was written before", () => {
    const ids = fc.constantFrom("", "0000000000000000414ae78d188f3825", "6b00f9d500000000414ae78d188f3825");
    const named = {
      service: fc.constantFrom("", "a"),
      env: fc.constantFrom("", "dev"),
      version: fc.constantFrom("", "7"),
    };
    const spanId = fc.constantFrom("", "651c77517ea37a55");
    const none = { platform: "", requestId: "", isRequestIdCertain: false, xrayTraceId: "" } as const;
    const context = fc
      .record({ traceId: ids, spanId, ...named, isDatadog: fc.boolean() })
      .map((said): LogContext => ({ ...none, ...said }));
    const invocation = fc.record({ requestId: fc.constant(A_REQUEST), traceId: ids, spanId, ...named });
    const records = fc.array(fc.tuple(fc.option(context), fc.option(invocation)), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(records, fc.constantFrom("/ecs/a", "/ecs/b"), (given, logGroup) => {
        const destination = datadogLogs(aConfig(), A_FORWARDER);
        itemTexts(destination, telemetryOf(["x"]));
        const telemetry = telemetryOf(
          given.map(() => "m"),
          { logGroup },
        );
        for (const [index, [context, invocation]] of given.entries()) {
          Object.assign(telemetry.logs[index] as LogRecord, { context, invocation });
        }
        const alone = telemetry.logs.flatMap((log) =>
          itemTexts(datadogLogs(aConfig(), A_FORWARDER), { ...telemetry, logs: [log] }),
        );
        expect(itemTexts(destination, telemetry)).toEqual(alone);
      }),
    );
  });

  it("cuts a message that would make an item larger than 1 MB, on a character, and marks the cut", () => {
    for (const unit of ["x", "é", "💥", '"', "\u0001"]) {
      const telemetry = telemetryOf([unit.repeat(1_000_000 / Buffer.byteLength(JSON.stringify(unit).slice(1, -1)))]);
      const { write } = datadogLogs(aConfig(), A_FORWARDER).encode(telemetry);
      const text = itemText(write, 0);
      const { message } = JSON.parse(text);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000);
      expect(Buffer.byteLength(text)).toBeGreaterThan(990_000);
      expect(message).toMatch(/\.\.\.TRUNCATED\.\.\.$/);
      expect(message.replace("...TRUNCATED...", "")).toBe(
        unit.repeat(message.replace("...TRUNCATED...", "").length / unit.length),
      );
    }
  });

  it("keeps what a subscription filter extracted", () => {
    const [item] = send([{ message: "a b", extractedFields: { ip: "1.2.3.4" } } as EventGiven]);
    expect(item?.extractedFields).toEqual({ ip: "1.2.3.4" });
  });

  it.each([
    [{}, "https://http-intake.logs.datadoghq.com:443/api/v2/logs"],
    [{ DD_SITE: "datadoghq.eu" }, "https://http-intake.logs.datadoghq.eu:443/api/v2/logs"],
    [{ DD_URL: "localhost", DD_PORT: "8080", DD_NO_SSL: "true" }, "http://localhost:8080/api/v2/logs"],
  ])("with %j posts to %s", (env, url) => {
    expect(datadogLogs(aConfig(env as Record<string, string>), A_FORWARDER).url).toBe(url);
  });
});
