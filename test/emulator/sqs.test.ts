import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type Emulator, startEmulator } from "./emulator.ts";
import type { CreatedResource, ResourceType } from "./service.ts";

describe("the emulated SQS", () => {
  let emulator: Emulator;
  let client: SQSClient;
  let queue: CreatedResource;
  let QueueUrl: string;
  const ofQueues = (): ResourceType => emulator.sqs.resourceTypes?.["AWS::SQS::Queue"] as ResourceType;

  beforeEach(async () => {
    emulator = await startEmulator();
    const { endpoint } = emulator;
    const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "test" };
    client = new SQSClient({ endpoint, region: "eu-west-1", credentials });
    queue = await ofQueues().create({ QueueName: "a", MaximumMessageSize: 1_024, VisibilityTimeout: "60" }, "unused");
    QueueUrl = queue.physicalId;
  });
  afterEach(() => emulator.stop());

  const receive = async () => (await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0];

  it("is found by its name, and tells its attributes", async () => {
    expect(await client.send(new GetQueueUrlCommand({ QueueName: "a" }))).toMatchObject({ QueueUrl });
    emulator.sqs.send(queue.attributes?.Arn as string, "from AWS");
    expect(emulator.contents()).toContain("queue a");
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    expect(Attributes).toMatchObject({
      QueueArn: "arn:aws:sqs:eu-west-1:123456789012:a",
      ApproximateNumberOfMessages: "1",
      MaximumMessageSize: "1024",
      VisibilityTimeout: "60",
    });
  });

  it("counts the bytes of a body and of its attributes, and refuses what is over the limit", async () => {
    const MessageAttributes = { größe: { DataType: "String", StringValue: "ß" } };
    const MessageBody = "ä".repeat((1_024 - "größe".length - 2 - "String".length - 2) / 2);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    const longer = new SendMessageCommand({ QueueUrl, MessageBody: `${MessageBody}aa`, MessageAttributes });
    await expect(client.send(longer)).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
    });
  });

  it("refuses characters that SQS refuses", async () => {
    const send = new SendMessageCommand({ QueueUrl, MessageBody: "\u0000" });
    await expect(client.send(send)).rejects.toMatchObject({ name: "InvalidMessageContents" });
  });

  it("hides a message while it is delayed and while it is with a consumer", async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "a", DelaySeconds: 10 }));
    expect(await receive()).toBeUndefined();
    emulator.sqs.passTime(10);
    expect(await receive()).toMatchObject({ Body: "a" });
    emulator.sqs.passTime(59);
    expect(await receive()).toBeUndefined();
    emulator.sqs.passTime(1);
    expect(await receive()).toMatchObject({ Body: "a" });
  });

  it("hides no message for longer than 12 hours from when it was received", async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    const ReceiptHandle = (await receive())?.ReceiptHandle;
    emulator.sqs.passTime(30);
    const hide = (VisibilityTimeout: number) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await hide(43_000);
    await expect(hide(43_200)).rejects.toThrow("Total VisibilityTimeout for the message is beyond the limit");
    await hide(0);
    await expect(hide(1)).rejects.toMatchObject({ name: "MessageNotInflight" });
  });

  it("deletes a message for who received it last", async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    const first = await receive();
    emulator.sqs.passTime(60);
    const second = await receive();
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(emulator.sqs.messages(QueueUrl)).toHaveLength(1);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    expect(emulator.sqs.messages(QueueUrl)).toEqual([]);
    const unknown = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "unknown" });
    await expect(client.send(unknown)).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
  });

  it("forgets messages at the end of their retention", async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    emulator.sqs.passTime(345_599);
    expect(emulator.sqs.messages(QueueUrl)).toHaveLength(1);
    emulator.sqs.passTime(1);
    expect(await receive()).toBeUndefined();
  });

  it("keeps its messages when its template changes, and says what it does not have", async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    await ofQueues().update?.(QueueUrl, { QueueName: "a" });
    expect(emulator.sqs.messages(QueueUrl)).toHaveLength(1);
    expect(() => ofQueues().create({ FifoQueue: true }, "b")).toThrow(
      "The emulator does not have queues with FifoQueue",
    );
    await ofQueues().delete(QueueUrl, {});
    await expect(receive()).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  });
});
