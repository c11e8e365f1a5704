import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Context } from "aws-lambda";
import type { Ledger } from "../../src/delivery/ledger.ts";
import { createForwarder } from "../../src/handlers/forwarder.ts";
import { decodeAgentPayload } from "../../src/viewer/agent-payload.ts";
import { aDelivery, capturedMessages } from "../helpers/deliveries.ts";
import { anIntake, type Reply, type TestIntake } from "../helpers/intake.ts";
import { aPayload } from "../helpers/payloads.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";
import { A_KEY } from "../helpers/telemetry.ts";

const SECRET_CONTENT = "the customer's secret";

interface Run {
  intake: TestIntake;
  /** Everything the forwarder wrote to its own log. */
  output: string;
  ledger: Ledger;
  error: Error | undefined;
}

/** One invocation of a fresh forwarder against a real intake that replies as told. */
async function run(
  event: unknown,
  env: Record<string, string> = {},
  replies: Reply[] = [],
  msLeft = 5_000,
): Promise<Run> {
  intake = await anIntake(...replies);
  const written: string[] = [];
  const spy = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  let error: Error | undefined;
  try {
    const handler = createForwarder({
      DD_API_KEY: A_KEY,
      DD_URL: "127.0.0.1",
      DD_PORT: String(intake.port),
      DD_NO_SSL: "true",
      DD_TRACE_INTAKE_URL: intake.url,
      DD_API_URL: intake.url,
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/Forwarder",
      ...env,
    });
    const context = {
      functionName: "Forwarder",
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder",
      getRemainingTimeInMillis: () => msLeft,
    };
    await handler(event, context as Context).catch((thrown: Error) => {
      error = thrown;
    });
  } finally {
    spy.mockRestore();
  }
  const ledgers = written.filter((line) => line.includes('"ledger"')).map((line) => JSON.parse(line).ledger as Ledger);
  expect(ledgers.length).toBe(1);
  return { intake, output: written.join(""), ledger: ledgers[0] as Ledger, error };
}

let intake: TestIntake;
afterEach(() => intake.stop());

describe("the forwarder", () => {
  const captured = capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl");

  it("delivers the logs and the traces of a real function, each log linked to its span", async () => {
    const { ledger, error } = await run(aDelivery(captured));
    expect(error).toBeUndefined();
    const logs = captured.length - 2;
    expect(ledger).toMatchObject({ events: captured.length, logs, traceLines: 1, metricLines: 1, unaccounted: 0 });
    expect(intake.logs().length).toBe(logs);
    const spans = intake
      .tracePayloads()
      .flatMap((body) => decodeAgentPayload(body).tracerPayloads[0]?.chunks[0]?.spans ?? []);
    expect(ledger.spans).toBe(spans.length);
    const thoughts = intake.logs().filter(({ message }) => String(message).includes("thinking about"));
    expect(thoughts.length).toBe(2);
    for (const { dd } of thoughts as { dd?: { span_id: string } }[]) {
      expect(spans.find(({ spanID }) => spanID === dd?.span_id)?.name).toBe("think");
    }
  });

  it("does not lose the traces before and behind a line that only looks like one", async () => {
    const odd = ['{"traces":[]}', '{"traces":[[{"trace_id":{},"span_id":"1"}]]}', aPayload({}).slice(0, -4)];
    const lines = [aPayload({ trace_id: "1" }), ...odd, aPayload({ trace_id: 2 })];
    const { ledger, error } = await run(aDelivery(lines));
    expect(error).toBeUndefined();
    expect(ledger).toMatchObject({ events: 5, traceLines: 2, logs: 3, unaccounted: 0 });
    const chunks = intake
      .tracePayloads()
      .flatMap((body) => decodeAgentPayload(body).tracerPayloads.flatMap((payload) => payload.chunks));
    expect(chunks.map(({ spans }) => Number(spans[0]?.traceID))).toEqual([1, 2]);
    expect(intake.logs().map(({ message }) => message)).toEqual(odd);
  });

  it("sends no literal of a statement, of a span in the table or of one that had to be decoded", async () => {
    const sql = { type: "sql", resource: "SELECT 'secret'" };
    const rare = JSON.stringify(JSON.parse(aPayload(sql)), null, 1);
    const odd = aPayload({ ...sql, span_events: [{ name: "e", time_unix_nano: 1 }] });
    const { ledger } = await run(aDelivery([aPayload(sql), rare, odd]));
    expect(ledger).toMatchObject({ traceLines: 3, unaccounted: 0 });
    const spans = intake
      .tracePayloads()
      .flatMap((body) => decodeAgentPayload(body).tracerPayloads)
      .flatMap(({ chunks }) => chunks.flatMap((chunk) => chunk.spans));
    expect(spans.map(({ resource, meta }) => [resource, meta["sql.query"]])).toEqual(
      Array(3).fill(["SELECT ?", "SELECT ?"]),
    );
  });

  it("compresses, and has the key in one header and nowhere else", async () => {
    const { output } = await run(aDelivery(captured));
    for (const { headers, path, body } of intake.requests) {
      const encoding = path === "/api/v1/distribution_points" ? "deflate" : "gzip";
      expect(headers).toMatchObject({ "dd-api-key": A_KEY, "content-encoding": encoding });
      expect(path + JSON.stringify({ ...headers, "dd-api-key": "" }) + body).not.toContain(A_KEY);
    }
    expect(output).not.toContain(A_KEY);
  });

  it("with DD_SOURCE says that source of every log, and still knows a function's logs from others", async () => {
    await run(aDelivery(["a", '{"n":1.10,"ddtags":"b:c"}']), { DD_SOURCE: "nodejs" });
    const [first, second] = intake.logs();
    expect(first).toMatchObject({
      ddsource: "nodejs",
      service: "thinker-microservice",
      host: "arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice",
      aws: { invoked_function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder" },
      lambda: { arn: "arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice" },
    });
    expect(first?.ddtags).toMatch(/,source_overridden:true,env:none,aws_account:/);
    expect(second).toMatchObject({ message: '{"n":1.10}', ddtags: `${first?.ddtags},b:c` });
    expect(intake.requests[0]?.headers).toMatchObject({ "dd-storage-tag": "s3,cloudwatch" });
  });

  it("with DD_SOURCE=waf sends AWS WAF's lists as objects by name", async () => {
    const message = '{"httpRequest":{"headers":[{"name":"cookie","value":"a"},{"name":"cookie","value":"b"}]}}';
    await run(aDelivery([message], { logGroup: "aws-waf-logs-web" }), { DD_SOURCE: "waf" });
    expect(intake.logs()).toMatchObject([
      { ddsource: "waf", message: '{"httpRequest":{"headers":{"cookie":["a","b"]}}}' },
    ]);
  });

  it.each([
    ["DD_FORWARD_LOG", "false"],
    ["DD_FORWARD_LOG", "FALSE"],
    ["DdForwarderLog", "False"],
  ])("with %s=%s sends traces and metrics alone and says how many logs it skipped", async (variable, value) => {
    const { ledger } = await run(aDelivery(captured), { [variable]: value });
    expect(intake.logs()).toEqual([]);
    expect(intake.tracePayloads().length).toBe(1);
    expect(ledger).toMatchObject({ skipped: { "DD_FORWARD_LOG=false": captured.length - 2 }, unaccounted: 0 });
    expect(ledger.destinations["datadog-logs"]?.requests).toBe(0);
    expect(intake.series()).toHaveLength(1);
  });

  it("makes metrics of a report, which stays a log, also where logs are switched off", async () => {
    const platform = capturedMessages("constructed-from-source/platform-lines-json.jsonl");
    for (const forwardLog of ["true", "false"]) {
      const { ledger } = await run(aDelivery(platform), { DD_FORWARD_LOG: forwardLog });
      expect(intake.logs()).toHaveLength(forwardLog === "true" ? platform.length : 0);
      const series = intake.series();
      expect(series.map(({ metric }) => metric)).toContain("aws.lambda.enhanced.timeouts");
      expect(ledger).toMatchObject({
        events: platform.length,
        logs: platform.length,
        metricLines: 0,
        derivedMetrics: series.length,
        destinations: { "datadog-metrics": { offered: series.length, delivered: series.length, requests: 1 } },
        unaccounted: 0,
      });
      await intake.stop();
    }
  });

  it("delivers spans and log records of OpenTelemetry, X-Ray and Zipkin, and its books balance", async () => {
    const files = ["otlp-json", "otlp-stdout", "aws-spans", "xray-and-zipkin"];
    for (const file of files) {
      const { ledger, error } = await run(JSON.parse(readFileSync(`events/${file}.json`, "utf8")));
      expect([error, ledger.unaccounted]).toEqual([undefined, 0]);
      const chunks = intake.tracePayloads().flatMap((body) => decodeAgentPayload(body).tracerPayloads);
      const spans = chunks.flatMap((payload) => payload.chunks).flatMap((chunk) => chunk.spans);
      expect([file, spans.length]).toEqual([file, ledger.spans]);
      expect(ledger.spans).toBeGreaterThan(0);
      expect(intake.logs()).toHaveLength(ledger.logs);
      await intake.stop();
    }
  });

  it("delivers each log record of a line with its own message, at the time of the line", async () => {
    const { ledger } = await run(JSON.parse(readFileSync("events/otlp-json.json", "utf8")));
    expect(ledger).toMatchObject({ events: 6, unpacked: 1, logs: 6, traceLines: 1, unaccounted: 0 });
    const charged = intake.logs().filter(({ message }) => /charging|declined/.test(String(message)));
    expect(charged.map(({ message, timestamp }) => [JSON.parse(message as string), timestamp])).toEqual([
      [{ service: "orders", level: "INFO", message: "charging" }, 1_795_226_155_706],
      [{ service: "orders", level: "ERROR", message: "card declined" }, 1_795_226_155_706],
    ]);
    expect(charged.map(({ dd }) => (dd as { trace_id: string }).trace_id)).toEqual([
      "385f2c56be61b8292377d14a216aa378",
      "385f2c56be61b8292377d14a216aa378",
    ]);
  });

  it("filters log records one by one, and its books balance", async () => {
    const { ledger } = await run(JSON.parse(readFileSync("events/otlp-json.json", "utf8")), {
      EXCLUDE_AT_MATCH: "declined",
    });
    expect(ledger).toMatchObject({ logs: 5, unpacked: 1, dropped: { EXCLUDE_AT_MATCH: 1 }, unaccounted: 0 });
  });

  it("never sends, stores or prints the headers that an exporter prints", async () => {
    const record = {
      __otel_otlp_stdout: "0.17.3",
      payload: "AAAA",
      base64: true,
      headers: { "x-api-key": SECRET_CONTENT },
    };
    const line = JSON.stringify(record);
    const { ledger, output } = await run(aDelivery([line, line.slice(0, -1)]));
    expect(ledger).toMatchObject({ events: 2, logs: 1, dropped: { unreadableOtlp: 1 }, unaccounted: 0 });
    expect(intake.requests.map(({ body }) => body.toString()).join()).not.toContain(SECRET_CONTENT);
    expect(output).not.toContain(SECRET_CONTENT);
  });

  it("does not connect to the metrics intake where there are no metrics", async () => {
    const { ledger } = await run(aDelivery(["START", "a log"]), { DD_API_URL: "http://127.0.0.1:9" });
    expect(ledger).toMatchObject({ destinations: { "datadog-metrics": { offered: 0, requests: 0 } }, unaccounted: 0 });
  });

  it.each([
    [{ INCLUDE_AT_MATCH: "thinking about" }, { INCLUDE_AT_MATCH: 3 }],
    [{ EXCLUDE_AT_MATCH: "thinking about" }, { EXCLUDE_AT_MATCH: 2 }],
  ])("with %p leaves out logs, counts them by setting, and sends the traces", async (env, dropped) => {
    const { ledger } = await run(aDelivery(captured), env as Record<string, string>);
    expect(ledger).toMatchObject({ events: captured.length, dropped, traceLines: 1, unaccounted: 0 });
    expect(intake.tracePayloads().length).toBe(1);
    const areThoughts = intake.logs().map(({ message }) => String(message).includes("thinking about"));
    expect(areThoughts).toEqual(Array(areThoughts.length).fill("INCLUDE_AT_MATCH" in env));
  });

  it("sends logs and traces without what REDACT_* and DD_SCRUBBING_RULE find", async () => {
    const env = {
      REDACT_IP: "true",
      REDACT_EMAIL: "TRUE",
      DD_SCRUBBING_RULE: "(?i)(token)=[0-9a-f]+",
      DD_SCRUBBING_RULE_REPLACEMENT: "\\1=xxxxx",
    };
    const payload = aPayload({ resource: "GET /?Token=c0ffee", meta: { "http.client_ip": "10.0.0.1" } });
    await run(aDelivery(["jane@example.com from 10.0.0.1 with token=c0ffee", payload]), env);
    expect(intake.logs().map(({ message }) => message)).toEqual([
      "xxxxx@xxxxx.com from xxx.xxx.xxx.xxx with token=xxxxx",
    ]);
    const spans = intake
      .tracePayloads()
      .flatMap((body) => decodeAgentPayload(body).tracerPayloads[0]?.chunks[0]?.spans);
    expect(spans[0]).toMatchObject({ resource: "GET /?Token=xxxxx", meta: { "http.client_ip": "xxx.xxx.xxx.xxx" } });
  });

  it("does not scrub where REDACT_* is false", async () => {
    await run(aDelivery(["10.0.0.1 a@b.example"]), { REDACT_IP: "false", REDACT_EMAIL: "false" });
    expect(intake.logs().map(({ message }) => message)).toEqual(["10.0.0.1 a@b.example"]);
  });

  describe("of a function without a tracer", () => {
    const delivery = JSON.parse(readFileSync("events/lambda-without-tracer.json", "utf8"));
    const spans = () =>
      intake
        .tracePayloads()
        .flatMap((body) => decodeAgentPayload(body).tracerPayloads)
        .flatMap(({ chunks }) => chunks.flatMap((chunk) => chunk.spans));

    it("sends a span for each request, with its logs linked to it, on top of the events", async () => {
      const { ledger } = await run(delivery, { FUNCTION_SPANS: "true", DD_TAGS: "service:archive" });
      expect(ledger).toMatchObject({
        events: 10,
        logs: 10,
        traceLines: 0,
        spans: 0,
        derivedSpans: 2,
        links: { "function-span": 9 },
        unlinked: 1,
        destinations: { "datadog-traces": { offered: 2, delivered: 2 } },
        unaccounted: 0,
      });
      const [failed, init, next] = spans();
      expect(spans()).toHaveLength(3);
      expect(failed).toMatchObject({
        name: "aws.lambda",
        type: "serverless",
        service: "archive",
        resource: "thinker-archive",
        error: 1,
        start: "1795226069868000000",
        duration: "64310000",
        meta: {
          "error.type": "TypeError",
          "error.msg": "thought of jane@example.com is not a thought",
          "_dd.p.tid": "6b00f9d51e2c502e",
          functionname: "thinker-archive",
        },
        metrics: { _top_level: 1 },
      });
      expect(init).toMatchObject({ name: "aws.lambda.cold_start", parentID: failed?.spanID, traceID: failed?.traceID });
      expect(next).toMatchObject({ name: "aws.lambda", error: 0, duration: "20750000" });
      const linked = intake.logs().map(({ dd }) => (dd as { span_id?: string } | undefined)?.span_id);
      expect(linked).toEqual([undefined, ...Array(5).fill(failed?.spanID), ...Array(4).fill(next?.spanID)]);
      const [, first] = intake.logs() as { dd: { trace_id: string } }[];
      expect(first?.dd.trace_id).toBe("6b00f9d51e2c502e358361800241fd45");
    });

    it("sends no span without the setting, and none beside a tracer's", async () => {
      const without = await run(delivery);
      expect(without.ledger).toMatchObject({ derivedSpans: 0, unaccounted: 0 });
      expect(spans()).toEqual([]);
      await without.intake.stop();
      const { ledger } = await run(aDelivery(captured), { FUNCTION_SPANS: "true" });
      expect(ledger).toMatchObject({ derivedSpans: 0, traceLines: 1, unaccounted: 0 });
    });

    it("sends spans where logs are switched off, and scrubs them", async () => {
      const env = { FUNCTION_SPANS: "true", DD_FORWARD_LOG: "false", REDACT_EMAIL: "true", LOG_SAMPLING_RATE: "0" };
      const { ledger } = await run(delivery, env);
      expect(ledger).toMatchObject({
        derivedSpans: 2,
        skipped: { "DD_FORWARD_LOG=false": 10 },
        dropped: {},
        unaccounted: 0,
      });
      expect(spans()[0]?.meta["error.msg"]).toBe("thought of xxxxx@xxxxx.com is not a thought");
    });

    it("keeps the logs of the request that failed, and makes metrics and spans of those it leaves out", async () => {
      const { ledger } = await run(delivery, { LOG_SAMPLING_RATE: "0", FUNCTION_SPANS: "true" });
      expect(ledger).toMatchObject({
        events: 10,
        logs: 6,
        derivedSpans: 2,
        dropped: { logSampling: 4 },
        unaccounted: 0,
      });
      expect(intake.logs().filter(({ message }) => String(message).includes("3 thoughts"))).toEqual([]);
      const durations = intake.series().filter(({ metric }) => metric === "aws.lambda.enhanced.duration");
      expect(durations).toHaveLength(2);
    });
  });

  it("leaves out logs of traces by LOG_SAMPLING_RATE, and says on the others how many they stand for", async () => {
    const logs = Array.from({ length: 100 }, (_, index) =>
      JSON.stringify({ trace_id: createHash("md5").update(String(index)).digest("hex"), span_id: "90cbc97f4ee64a7f" }),
    );
    const { ledger } = await run(aDelivery([...logs, aPayload({})]), { LOG_SAMPLING_RATE: "0.5" });
    const kept = intake.logs();
    expect(kept.length).toBeGreaterThan(25);
    expect(kept.length).toBeLessThan(75);
    for (const { sampling } of kept) expect(sampling).toEqual({ rate: 0.5, threshold: "8" });
    expect(ledger).toMatchObject({ traceLines: 1, dropped: { logSampling: 100 - kept.length }, unaccounted: 0 });
    expect(intake.tracePayloads()).toHaveLength(1);
  });

  it("sends again what the intake could not take", async () => {
    const replies: Reply[] = ["reset", 503, { status: 429, headers: { "retry-after": "1" } }];
    const { ledger, error } = await run(aDelivery([SECRET_CONTENT]), {}, replies);
    expect(error).toBeUndefined();
    expect(ledger.destinations["datadog-logs"]).toMatchObject({
      delivered: 1,
      requests: 4,
      retried: { ECONNRESET: 1, "HTTP 503": 1, "HTTP 429": 1 },
    });
  });

  it("throws what it could not deliver, after everything else is delivered, and shows no content", async () => {
    const messages = Array.from({ length: 2_500 }, (_, index) => `${SECRET_CONTENT} ${index}`);
    const { ledger, error, output } = await run(aDelivery(messages), {}, [202, 404, 202]);
    expect(error?.message).toMatch(/^datadog-logs: (1000|500) of 2500 not delivered \(HTTP 404\)$/);
    expect(ledger.destinations["datadog-logs"]?.possiblyDuplicated).toBe(
      ledger.destinations["datadog-logs"]?.delivered,
    );
    expect(ledger.unaccounted).toBe(0);
    expect(intake.requests.length).toBe(3);
    expect(output + error?.stack).not.toContain(SECRET_CONTENT);
  });

  it("ends before Lambda does when the intake does not answer", async () => {
    const { error, ledger } = await run(aDelivery(["x"]), {}, ["hang"], 900);
    expect(error?.message).toBe("datadog-logs: 1 of 1 not delivered (timeout)");
    expect(ledger.unaccounted).toBe(0);
  });

  it("ignores control messages and its own log group, and counts them", async () => {
    const control = await run(
      aDelivery(["CWL CONTROL MESSAGE"], { messageType: "CONTROL_MESSAGE", logGroup: "", logStream: "" }),
    );
    expect(control.ledger).toMatchObject({ events: 1, dropped: { controlMessage: 1 }, unaccounted: 0 });
    await control.intake.stop();
    const own = await run(aDelivery(["a", "b"], { logGroup: "/aws/lambda/Forwarder" }));
    expect(own.ledger).toMatchObject({ events: 2, dropped: { ownLogGroup: 2 }, unaccounted: 0 });
    expect(own.intake.requests).toEqual([]);
  });

  it("throws at an event it cannot read, with what is wrong and nothing of its content", async () => {
    const { error } = await run({ Records: [{ body: SECRET_CONTENT }] });
    expect(error?.message).toBe(
      'the event is of no known kind (its keys: "Records"); the forwarder reads: CloudWatch Logs subscription, EventBridge event, SNS notification, SQS messages, S3 notification, Kinesis records, Kafka records, Firehose transformation',
    );
  });

  it("hands everything back to Lambda when it has no key", async () => {
    const env = { DD_API_KEY: "", DD_API_KEY_SSM_NAME: "/datadog/key", AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: env.AWS_ENDPOINT_URL,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "t",
      AWS_SECRET_ACCESS_KEY: "t",
      AWS_MAX_ATTEMPTS: "1",
    });
    const { error, ledger } = await run(aDelivery(["a", "b"]), env);
    expect(error?.message).toContain("cannot read the Datadog API key from the SSM parameter /datadog/key");
    expect(ledger).toMatchObject({ events: 2, returned: { "no credentials": 2 }, unaccounted: 0 });
  });

  describe("with a store", () => {
    let s3: S3Server;
    const bucket = "failed";
    const env = { DD_STORE_FAILED_EVENTS: "true", DD_S3_BUCKET_NAME: bucket };
    beforeAll(async () => {
      s3 = await startS3();
      Object.assign(process.env, s3.environment);
      s3.s3.store(bucket, "unrelated", "");
    });
    afterAll(() => s3.stop());
    const stored = (): string[] => s3.s3.keys(bucket).filter((key) => key !== "unrelated");

    it("succeeds when what it could not deliver is stored, and delivers it when it is asked to", async () => {
      const outage = await run(aDelivery([SECRET_CONTENT, "two"]), env, [404]);
      expect(outage.error).toBeUndefined();
      expect(outage.ledger).toMatchObject({
        destinations: { "datadog-logs": { offered: 2, stored: { "HTTP 404": 2 } } },
        unaccounted: 0,
      });
      expect(outage.output).toContain('"aws.dd_forwarder.events_stored":2');
      expect(outage.output).not.toContain(SECRET_CONTENT);
      expect(stored()).toHaveLength(1);
      await outage.intake.stop();
      const redriven = await run({ retry: "True" }, env);
      expect(redriven.error).toBeUndefined();
      expect(redriven.ledger).toMatchObject({ events: 0, redrive: { delivered: 2 }, unaccounted: 0 });
      expect(intake.logs().map(({ message }) => message)).toEqual([SECRET_CONTENT, "two"]);
      expect(stored()).toEqual([]);
    });

    it("stores nothing that a rule scrubs", async () => {
      const scrubbing = { DD_SCRUBBING_RULE: "secret", DD_SCRUBBING_RULE_REPLACEMENT: "word" };
      const payload = aPayload({ resource: SECRET_CONTENT });
      const outage = await run(aDelivery([SECRET_CONTENT, payload]), { ...env, ...scrubbing }, [404, 404]);
      expect(outage.error).toBeUndefined();
      const bodies = stored().map((key) => gunzipSync(s3.s3.object(bucket, key)).toString("latin1"));
      expect(bodies).toHaveLength(2);
      for (const body of bodies) {
        expect(body).toContain("the customer's word");
        expect(body).not.toContain("secret");
      }
      expect(outage.output).not.toContain("secret");
      await outage.intake.stop();
      await run({ retry: true }, env);
    });

    it("stores no literal of a statement, and sends none of what a Datadog Forwarder left behind", async () => {
      const line = aPayload({ type: "sql", resource: "SELECT 'secret'" });
      const outage = await run(aDelivery([line]), env, [404]);
      const [key] = stored() as [string];
      const bytes = s3.s3.object(bucket, key);
      const text = gunzipSync(bytes).toString("latin1");
      expect(text).toContain("SELECT ?");
      expect(text).not.toContain("secret");
      await outage.intake.stop();
      s3.s3.store(
        bucket,
        `${key.slice(0, key.lastIndexOf("/"))}/1795226069.5`,
        JSON.stringify([{ message: line, tags: "" }]),
      );
      const redriven = await run({ retry: true }, env);
      expect(redriven.ledger).toMatchObject({ redrive: { delivered: 2 }, unaccounted: 0 });
      const resources = intake
        .tracePayloads()
        .flatMap((body) => decodeAgentPayload(body).tracerPayloads)
        .map(({ chunks }) => chunks[0]?.spans[0]?.resource);
      expect(resources).toEqual(["SELECT ?", "SELECT ?"]);
    });

    it("redrives beside an event, and leaves stored logs where they are while logs are switched off", async () => {
      const outage = await run(aDelivery(["stored"]), env, [404]);
      await outage.intake.stop();
      const event = { ...aDelivery(["new"]), retry: true };
      const off = await run(event, { ...env, DD_FORWARD_LOG: "false" });
      expect(off.ledger).toMatchObject({ events: 1, redrive: { batches: 0 }, unaccounted: 0 });
      expect(stored()).toHaveLength(1);
      await off.intake.stop();
      const on = await run(event, env);
      expect(on.ledger).toMatchObject({ events: 1, redrive: { delivered: 1 }, unaccounted: 0 });
      expect(intake.logs().map(({ message }) => message)).toEqual(["new", "stored"]);
      expect(intake.logs().map(({ ddtags }) => /,retry:true$/.test(String(ddtags)))).toEqual([false, true]);
    });

    it("stores metrics that the intake does not take, and sends them when it is asked to", async () => {
      const line = JSON.stringify({ m: "coffee.value", v: 12.45, e: 1_795_226_069, t: ["product:latte"] });
      const outage = await run(aDelivery([line, line]), { ...env, DD_FORWARD_LOG: "false" }, [404]);
      expect(outage.error).toBeUndefined();
      expect(outage.ledger).toMatchObject({
        destinations: { "datadog-metrics": { offered: 2, stored: { "HTTP 404": 2 } } },
        unaccounted: 0,
      });
      expect(stored()).toEqual([expect.stringContaining("/metrics/")]);
      await outage.intake.stop();
      const redriven = await run({ retry: true }, { ...env, DD_FORWARD_LOG: "false" });
      expect(redriven.ledger).toMatchObject({ redrive: { delivered: 2 }, unaccounted: 0 });
      expect(intake.series()).toMatchObject([{ metric: "coffee.value" }, { metric: "coffee.value" }]);
      expect(stored()).toEqual([]);
    });

    it("keeps a metric that the intake refuses apart, and delivers the others", async () => {
      const line = (m: string): string => JSON.stringify({ m, v: 1, e: 1_795_226_069, t: [] });
      const { error, ledger } = await run(aDelivery(["a", "b"].map(line)), env, [400, 400, 202]);
      expect(error).toBeUndefined();
      expect(ledger.destinations["datadog-metrics"]).toMatchObject({
        offered: 2,
        delivered: 1,
        stored: { "HTTP 400": 1 },
      });
      expect(intake.series()).toMatchObject([{ metric: "b" }]);
      expect(stored()).toEqual([expect.stringContaining("/quarantine/metrics/")]);
      for (const key of stored()) s3.s3.remove(bucket, key);
    });

    it("redrives beside an event, and leaves stored logs where they are while logs are switched off", async () => {
      const outage = await run(aDelivery(["stored"]), env, [404]);
      await outage.intake.stop();
      const event = { ...aDelivery(["new"]), retry: true };
      const off = await run(event, { ...env, DD_FORWARD_LOG: "false" });
      expect(off.ledger).toMatchObject({ events: 1, redrive: { batches: 0 }, unaccounted: 0 });
      expect(stored()).toHaveLength(1);
      await off.intake.stop();
      const on = await run(event, env);
      expect(on.ledger).toMatchObject({ events: 1, redrive: { delivered: 1 }, unaccounted: 0 });
      expect(intake.logs().map(({ message }) => message)).toEqual(["new", "stored"]);
      expect(intake.logs().map(({ ddtags }) => /,retry:true$/.test(String(ddtags)))).toEqual([false, true]);
    });

    it("stores everything when it has no key", async () => {
      const { error, ledger, output } = await run(aDelivery(["a", "b"]), {
        ...env,
        DD_API_KEY: "",
        DD_API_KEY_SSM_NAME: "/datadog/key",
      });
      expect(error).toBeUndefined();
      expect(ledger).toMatchObject({
        destinations: { "datadog-logs": { stored: { "no credentials": 2 } } },
        unaccounted: 0,
      });
      expect(output).toContain("cannot read the Datadog API key from the SSM parameter /datadog/key");
      await intake.stop();
      expect((await run({ retry: true }, env)).ledger.redrive).toMatchObject({ delivered: 2 });
    });

    it("throws what could not be stored either, with the bucket, and counts what will come twice", async () => {
      const messages = Array.from({ length: 1_500 }, (_, index) => `${SECRET_CONTENT} ${index}`);
      const { error, ledger } = await run(aDelivery(messages), { ...env, DD_S3_BUCKET_NAME: "missing" }, [404]);
      expect(error?.message).toMatch(
        /datadog-logs: (1000|500) of 1500 not delivered \(HTTP 404, and not stored\); .*missing/,
      );
      // What was delivered comes again with the event; what was not stored may be, if only the answer was lost.
      expect(ledger.destinations["datadog-logs"]).toMatchObject({ offered: 1_500, possiblyDuplicated: 1_500 });
      expect(ledger.unaccounted).toBe(0);
    });

    it("stores what it has no time left to send, before Lambda's deadline", async () => {
      const startedMs = performance.now();
      const { error, ledger } = await run(aDelivery(["x"]), env, ["hang"], 3_000);
      expect(performance.now() - startedMs).toBeLessThan(3_000);
      expect(error).toBeUndefined();
      expect(ledger.destinations["datadog-logs"]).toMatchObject({ stored: { timeout: 1 }, possiblyDuplicated: 1 });
      await intake.stop();
      await run({ retry: true }, env);
    });
  });

  it("says that there is nothing to redrive where there is no store", async () => {
    const { error, output } = await run({ retry: true });
    expect(error).toBeUndefined();
    expect(output).toContain("there is no store to redrive: set DD_S3_BUCKET_NAME or DD_SQS_QUEUE_URL");
  });

  it("marks its own line one generation after the forwarders whose lines it forwards", async () => {
    const own = await run(aDelivery(["a line"]));
    expect(own.output).toContain('{"message":"ledger","~forwarder.generation":0,');
    await own.intake.stop();
    expect((await run(aDelivery([own.output]))).output).toContain('{"message":"ledger","~forwarder.generation":1,');
  });

  it("does not start with settings it cannot use, and names them all", () => {
    expect(() => createForwarder({ DD_PORT: "http", DD_COMPRESSION_LEVEL: "best" })).toThrow(
      /DD_PORT must be .*\n.*DD_COMPRESSION_LEVEL must be .*\n.*no Datadog API key/,
    );
  });
});
