import { gzipSync } from "node:zlib";
import { anEnvelope } from "../helpers/deliveries.ts";
import { type ForwarderRun, forwarderRun } from "../helpers/forwarder-runs.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { aggregated, controlMessage, firehoseEvent, kafkaEvent, kinesisEvent, packed } from "../helpers/streams.ts";

const REPORTING = { REPORT_BATCH_ITEM_FAILURES: "true" };
const DAMAGED = packed("lost").fill(0xff, 12, 40);

let intake: TestIntake;
beforeEach(async () => {
  intake = await anIntake();
});
afterEach(() => intake.stop());

const run = (event: unknown, env?: Record<string, string>): Promise<ForwarderRun> => forwarderRun(intake, event, env);
const messages = (): unknown[] => intake.logs().map(({ message }) => message);

describe("records of Kinesis", () => {
  it("with deliveries of CloudWatch Logs are what they would be from there; control messages are none", async () => {
    const { error, ledger } = await run(kinesisEvent(packed("a", "b"), controlMessage(), packed("c")));
    expect(error).toBeUndefined();
    expect(ledger).toMatchObject({ events: 4, logs: 3, dropped: { controlMessage: 1 }, unaccounted: 0 });
    expect(intake.logs()).toMatchObject([
      { message: "a", ddsource: "lambda", aws: { awslogs: { owner: "123456789012" } } },
      { message: "b" },
      { message: "c" },
    ]);
  });

  it("are read in several members of gzip, and as the Kinesis Producer Library puts them together", async () => {
    const members = Buffer.concat([packed("a"), packed("b")]);
    const halves = [anEnvelope(["c"]).slice(0, 90), anEnvelope(["c"]).slice(90)].map((half) => gzipSync(half));
    await run(kinesisEvent(members, Buffer.concat(halves), aggregated(packed("d"), Buffer.from("plain"), packed("e"))));
    expect(messages()).toEqual(["a", "b", "c", "d", "plain", "e"]);
  });

  it("with anything else are lines of the stream, with their time", async () => {
    await run(kinesisEvent(Buffer.from('{"a":1}\ntext\n')));
    const eventSourceARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/logs";
    const own = { ddsource: "kinesis", service: "kinesis", timestamp: 1_795_226_069_500, eventSourceARN };
    expect(intake.logs()).toMatchObject([
      { message: '{"a":1}', ...own },
      { message: "text", ...own },
    ]);
    expect(intake.logs()[0]).not.toHaveProperty("host");
  });

  it.each<[string, Buffer | string, RegExp]>([
    ["damaged gzip", DAMAGED, /1 of 3 Kinesis records: its gzip is damaged/],
    ["gzip that is cut", packed("lost").subarray(0, -9), /its gzip is cut short/],
    ["wrong base64", "H4sI!", /its data is not base64/],
    ["a damaged aggregation", aggregated(packed("x")).fill(0xff, 40, 50), /its aggregation is damaged/],
    ["a damaged delivery", gzipSync(anEnvelope(["x"]).slice(0, -9)), /the delivery is cut short.*\(log group \/aws/],
  ])("that cannot be read (%s) are given back alone", async (_, data, problem) => {
    const { answer, error, ledger, output } = await run(kinesisEvent(packed("a"), data, packed("c")), REPORTING);
    expect(error).toBeUndefined();
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "s1" }] });
    expect(messages()).toEqual(["a", "c"]);
    expect(ledger.unaccounted).toBe(0);
    expect(output).toMatch(problem);
    expect(output).not.toContain("lost");
  });

  it("make the invocation fail where nobody reads an answer", async () => {
    const { answer, error } = await run(kinesisEvent(packed("a"), DAMAGED));
    expect(answer).toBeUndefined();
    expect(error?.message).toContain("1 of 2 Kinesis records");
    expect(messages()).toEqual(["a"]);
  });
});

describe("records of Kafka", () => {
  it("are read as those of Kinesis, with their time; deleted ones are counted", async () => {
    const { error, ledger } = await run(kafkaEvent(packed("a"), Buffer.from('{"b":1.10}'), null));
    expect(error).toBeUndefined();
    expect(ledger).toMatchObject({ events: 3, logs: 2, dropped: { emptyRecord: 1 }, unaccounted: 0 });
    expect(intake.logs()).toMatchObject([
      { message: "a", ddsource: "lambda" },
      {
        message: '{"b":1.10}',
        ...{ ddsource: "kafka", service: "kafka", timestamp: 1_795_226_069_000 },
        ...{ topic: "logs", eventSourceArn: "arn:aws:kafka:eu-west-1:123456789012:cluster/logs/abc-1" },
      },
    ]);
  });

  it("are one event each where they are text, however many lines it has", async () => {
    await run(kafkaEvent(Buffer.from("Error\n  at a\n"), Buffer.from('{"a":1}\n{"b":2}')));
    expect(messages()).toEqual(["Error\n  at a", '{"a":1}', '{"b":2}']);
  });

  it("of one's own cluster are read", async () => {
    const event = { ...kafkaEvent(Buffer.from("a")), eventSource: "SelfManagedKafka", eventSourceArn: undefined };
    await run(event);
    expect(intake.logs()).toMatchObject([{ message: "a", topic: "logs" }]);
    expect(intake.logs()[0]).not.toHaveProperty("eventSourceArn");
  });

  it("that cannot be read are given back by partition and offset", async () => {
    const { answer } = await run(kafkaEvent(packed("a"), DAMAGED, packed("c")), REPORTING);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: { partition: "logs-0", offset: 1 } }] });
    expect(messages()).toEqual(["a", "c"]);
  });
});

describe("a transformation of Firehose", () => {
  it("gives each record back once: as it came, dropped, or failed", async () => {
    const data = [packed("a"), controlMessage(), DAMAGED, Buffer.from('{"b":1}{"c":2}'), "no base64!"];
    const event = firehoseEvent(...data);
    const { answer, error, ledger, output } = await run(event);
    expect(error).toBeUndefined();
    const [first, , third, fourth, fifth] = event.records;
    expect(answer).toEqual({
      records: [
        { recordId: "r0", result: "Ok", data: first?.data },
        { recordId: "r1", result: "Dropped" },
        { recordId: "r2", result: "ProcessingFailed", data: third?.data },
        { recordId: "r3", result: "Ok", data: fourth?.data },
        { recordId: "r4", result: "ProcessingFailed", data: fifth?.data },
      ],
    });
    expect(messages()).toEqual(["a", '{"b":1}', '{"c":2}']);
    const [fromCloudWatch, own] = intake.logs();
    expect(own).toMatchObject({ ddsource: "firehose", deliveryStreamArn: event.deliveryStreamArn });
    expect(fromCloudWatch).not.toHaveProperty("deliveryStreamArn");
    expect(ledger).toMatchObject({ events: 4, dropped: { controlMessage: 1 }, unaccounted: 0 });
    expect(output).toContain("2 of 5 Firehose records: its gzip is damaged; its data is not base64");
  });

  it("answers no more than Lambda takes: what is too much is left where Firehose keeps it", async () => {
    const line = Buffer.from("x".repeat(900_000));
    const { answer } = await run(firehoseEvent(...Array<Buffer>(6).fill(line)));
    const { records } = answer as { records: { result: string }[] };
    expect(records.map(({ result }) => result)).toEqual([
      "Ok",
      "Ok",
      "Ok",
      "Ok",
      "ProcessingFailed",
      "ProcessingFailed",
    ]);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6_000_000);
    expect(messages()).toHaveLength(6);
  });

  it("fails as a whole where anything is neither delivered nor stored, so that Firehose tries again", async () => {
    intake.replies.push(...Array<number>(20).fill(403));
    const { answer, error } = await run(firehoseEvent(packed("a")));
    expect(answer).toBeUndefined();
    expect(error?.message).toContain("not delivered (HTTP 403)");
  });
});
