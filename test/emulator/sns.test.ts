import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { emulatedResource } from "../helpers/emulated-resource.ts";
import { type SdkClients, sdkClients } from "../helpers/sdk-clients.ts";
import { type Emulator, startEmulator } from "./emulator.ts";

describe("the emulated SNS", () => {
  let emulator: Emulator;
  let clients: SdkClients;
  let TopicArn: string;
  beforeEach(async () => {
    emulator = await startEmulator();
    clients = sdkClients(emulator);
    TopicArn = (await clients.sns.send(new CreateTopicCommand({ Name: "alerts" }))).TopicArn as string;
  });
  afterEach(() => emulator.stop());

  const subscribe = async (Protocol: string, Endpoint: string, Attributes: Record<string, string> = {}) =>
    (await clients.sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }))).SubscriptionArn;
  const publish = (Message: string, more: object = {}) =>
    clients.sns.send(new PublishCommand({ TopicArn, Message, ...more }));
  const aQueue = (QueueName: string) => emulatedResource(emulator.sqs, "AWS::SQS::Queue", { QueueName });
  const MessageAttributes = { severity: { DataType: "String", StringValue: '<low> & "slow"' } };

  it("has a topic once, by its name", async () => {
    expect(TopicArn).toBe("arn:aws:sns:eu-west-1:123456789012:alerts");
    expect(await clients.sns.send(new CreateTopicCommand({ Name: "alerts" }))).toMatchObject({ TopicArn });
    expect(emulator.contents()).toContain(`topic ${TopicArn}`);
    await expect(clients.sns.send(new CreateTopicCommand({ Name: "a b" }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    const elsewhere = new PublishCommand({ TopicArn: `${TopicArn}2`, Message: "a" });
    await expect(clients.sns.send(elsewhere)).rejects.toMatchObject({ name: "NotFoundException" });
  });

  it("invokes a function that lets it, with one notification an event", async () => {
    const events: unknown[] = [];
    const arn = emulator.lambda.serve("listener", async (event) => void events.push(event));
    const subscriptionArn = await subscribe("lambda", arn);
    await publish("before");
    expect(emulator.sns.undelivered).toEqual([{ subscriptionArn, reason: expect.stringContaining("may not be") }]);
    await clients.lambda.send(
      new AddPermissionCommand({
        ...{ FunctionName: "listener", StatementId: "sns", Action: "lambda:InvokeFunction" },
        ...{ Principal: "sns.amazonaws.com", SourceArn: TopicArn },
      }),
    );
    const { MessageId } = await publish("ä\n<b>", { MessageAttributes });
    await publish("second", { Subject: "S" });
    await emulator.idle();
    expect(events).toMatchObject([
      {
        Records: [
          {
            EventSource: "aws:sns",
            EventSubscriptionArn: subscriptionArn,
            Sns: {
              ...{ Type: "Notification", MessageId, TopicArn, Subject: null, Message: "ä\n<b>" },
              MessageAttributes: { severity: { Type: "String", Value: '<low> & "slow"' } },
            },
          },
        ],
      },
      { Records: [{ Sns: { Message: "second", Subject: "S", MessageAttributes: {} } }] },
    ]);
  });

  it("puts a notification into a queue, or its text alone where that is asked for", async () => {
    const [whole, raw] = [await aQueue("whole"), await aQueue("raw")];
    await subscribe("sqs", whole.attributes?.Arn as string);
    await subscribe("sqs", raw.attributes?.Arn as string, { RawMessageDelivery: "true" });
    const { MessageId } = await publish("a text", { MessageAttributes });
    const [message] = emulator.sqs.messages(whole.physicalId);
    expect(JSON.parse(message?.body ?? "")).toMatchObject({
      ...{ Type: "Notification", MessageId, TopicArn, Message: "a text" },
      MessageAttributes: { severity: { Type: "String", Value: '<low> & "slow"' } },
    });
    const asked = { QueueUrl: raw.physicalId, MessageAttributeNames: ["All"] };
    const { Messages } = await clients.sqs.send(new ReceiveMessageCommand(asked));
    expect(Messages).toMatchObject([{ Body: "a text", MessageAttributes }]);
  });

  it("says what it refuses and what it does not have", async () => {
    await expect(publish("x".repeat(262_145))).rejects.toMatchObject({ name: "InvalidParameterException" });
    const arn = emulator.lambda.serve("listener", async () => undefined);
    await expect(subscribe("lambda", arn, { RawMessageDelivery: "true" })).rejects.toThrow("raw message delivery");
    await expect(subscribe("sqs", "arn", { FilterPolicy: "{}" })).rejects.toThrow("subscriptions with FilterPolicy");
    await subscribe("sqs", "arn:aws:sqs:eu-west-1:123456789012:gone");
    await publish("a");
    expect(emulator.sns.undelivered).toMatchObject([{ reason: "The specified queue does not exist." }]);
  });
});
