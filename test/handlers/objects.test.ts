import * as zlib from "node:zlib";
import { anEnvelope } from "../helpers/deliveries.ts";
import { type ForwarderRun, forwarderRun } from "../helpers/forwarder-runs.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { aPayload } from "../helpers/payloads.ts";
import { BUCKET, eventBridgeEvent, s3Event, snsEvent, sqsEvent } from "../helpers/s3-notices.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const REPORTING = { REPORT_BATCH_ITEM_FAILURES: "true" };
const CLOUDTRAIL_KEY =
  "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/21/123456789012_CloudTrail_eu-west-1_20261121T0150Z_a1.json.gz";

const { gzipSync } = zlib;

let s3: S3Server;
let intake: TestIntake;
beforeAll(async () => {
  s3 = await startS3();
  Object.assign(process.env, s3.environment);
});
afterAll(() => s3.stop());
beforeEach(async () => {
  intake = await anIntake();
});
afterEach(async () => {
  s3.heal();
  s3.calls.splice(0);
  await intake.stop();
});

const put = (key: string, body: string | Buffer): void => s3.s3.store(BUCKET, key, body);
const run = (event: unknown, env?: Record<string, string>, msLeft?: () => number): Promise<ForwarderRun> =>
  forwarderRun(intake, event, env, msLeft);
const messages = (): unknown[] => intake.logs().map(({ message }) => message);

describe("objects of S3", () => {
  const odd = "a+b/100%25 é (1).log";
  it.each<[string, object]>([
    ["directly", s3Event(odd)],
    ["through SNS", snsEvent(s3Event(odd))],
    ["through SQS", sqsEvent(s3Event(odd))],
    ["through SNS and SQS", sqsEvent({ Type: "Notification", Message: JSON.stringify(s3Event(odd)) })],
    ["through EventBridge", eventBridgeEvent(odd)],
    ["through EventBridge and SQS", sqsEvent(eventBridgeEvent(odd))],
  ])("are read when S3 tells of them %s", async (_, event) => {
    put(odd, gzipSync("one\ntwo\n"));
    const { error, ledger } = await run(event);
    expect(error).toBeUndefined();
    expect(messages()).toEqual(["one", "two"]);
    expect(ledger).toMatchObject({ events: 2, logs: 2, unaccounted: 0 });
  });

  it("are all read, the others' notices are counted, and texts in a queue stay logs", async () => {
    put("a", "1");
    put("b", "2");
    const removed = s3Event("a");
    for (const record of removed.Records) record.eventName = "ObjectRemoved:Delete";
    const test = { Service: "Amazon S3", Event: "s3:TestEvent", Bucket: BUCKET };
    const { error, ledger } = await run(sqsEvent(s3Event("a", "b"), removed, test, "text of aws:s3"));
    expect(error).toBeUndefined();
    expect(messages()).toEqual(["text of aws:s3", "1", "2"]);
    expect(ledger).toMatchObject({ events: 5, logs: 3, dropped: { noNewObject: 2 }, unaccounted: 0 });
  });

  it("are for Datadog what the Datadog Forwarder makes of them", async () => {
    put("some/key.log", '{"level":"warn","n":1.10}');
    await run(s3Event("some/key.log"), { DD_TAGS: "team:a" });
    expect(intake.logs()).toEqual([
      {
        message: '{"level":"warn","n":1.10}',
        ddsource: "s3",
        ddsourcecategory: "aws",
        service: "s3",
        ddtags: expect.stringMatching(/^team:a,forwardername:forwarder,forwarder_version:[^,]*$/),
        aws: {
          s3: { bucket: BUCKET, key: "some/key.log" },
          invoked_function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder",
        },
      },
    ]);
  });

  it("of CloudTrail are an item for each record, with its members, and the instance as host", async () => {
    const arn = "arn:aws:sts::123456789012:assumed-role/role/i-0123456789abcdef0";
    const records = [
      { eventVersion: "1.08", userIdentity: { arn } },
      { eventVersion: "1.08", userIdentity: null },
    ];
    put(CLOUDTRAIL_KEY, gzipSync(JSON.stringify({ Records: records })));
    await run(s3Event(CLOUDTRAIL_KEY));
    expect(intake.logs()).toMatchObject([
      { ...records[0], ddsource: "cloudtrail", service: "cloudtrail", host: "i-0123456789abcdef0" },
      { ...records[1], ddsource: "cloudtrail", aws: { s3: { bucket: BUCKET, key: CLOUDTRAIL_KEY } } },
    ]);
    for (const item of intake.logs()) expect(item).not.toHaveProperty("message");
  });

  it.each([
    ["AWSLogs/1/WAFLogs/x.log", "waf"],
    ["aws-waf-logs-web/x", "waf"],
    ["amazon_kinesis/x", "kinesis"],
    ["AWSLogs/1/elasticloadbalancing/x", "s3"],
  ])("under the key %s are of source %s", async (key, ddsource) => {
    put(key, "{}\n");
    await run(s3Event(key));
    expect(intake.logs()).toMatchObject([{ ddsource, service: ddsource }]);
  });

  it.each<[string, Buffer]>([
    ["gzip in several members", Buffer.concat([gzipSync("one\n"), gzipSync("two\n")])],
    ["gzip in gzip", gzipSync(gzipSync("one\ntwo\n"))],
    ["plain text", Buffer.from("one\ntwo")],
  ])("are read as %s, whatever their name", async (_, body) => {
    put("name.bin", body);
    await run(s3Event("name.bin"));
    expect(messages()).toEqual(["one", "two"]);
  });

  const { zstdCompressSync } = zlib as { zstdCompressSync?: (text: string) => Buffer };
  (zstdCompressSync ? it : it.skip)("are read as zstd, where the runtime has it", async () => {
    put("name.zst", zstdCompressSync?.("one\ntwo\n") ?? "");
    await run(s3Event("name.zst"));
    expect(messages()).toEqual(["one", "two"]);
  });

  it("that Firehose wrote of CloudWatch Logs are what they would be from there, traces too", async () => {
    const span = aPayload({ trace_id: "1f", span_id: "2a" });
    const deliveries = [anEnvelope(["a", span]), anEnvelope(["b"], { logGroup: "/other", logStream: "s" })];
    put("export", gzipSync(Buffer.concat(deliveries.map((delivery) => gzipSync(delivery)))));
    const { ledger } = await run(s3Event("export"));
    expect(ledger).toMatchObject({ events: 3, logs: 2, traceLines: 1, unaccounted: 0 });
    expect(intake.logs()).toMatchObject([
      { message: "a", ddsource: "lambda", service: "thinker-microservice" },
      { message: "b", aws: { awslogs: { logGroup: "/other", logStream: "s", owner: "123456789012" } } },
    ]);
    expect(intake.tracePayloads()).toHaveLength(1);
  });

  it("have events of several lines where a pattern says how they begin", async () => {
    put("stack", "2026-11-21 a\n  at b\n2026-11-22 c");
    await run(s3Event("stack"), { DD_MULTILINE_LOG_REGEX_PATTERN: "\\d{4}-\\d{2}-\\d{2}" });
    expect(messages()).toEqual(["2026-11-21 a\n  at b", "2026-11-22 c"]);
  });

  it("that are empty are nothing", async () => {
    put("empty", "");
    const { error, ledger } = await run(s3Event("empty"));
    expect(error).toBeUndefined();
    expect(ledger).toMatchObject({ events: 0, unaccounted: 0 });
  });

  it("of several ranges are read whole, although connections break", async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index} ${"x".repeat(80)}`);
    put("large", lines.join("\n"));
    s3.faulty("reset", { operation: "GetObject", times: 1 });
    const { error, ledger } = await run(s3Event("large"));
    expect(error).toBeUndefined();
    expect(ledger).toMatchObject({ events: 100_000, unaccounted: 0 });
    expect(messages()).toHaveLength(100_000);
    expect(s3.calls.length).toBeGreaterThanOrEqual(4);
  }, 20_000);
});

describe("an object that cannot be read", () => {
  const bomb = gzipSync(Buffer.alloc(3 * 1024 * 1024, "0123456789\n"));
  beforeEach(() => {
    put("good", "good");
    put("bomb", bomb);
    put("damaged", Buffer.concat([gzipSync("x".repeat(1_000)).subarray(0, 20), Buffer.alloc(50, 0xff)]));
    put("cut", gzipSync("x".repeat(1_000)).subarray(0, -9));
    put("wrapped", gzipSync(gzipSync(gzipSync(gzipSync("x")))));
    put("archive.zip", "PK\x03\x04 and so on");
    put("zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0]));
  });

  it.each([
    ["missing", /cannot read s3:\/\/logs-of-thinkers\/missing: there is no such object any more/],
    ["damaged", /s3:\/\/logs-of-thinkers\/damaged: its gzip is damaged/],
    ["cut", /s3:\/\/logs-of-thinkers\/cut: its gzip is cut short/],
    ["bomb", /bomb: it expands to more than 1048576 bytes: if that is meant, raise S3_MAX_OBJECT_MEGABYTES/],
    ["wrapped", /wrapped: it is compressed more than 3 times/],
    ["archive.zip", /archive.zip: it is zip, which the forwarder does not read/],
    ["zstd", /zstd: (?:it is zstd, which Node reads from 22.15 on|its zstd is)/],
  ])("(%s) costs only itself", async (key, problem) => {
    const event = sqsEvent(s3Event(key), s3Event("good"));
    const { answer, error, ledger, output } = await run(event, { ...REPORTING, S3_MAX_OBJECT_MEGABYTES: "1" });
    expect(error).toBeUndefined();
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m0" }] });
    expect(messages()).toContain("good");
    expect(ledger.unaccounted).toBe(0);
    expect(output).toMatch(problem);
  });

  it("as access is denied names the right, and fails the invocation where nobody reads an answer", async () => {
    s3.faulty("deny", { key: "secret" });
    const { error, ledger } = await run(s3Event("secret", "good"));
    expect(error?.message).toMatch(/^1 of 2 objects: cannot read s3:.*access denied.*s3:GetObject/);
    expect(messages()).toEqual(["good"]);
    expect(ledger.unaccounted).toBe(0);
  });

  it.each<[string, object]>([
    ["S3 itself", s3Event("missing", "good")],
    ["SNS", snsEvent(s3Event("missing"))],
    ["EventBridge", eventBridgeEvent("missing")],
  ])("makes the invocation fail where %s tells of it, also where queues are given messages back", async (_, event) => {
    const { answer, error } = await run(event, REPORTING);
    expect(answer).toBeUndefined();
    expect(error?.message).toContain("there is no such object any more");
  });

  it("through SNS and EventBridge is named", async () => {
    expect((await run(snsEvent(s3Event("missing"), s3Event("good")))).error?.message).toMatch(
      /^1 of 2 objects: .*missing/,
    );
    expect((await run(eventBridgeEvent("missing"))).error?.message).toMatch(/^1 of 1 objects: .*missing/);
  });
});

describe("an object that is longer than the time", () => {
  const store = { DD_STORE_FAILED_EVENTS: "true", DD_S3_BUCKET_NAME: "failed" };
  const lines = Array.from({ length: 4_000 }, (_, index) => `line ${index} ${"x".repeat(80)}`);
  const now = Date.now.bind(Date);
  beforeEach(() => {
    s3.s3.store("failed", "unrelated", "");
    // Of the time that an invocation has, a call for the object takes so much that it is late from then on.
    let passedMs = 0;
    jest.spyOn(Date, "now").mockImplementation(() => now() + passedMs);
    s3.hooks.beforeCall = ({ key }) => {
      if (key === "long") passedMs += 11_000;
    };
  });
  afterEach(() => {
    s3.hooks.beforeCall = undefined;
    jest.restoreAllMocks();
  });

  const noted = (): string[] => s3.s3.keys("failed").filter((key) => key.includes("/unfinished/"));

  it.each<[string, Buffer]>([
    ["plain", Buffer.from(lines.join("\n"))],
    ["gzip", gzipSync(lines.join("\n"))],
    ["a list in gzip", gzipSync(JSON.stringify({ Records: lines }))],
  ])("is gone on with where it was left: %s", async (kind, body) => {
    put("long", body);
    const expected = kind === "a list in gzip" ? lines.map((line) => JSON.stringify(line)) : lines;
    let event: unknown = s3Event("long");
    let invocations = 0;
    do {
      const { error, ledger } = await run(event, store);
      expect(error).toBeUndefined();
      expect(ledger.unaccounted).toBe(0);
      event = { retry: true };
      invocations++;
    } while (noted().length > 0 && invocations < 50);
    expect(invocations).toBeGreaterThan(1);
    expect(messages()).toEqual(expected);
  });

  it("is said to be so where another invocation could not go on", async () => {
    put("long", lines.join("\n"));
    const { error } = await run(s3Event("long"), {}, () => 15_000);
    expect(error?.message).toMatch(/no time is left at byte \d+: raise the function's timeout, or set DD_STORE_FAILED/);
  });

  it("stays noted where it cannot be gone on with, and is another's while that is at work", async () => {
    put("long", lines.join("\n"));
    await run(s3Event("long"), store);
    const [key] = noted() as [string];
    s3.faulty("deny", { key: "long" });
    const { error, output } = await run({ retry: true }, store);
    expect(error).toBeUndefined();
    expect(output).toContain("access denied");
    expect(noted()).toEqual([key]);
    s3.heal();
    s3.calls.splice(0);
    await run({ retry: true }, store);
    expect(s3.calls).not.toContain("GetObject long");
    s3.s3.remove("failed", key);
  });
});
