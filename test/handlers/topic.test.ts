/** Notifications of SNS, and of S3 through it, with all services spoken to by the AWS SDK over HTTP. */
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import { emulatedResource } from "../helpers/emulated-resource.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { pollQueue, type Queue } from "../helpers/queue-poll.ts";
import { BUCKET, s3Event } from "../helpers/s3-notices.ts";
import { type SdkClients, sdkClients } from "../helpers/sdk-clients.ts";
import { type ServedForwarder, servedForwarder } from "../helpers/served-forwarder.ts";

let emulator: Emulator;
let intake: TestIntake;
let clients: SdkClients;
let TopicArn: string;
/** Of the topic, the queue and the function of a test. */
let name: string;
let tests = 0;
beforeAll(async () => {
  emulator = await startEmulator();
  clients = sdkClients(emulator);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: emulator.endpoint,
    AWS_ACCESS_KEY_ID: "AKIDTEST",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "eu-west-1",
  });
  emulator.s3.store(BUCKET, "seed", "");
  emulator.s3.hooks.afterCall = ({ operation, key }) => {
    if (operation === "PutObject") notify(key);
  };
});
beforeEach(async () => {
  name = `objects-${++tests}`;
  intake = await anIntake();
  TopicArn = (await clients.sns.send(new CreateTopicCommand({ Name: name }))).TopicArn as string;
});
afterEach(() => intake.stop());
afterAll(() => emulator.stop());

/** What S3 does for a bucket with a topic in its configuration. */
const notify = (key: string) => emulator.sns.publish(TopicArn, JSON.stringify(s3Event(key)), "Amazon S3 Notification");
const subscribe = (Protocol: string, Endpoint: string, Attributes: Record<string, string> = {}) =>
  clients.sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));

async function subscribedForwarder(): Promise<ServedForwarder> {
  const forwarder = servedForwarder(emulator, name, intake);
  await clients.lambda.send(
    new AddPermissionCommand({
      ...{ FunctionName: name, StatementId: "sns", Action: "lambda:InvokeFunction" },
      ...{ Principal: "sns.amazonaws.com", SourceArn: TopicArn },
    }),
  );
  await subscribe("lambda", forwarder.arn);
  return forwarder;
}

async function subscribedQueue(attributes: Record<string, string> = {}): Promise<Queue> {
  const { physicalId: url, attributes: given } = await emulatedResource(emulator.sqs, "AWS::SQS::Queue", {
    QueueName: name,
  });
  const arn = given?.Arn as string;
  await subscribe("sqs", arn, attributes);
  return { url, arn };
}

const putObject = (Key: string, Body: string) => clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
const messages = () => intake.logs().map(({ message }) => message);

it("a text is a log with the notification around it", async () => {
  const { runs } = await subscribedForwarder();
  const severity = { DataType: "String", StringValue: "high" };
  const published = { TopicArn, Message: "thoughts\nhave stopped", Subject: "ALARM", MessageAttributes: { severity } };
  const { MessageId } = await clients.sns.send(new PublishCommand(published));
  await emulator.idle();

  expect(runs).toMatchObject([{ answer: undefined, ledger: { events: 1, logs: 1, unaccounted: 0 } }]);
  const [log, ...others] = intake.logs();
  expect(others).toEqual([]);
  expect(log).toMatchObject({
    ddsource: "sns",
    EventSource: "aws:sns",
    Sns: {
      ...{ MessageId, TopicArn, Message: "thoughts\nhave stopped", Subject: "ALARM" },
      MessageAttributes: { severity: { Type: "String", Value: "high" } },
    },
  });
});

it("an object that S3 tells of through a topic is read", async () => {
  const { runs } = await subscribedForwarder();
  await putObject("thinker/a b.log", "one\ntwo\n");
  await emulator.idle();
  expect(runs).toMatchObject([{ answer: undefined, ledger: { events: 2, logs: 2, unaccounted: 0 } }]);
  expect(intake.logs()).toMatchObject([
    { message: "one", ddsource: "s3", aws: { s3: { bucket: BUCKET, key: "thinker/a b.log" } } },
    { message: "two" },
  ]);
});

it("an object that is gone when its notification comes is tried as often as Lambda tries, and costs no other", async () => {
  const { runs } = await subscribedForwarder();
  await putObject("here.log", "one");
  notify("gone.log");
  await emulator.idle();
  expect(messages()).toEqual(["one"]);
  expect(runs.filter(({ error }) => error).map(({ ledger }) => ledger)).toMatchObject(
    Array(3).fill({ events: 0, unaccounted: 0 }),
  );
  expect(runs).toHaveLength(4);
});

it.each([
  ["in the notification of a topic", {}],
  ["as they are, where delivery is raw", { RawMessageDelivery: "true" }],
])("objects that S3 tells of through a topic and a queue are read, %s", async (_, attributes) => {
  const queue = await subscribedQueue(attributes);
  const late = `${name}/late.log`;
  await putObject("a b.log", "one\ntwo\n");
  notify(late);
  await clients.sns.send(new PublishCommand({ TopicArn, Message: "a text" }));

  const first = await pollQueue(clients.sqs, queue, intake);
  expect(first).toMatchObject({ received: 3, ledger: { events: 3, logs: 3, unaccounted: 0 } });
  expect(first.output).toContain(`1 of 3 SQS messages: cannot read s3://${BUCKET}/${late}`);
  expect(emulator.sqs.messages(queue.url)).toHaveLength(1);

  emulator.s3.store(BUCKET, late, "three");
  emulator.sqs.passTime(31);
  const second = await pollQueue(clients.sqs, queue, intake);
  expect(second).toMatchObject({ received: 1, answer: undefined, ledger: { events: 1, logs: 1, unaccounted: 0 } });
  expect(emulator.sqs.messages(queue.url)).toEqual([]);
  const [text, ...objects] = messages();
  expect(text).toContain("a text");
  expect(objects).toEqual(["one", "two", "three"]);
});
