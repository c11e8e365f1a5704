/** Objects told of through a queue, with S3 and SQS spoken to by the AWS SDK over HTTP, as Lambda's poller would. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import type { ResourceType } from "../emulator/service.ts";
import { type ForwarderRun, forwarderRun } from "../helpers/forwarder-runs.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { BUCKET, s3Event } from "../helpers/s3-notices.ts";

let emulator: Emulator;
let intake: TestIntake;
let sqs: SQSClient;
let s3: S3Client;
let queueUrl: string;
let queueArn: string;
beforeAll(async () => {
  [emulator, intake] = await Promise.all([startEmulator(), anIntake()]);
  const { endpoint } = emulator;
  const given = { endpoint, region: "eu-west-1", credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" } };
  [sqs, s3] = [new SQSClient(given), new S3Client({ ...given, forcePathStyle: true })];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: "AKIDTEST",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "eu-west-1",
  });
  const queues = emulator.sqs.resourceTypes?.["AWS::SQS::Queue"] as ResourceType;
  const queue = await queues.create({ QueueName: "objects", VisibilityTimeout: 30 }, "unused");
  [queueUrl, queueArn] = [queue.physicalId, queue.attributes?.Arn as string];
  emulator.s3.store(BUCKET, "seed", "");
});
afterAll(() => Promise.all([emulator.stop(), intake.stop()]));

const send = (body: object | string) =>
  sqs.send(
    new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: typeof body === "string" ? body : JSON.stringify(body) }),
  );

/** Hands what is in the queue to the function, and takes away what it does not give back. */
async function poll(): Promise<ForwarderRun & { received: number }> {
  const asked = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const] };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(asked));
  const records = Messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
    ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes },
    ...{ messageAttributes: {}, eventSource: "aws:sqs", eventSourceARN: queueArn, awsRegion: "eu-west-1" },
  }));
  const run = await forwarderRun(intake, { Records: records }, { REPORT_BATCH_ITEM_FAILURES: "true" });
  const { batchItemFailures = [] } = (run.answer ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { MessageId = "", ReceiptHandle } of run.error ? [] : Messages) {
    if (!failed.has(MessageId)) await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }
  return { ...run, received: Messages.length };
}

it("an object that is not there yet costs no other, and is read when its message comes again", async () => {
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "a b.log", Body: "one\ntwo\n" }));
  for (const body of [s3Event("a b.log"), s3Event("late.log"), "a text"]) await send(body);

  const first = await poll();
  expect(first).toMatchObject({ received: 3, ledger: { events: 3, logs: 3, unaccounted: 0 } });
  expect(first.output).toContain("1 of 3 SQS messages: cannot read s3://logs-of-thinkers/late.log");
  expect(emulator.sqs.messages(queueUrl)).toHaveLength(1);

  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "late.log", Body: "three" }));
  emulator.sqs.passTime(31);
  expect(await poll()).toMatchObject({
    received: 1,
    answer: undefined,
    ledger: { events: 1, logs: 1, unaccounted: 0 },
  });
  expect(emulator.sqs.messages(queueUrl)).toHaveLength(0);
  expect(intake.logs().map(({ message }) => message)).toEqual(["a text", "one", "two", "three"]);
});
