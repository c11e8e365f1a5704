/** Records that the AWS SDK puts into a stream, as an event source mapping of Lambda hands them in. */
import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import type { CreatedResource, Properties } from "../emulator/service.ts";
import { emulatedResource } from "../helpers/emulated-resource.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { sdkClients } from "../helpers/sdk-clients.ts";
import { type ServedForwarder, servedForwarder } from "../helpers/served-forwarder.ts";
import { aggregated, controlMessage, packed } from "../helpers/streams.ts";

/** gzip begins as it should, so that nothing but reading it tells. */
const POISONED = packed("lost").fill(0xff, 12, 40);
const REPORTING = { FunctionResponseTypes: ["ReportBatchItemFailures"] };

let emulator: Emulator;
let intake: TestIntake;
let client: KinesisClient;
let stream: CreatedResource;
let notRead: CreatedResource;
beforeEach(async () => {
  [emulator, intake] = await Promise.all([startEmulator(), anIntake()]);
  client = sdkClients(emulator).kinesis;
  stream = await emulatedResource(emulator.kinesis, "AWS::Kinesis::Stream", { Name: "logs", ShardCount: 2 });
  notRead = await emulatedResource(emulator.sqs, "AWS::SQS::Queue", { QueueName: "not-read" });
});
afterEach(() => Promise.all([emulator.stop(), intake.stop()]));

/** Has the forwarder read the stream, with two retries. */
async function reading(more: Properties = {}): Promise<ServedForwarder & { uuid: string }> {
  const reports = String(more.FunctionResponseTypes !== undefined);
  const forwarder = servedForwarder(emulator, "forwarder", intake, { REPORT_BATCH_ITEM_FAILURES: reports });
  const OnFailure = { Destination: notRead.attributes?.Arn };
  const { physicalId } = await emulatedResource(emulator.streamMappings, "AWS::Lambda::EventSourceMapping", {
    ...{ FunctionName: "forwarder", EventSourceArn: stream.attributes?.Arn, StartingPosition: "TRIM_HORIZON" },
    ...{ MaximumRetryAttempts: 2, DestinationConfig: { OnFailure }, ...more },
  });
  return { ...forwarder, uuid: physicalId };
}

/** With one call. @returns what the stream says of each, when all was handed in or given up */
async function put(...data: (Buffer | [key: string, data: Buffer])[]) {
  const Records = data.map((given) => {
    const [PartitionKey, Data] = Array.isArray(given) ? given : ["p", given];
    return { PartitionKey, Data };
  });
  const answer = await client.send(new PutRecordsCommand({ StreamName: "logs", Records }));
  await emulator.idle();
  return answer.Records ?? [];
}

const messages = () => intake.logs().map(({ message }) => message);
const told = () => emulator.sqs.messages(notRead.physicalId).map(({ body }) => JSON.parse(body));

/** What the ledgers say was delivered, whose books must balance. */
function delivered({ runs }: ServedForwarder): number {
  for (const { ledger } of runs) expect(ledger.unaccounted).toBe(0);
  return runs.reduce((sum, { ledger }) => sum + (ledger.destinations["datadog-logs"]?.delivered ?? 0), 0);
}

it("records of every kind arrive once, in the order of their shard", async () => {
  const forwarder = await reading({ ...REPORTING, BatchSize: 3 });
  const members = Buffer.concat([packed("c"), packed("d")]);
  const ofLibrary = aggregated(packed("e"), Buffer.from("plain"), packed("f"));
  await put(packed("a", "b"), controlMessage(), members, ofLibrary, Buffer.from('{"g":1.10}\ntext\n'));

  expect(messages()).toEqual(["a", "b", "c", "d", "e", "plain", "f", '{"g":1.10}', "text"]);
  expect(forwarder.runs.map(({ ledger }) => ledger)).toMatchObject([
    { events: 5, logs: 4, dropped: { controlMessage: 1 } },
    { events: 5, logs: 5, dropped: {} },
  ]);
  expect(delivered(forwarder)).toBe(9);
  expect(intake.logs()[0]).toMatchObject({ ddsource: "lambda", aws: { awslogs: { owner: "123456789012" } } });
  const own = { ddsource: "kinesis", eventSourceARN: stream.attributes?.Arn, timestamp: expect.any(Number) };
  expect(intake.logs().at(-1)).toMatchObject(own);
  expect(told()).toEqual([]);
});

it("a poisoned record costs nothing but itself, and ends where its queue says that it stands", async () => {
  const forwarder = await reading(REPORTING);
  const records = await put(packed("before", "this"), POISONED, packed("behind"), ["a", packed("elsewhere")]);
  const [{ ShardId } = {}, poisoned, behind, elsewhere] = records;
  expect(elsewhere?.ShardId).not.toBe(ShardId);

  // Lambda goes back to the poisoned one, and hands in again what stands behind it.
  const texts = messages();
  expect([...texts].sort()).toEqual(["before", "behind", "behind", "behind", "elsewhere", "this"]);
  expect(delivered(forwarder)).toBe(texts.length);
  const failing = forwarder.runs.filter(({ answer }) => answer !== undefined);
  const itemIdentifier = poisoned?.SequenceNumber;
  expect(failing.map(({ answer }) => answer)).toEqual(Array(3).fill({ batchItemFailures: [{ itemIdentifier }] }));
  for (const { output } of failing) expect(output).toMatch(/1 of [23] Kinesis records: its gzip is damaged/);
  expect(told()).toMatchObject([
    {
      requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 3 },
      KinesisBatchInfo: {
        ...{ shardId: ShardId, batchSize: 2, streamArn: stream.attributes?.Arn },
        ...{ startSequenceNumber: itemIdentifier, endSequenceNumber: behind?.SequenceNumber },
      },
    },
  ]);
  expect(emulator.streamMappings.counts(forwarder.uuid)).toEqual({ onFailureDestinationDelivered: 2, dropped: 0 });

  await put(packed("later"));
  expect(messages().slice(texts.length)).toEqual(["later"]);
});

it("nothing comes twice where a poisoned record is the last of its batch", async () => {
  const forwarder = await reading({ ...REPORTING, BatchSize: 2, DestinationConfig: undefined });
  await put(packed("a"), POISONED, packed("b"), packed("c"));
  expect(messages()).toEqual(["a", "b", "c"]);
  expect(delivered(forwarder)).toBe(3);
  expect(forwarder.runs).toHaveLength(4);
  expect(emulator.streamMappings.counts(forwarder.uuid)).toEqual({ onFailureDestinationDelivered: 0, dropped: 1 });
});

it("a mapping that reads no answers splits batches, and gives up the poisoned record alone", async () => {
  const forwarder = await reading({ BisectBatchOnFunctionError: true });
  const [, poisoned] = await put(packed("a"), POISONED, packed("b"), packed("c"));
  expect(new Set(messages())).toEqual(new Set(["a", "b", "c"]));
  expect(delivered(forwarder)).toBe(messages().length);
  const { SequenceNumber } = poisoned ?? {};
  expect(told()).toMatchObject([
    {
      responseContext: { functionError: "Unhandled" },
      KinesisBatchInfo: { batchSize: 1, startSequenceNumber: SequenceNumber, endSequenceNumber: SequenceNumber },
    },
  ]);
});

it("a batch that the intake does not take comes again whole, and arrives when it does", async () => {
  const forwarder = await reading(REPORTING);
  intake.replies.push(403);
  await put(packed("a"), packed("b"));
  expect(forwarder.runs.map(({ error }) => error?.message)).toEqual([
    expect.stringContaining("not delivered (HTTP 403)"),
    undefined,
  ]);
  expect(messages()).toEqual(["a", "b"]);
  expect(delivered(forwarder)).toBe(2);
  expect(told()).toEqual([]);
});
