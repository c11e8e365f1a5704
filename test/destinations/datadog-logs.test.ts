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
        invoked_function_arn: A_FORWARDER.invokedFunctionArn,
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
      .record({ traceId: ids, spanId, ...named, isDatadog: fc.boolean(), atOnce: fc.constant(0 as const) })
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

  it("moves the tags of a JSON message to the item's, where the message would replace them", () => {
    const env = { DD_TAGS: "team:a" };
    const [before, tagged, after] = send(["one", '{"n":1.10,"ddtags":"service:own, env:dev"}', "three"], {}, env);
    expect(tagged).toMatchObject({ message: '{"n":1.10}', service: "own" });
    expect(tagged?.ddtags).toBe(
      "team:a,forwardername:forwarder,forwarder_version:1.2.3,aws_account:123456789012,functionname:thinker-microservice,region:eu-west-1,service:own,env:dev",
    );
    expect([before?.message, after?.message]).toEqual(["one", "three"]);
    expect(after).toEqual({ ...before, id: after?.id, message: "three", timestamp: after?.timestamp });
    expect(before).toMatchObject({ service: "thinker-microservice" });
  });

  it("does not lose a log to ddtags that are no text, nor the logs beside it", () => {
    const messages = ['{"ddtags":["a:b"]}', "good", '{"ddtags":{}}', '{"ddtags":null}'];
    expect(send(messages).map(({ message }) => message)).toEqual(messages);
  });

  it("links a log to its trace that has tags of its own", () => {
    const own = { ddtags: "a:b", dd: { trace_id: "4704827353930348581", span_id: "1" } };
    const [item] = send([JSON.stringify(own), payload({ env: "dev" })]);
    expect(item?.dd).toMatchObject({ trace_id: "6b00f9d500000000414ae78d188f3825", env: "dev" });
    expect(item?.ddtags).toMatch(/,a:b$/);
  });

  it("cuts a message with tags of its own that is too long", () => {
    const [item] = send([JSON.stringify({ ddtags: "a:b", text: "x".repeat(1_100_000) })]);
    expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThanOrEqual(1_000_000);
    expect(item?.message).toMatch(/^\{"text":"x+\.\.\.TRUNCATED\.\.\.$/);
  });

  it("says of each log what it says of that log alone, whatever tags the ones before it have", () => {
    const tags = fc.constantFrom("", "a:b", "service:s", "env:e,a:b");
    const message = fc.oneof(
      fc.constant("text"),
      tags.map((ddtags) => JSON.stringify({ n: 1, ddtags })),
    );
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 6 }), (messages) => {
        const alone = messages.map((each) => send([each])[0]?.ddtags);
        expect(send(messages).map(({ ddtags }) => ddtags)).toEqual(alone);
      }),
    );
  });

  it("says of a CloudTrail log the instance that made the request as host", () => {
    const log = (arn: unknown): string => JSON.stringify({ userIdentity: { arn } });
    const instance = "arn:aws-us-gov:sts::123456789012:assumed-role/web/i-0123456789abcdef0";
    const group = { logGroup: "aws-cloudtrail-logs-1", logStream: "123456789012_CloudTrail_us-gov-west-1" };
    const messages = [log(instance), log("arn:aws:iam::1:user/a"), '{"userIdentity":null}', '{"userIdentity":"/i-"}'];
    const items = send(messages, group);
    expect(items.map(({ host }) => host)).toEqual(["i-0123456789abcdef0", ...Array(3).fill(group.logGroup)]);
    expect(items.map(({ message }) => message)).toEqual(messages);
    expect(items[0]).toMatchObject({ ddsource: "cloudtrail", service: "cloudtrail" });
  });

  it("does not lose an event that has keys of the forwarder's own", () => {
    const odd = { message: "m", host: "h", service: "s", ddtags: "a:b", aws: 1 } as EventGiven;
    const [item, next] = send([odd, "next"]);
    expect(item).toMatchObject({ message: "m", service: "thinker-microservice", aws: { awslogs: {} } });
    expect(next?.message).toBe("next");
  });

  it("tells the version and the whole name that it was invoked by", () => {
    const invokedFunctionArn = "arn:aws:lambda:eu-west-1:999999999999:function:Forwarder:live";
    const forwarder = { ...A_FORWARDER, invokedFunctionArn, functionVersion: "7" };
    const [text] = itemTexts(datadogLogs(aConfig(), forwarder), telemetryOf(["x"]));
    expect(JSON.parse(text as string).aws).toMatchObject({
      invoked_function_arn: invokedFunctionArn,
      function_version: "7",
    });
    expect(send(["x"])[0]?.aws).not.toHaveProperty("function_version");
  });

  it.each([
    [{}, { "dd-storage-tag": "s3,cloudwatch" }],
    [{ DD_ENRICH_S3_TAGS: "false" }, { "dd-storage-tag": "cloudwatch" }],
    [{ DD_ENRICH_CLOUDWATCH_TAGS: "False" }, { "dd-storage-tag": "s3" }],
    [{ DD_ENRICH_S3_TAGS: "false", DD_ENRICH_CLOUDWATCH_TAGS: "false" }, {}],
    [
      { DD_STEP_FUNCTIONS_TRACE_ENABLED: "TRUE" },
      { "dd-storage-tag": "s3,cloudwatch", "dd-step-functions-trace-enabled": "true" },
    ],
  ])("with %j has the headers %j", (env, headers) => {
    expect(datadogLogs(aConfig(env as Record<string, string>), A_FORWARDER).headers).toEqual({
      "content-type": "application/json",
      "dd-evp-origin": "aws_forwarder",
      "dd-evp-origin-version": "1.2.3",
      ...headers,
    });
  });

  it.each([
    [{}, "https://http-intake.logs.datadoghq.com:443/api/v2/logs"],
    [{ DD_SITE: "datadoghq.eu" }, "https://http-intake.logs.datadoghq.eu:443/api/v2/logs"],
    [{ DD_URL: "localhost", DD_PORT: "8080", DD_NO_SSL: "true" }, "http://localhost:8080/api/v2/logs"],
  ])("with %j posts to %s", (env, url) => {
    expect(datadogLogs(aConfig(env as Record<string, string>), A_FORWARDER).url).toBe(url);
  });

  it("says of a log that stands for others at which rate, beside its trace or alone, and of no other log", () => {
    const telemetry = telemetryOf([start, "a", payload({}), end, "b"]);
    const sampling = { rate: 0.5, threshold: "8" };
    for (const index of [1, 3]) (telemetry.logs[index] as LogRecord).sampling = sampling;
    const items = itemsOf(telemetry);
    expect(items.map((item) => item.sampling)).toEqual([undefined, sampling, undefined, sampling]);
    expect(items.map(({ dd }) => dd?.span_id)).toEqual([...Array(3).fill("7285829489079319125"), undefined]);
    const unsampled = telemetryOf([start, "a", payload({}), end, "b"]);
    expect(items.map(({ sampling, ...item }) => item)).toEqual(itemsOf(unsampled));
  });
});
