import { PutRecordsCommand } from "@aws-sdk/client-kinesis";
import type { KinesisStreamRecord } from "aws-lambda";
import { emulatedResource } from "../helpers/emulated-resource.ts";
import { sdkClients } from "../helpers/sdk-clients.ts";
import { type Emulator, startEmulator } from "./emulator.ts";
import type { Properties } from "./service.ts";

const REPORTING = { FunctionResponseTypes: ["ReportBatchItemFailures"] };

describe("an event source mapping of a stream", () => {
  let emulator: Emulator;
  let seen: KinesisStreamRecord[][];
  beforeEach(async () => {
    emulator = await startEmulator();
    seen = [];
  });
  afterEach(() => emulator.stop());

  /** Puts records into a stream, all with one call, and has a function read them. */
  async function read(texts: string[], answer: (texts: string[]) => unknown, more: Properties = {}) {
    const stream = await emulatedResource(emulator.kinesis, "AWS::Kinesis::Stream", { Name: "thoughts" });
    const queue = await emulatedResource(emulator.sqs, "AWS::SQS::Queue", { QueueName: "not-read" });
    emulator.lambda.serve("reader", async (event) => {
      const { Records } = event as { Records: KinesisStreamRecord[] };
      seen.push(Records);
      return answer(Records.map(textOf));
    });
    const OnFailure = { Destination: queue.attributes?.Arn };
    const mapping = await emulatedResource(emulator.streamMappings, "AWS::Lambda::EventSourceMapping", {
      ...{ FunctionName: "reader", EventSourceArn: stream.attributes?.Arn, StartingPosition: "TRIM_HORIZON" },
      ...{ MaximumRetryAttempts: 2, DestinationConfig: { OnFailure }, ...more },
    });
    const Records = texts.map((text) => ({ PartitionKey: "p", Data: Buffer.from(text) }));
    await sdkClients(emulator).kinesis.send(new PutRecordsCommand({ StreamName: "thoughts", Records }));
    await emulator.idle();
    const told = emulator.sqs.messages(queue.physicalId).map(({ body }) => JSON.parse(body));
    return { counts: emulator.streamMappings.counts(mapping.physicalId), told };
  }

  const textOf = ({ kinesis }: KinesisStreamRecord) => Buffer.from(kinesis.data, "base64").toString();
  const batches = () => seen.map((records) => records.map(textOf).join(""));
  const givesBack =
    (...texts: string[]) =>
    () => ({
      batchItemFailures: (seen.at(-1) ?? [])
        .filter((record) => texts.includes(textOf(record)))
        .map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })),
    });

  it("hands in batches in order, in the shape that Lambda has for them", async () => {
    const { counts, told } = await read(["a", "b", "c"], () => undefined, { BatchSize: 2 });
    expect(batches()).toEqual(["ab", "c"]);
    const [record] = seen[0] as [KinesisStreamRecord];
    expect(record).toEqual({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: "p",
        sequenceNumber: expect.stringMatching(/^\d{56}$/),
        data: "YQ==",
        approximateArrivalTimestamp: expect.any(Number),
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `shardId-000000000000:${record.kinesis.sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::123456789012:role/forwarder",
      awsRegion: "eu-west-1",
      eventSourceARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/thoughts",
    });
    expect(counts).toEqual({ onFailureDestinationDelivered: 0, dropped: 0 });
    expect(told).toEqual([]);
  });

  it("goes on from the first record that is given back, and gives it up with all behind it in the end", async () => {
    const { counts, told } = await read(["a", "b", "c", "d"], givesBack("d", "b"), REPORTING);
    expect(batches()).toEqual(["abcd", "bcd", "bcd"]);
    expect(counts).toEqual({ onFailureDestinationDelivered: 3, dropped: 0 });
    expect(told).toMatchObject([
      {
        requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 3 },
        KinesisBatchInfo: {
          shardId: "shardId-000000000000",
          startSequenceNumber: seen[1]?.[0]?.kinesis.sequenceNumber,
          endSequenceNumber: seen[1]?.[2]?.kinesis.sequenceNumber,
          batchSize: 3,
        },
      },
    ]);
  });

  it("drops what it gives up where there is no destination, and goes on behind it", async () => {
    const more = { ...REPORTING, DestinationConfig: undefined, BatchSize: 1, MaximumRetryAttempts: 0 };
    const { counts, told } = await read(["a", "b", "c"], givesBack("b"), more);
    expect(batches()).toEqual(["a", "b", "c"]);
    expect(counts).toEqual({ onFailureDestinationDelivered: 0, dropped: 1 });
    expect(told).toEqual([]);
  });

  it("hands in a batch again whole where the function throws", async () => {
    const throws = (texts: string[]) => {
      if (texts.includes("c")) throw new Error("cannot read c");
    };
    await read(["a", "b", "c", "d"], throws, { MaximumRetryAttempts: 1 });
    expect(batches()).toEqual(["abcd", "abcd"]);
  });

  it("splits until the record stands alone that the function throws on", async () => {
    const throws = (texts: string[]) => {
      if (texts.includes("c")) throw new Error("cannot read c");
    };
    const more = { MaximumRetryAttempts: 1, BisectBatchOnFunctionError: true };
    const { counts } = await read(["a", "b", "c", "d"], throws, more);
    expect(batches()).toEqual(["abcd", "ab", "cd", "c", "c", "d"]);
    expect(counts.onFailureDestinationDelivered).toBe(1);
  });

  it("takes an answer that it was not told to read for done, and one that it does not understand for a failure", async () => {
    await read(["a", "b"], givesBack("b"));
    expect(batches()).toEqual(["ab"]);
    await emulator.stop();
    emulator = await startEmulator();
    seen = [];
    await read(["a", "b"], () => ({ batchItemFailures: [{ itemIdentifier: "" }] }), REPORTING);
    expect(batches()).toEqual(["ab", "ab", "ab"]);
  });
});
