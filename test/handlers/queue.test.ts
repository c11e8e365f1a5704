/** Objects told of through a queue, with S3 and SQS spoken to by the AWS SDK over HTTP, as Lambda's poller would. */
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import type { ResourceType } from "../emulator/service.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { pollQueue } from "../helpers/queue-poll.ts";
import { BUCKET, s3Event } from "../helpers/s3-notices.ts";
import { sdkClients } from "../helpers/sdk-clients.ts";

let emulator: Emulator;
let intake: TestIntake;
let sqs: SQSClient;
let s3: S3Client;
let queueUrl: string;
let queueArn: string;
beforeAll(async () => {
  [emulator, intake] = await Promise.all([startEmulator(), anIntake()]);
  ({ sqs, s3 } = sdkClients(emulator));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: emulator.endpoint,
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

const poll = () => pollQueue(sqs, { url: queueUrl, arn: queueArn }, intake);

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
