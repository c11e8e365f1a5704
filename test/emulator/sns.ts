import { randomBytes, randomUUID } from "node:crypto";
import type { Subscribers } from "./logs.ts";
import { answerQuery } from "./protocols.ts";
import { AwsError, NotEmulated, type Place, type Properties, type Service } from "./service.ts";
import type { MessageAttribute, Sqs } from "./sqs.ts";

interface Subscription {
  arn: string;
  protocol: string;
  endpoint: string;
  isRaw: boolean;
}

interface Notification {
  messageId: string;
  topicArn: string;
  message: string;
  subject: string | undefined;
  attributes: Record<string, MessageAttribute>;
  publishedAt: string;
}

export interface Sns extends Service {
  /** What AWS itself publishes, such as a bucket's notification. */
  publish(topicArn: string, message: string, subject?: string): void;
  /** Notifications that an endpoint did not take: the subscription, and why. */
  readonly undelivered: { subscriptionArn: string; reason: string }[];
}

const MAX_MESSAGE_BYTES = 262_144;

/**
 * Standard topics with functions and queues as subscribers. Each is tried once and at once, in the order of its subscription.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/
 */
export function sns({ region, accountId }: Place, functions: Subscribers, queues: Pick<Sqs, "send">): Sns {
  /** By the ARN of the topic. */
  const topics = new Map<string, Subscription[]>();
  const undelivered: Sns["undelivered"] = [];

  return {
    undelivered,
    contents: () => [...topics.keys()].map((arn) => `topic ${arn}`),
    publish: (topicArn, message, subject) => void publish({ TopicArn: topicArn, Message: message, Subject: subject }),
    answer: (call) =>
      answerQuery(call, {
        CreateTopic: ({ Name }) => ({ TopicArn: create(Name) }),
        Subscribe: (input) => ({ SubscriptionArn: subscribe(input) }),
        Publish: (input) => ({ MessageId: publish(input) }),
      }),
  };

  function create(name: string): string {
    if (!/^[\w-]{1,256}$/.test(name)) throw invalid("Topic Name");
    const arn = `arn:aws:sns:${region}:${accountId}:${name}`;
    if (!topics.has(arn)) topics.set(arn, []);
    return arn;
  }

  function subscribe({ TopicArn, Protocol, Endpoint, ...input }: Properties): string {
    const subscriptions = find(TopicArn);
    if (Protocol !== "lambda" && Protocol !== "sqs") throw new NotEmulated(`subscriptions with ${Protocol}`);
    const { RawMessageDelivery = "false", ...others } = Object.fromEntries(
      entriesOf(input, "Attributes.entry").map(({ key, value }) => [key, value]),
    );
    const [other] = Object.keys(others);
    if (other) throw new NotEmulated(`subscriptions with ${other}`);
    const isRaw = RawMessageDelivery === "true";
    if (isRaw && Protocol === "lambda")
      throw invalid("Attributes Reason: Delivery protocol [lambda] does not support raw message delivery.");
    const known = subscriptions.find(({ protocol, endpoint }) => protocol === Protocol && endpoint === Endpoint);
    if (known) return known.arn;
    const arn = `${TopicArn}:${randomUUID()}`;
    subscriptions.push({ arn, protocol: Protocol, endpoint: Endpoint, isRaw });
    return arn;
  }

  function publish({ TopicArn, Message = "", Subject, MessageStructure, ...input }: Properties): string {
    const subscriptions = find(TopicArn);
    if (MessageStructure) throw new NotEmulated(`messages with the structure ${MessageStructure}`);
    if (Message === "") throw invalid("Empty message");
    if (Buffer.byteLength(Message) > MAX_MESSAGE_BYTES) throw invalid("Message too long");
    const notification = {
      ...{ messageId: randomUUID(), topicArn: TopicArn, message: Message, subject: Subject },
      ...{ attributes: attributesIn(input), publishedAt: new Date().toISOString() },
    };
    for (const subscription of subscriptions) {
      try {
        deliver(subscription, notification);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        undelivered.push({ subscriptionArn: subscription.arn, reason: error.message });
      }
    }
    return notification.messageId;
  }

  function deliver({ arn, protocol, endpoint, isRaw }: Subscription, notification: Notification): void {
    if (protocol === "sqs") {
      if (isRaw) queues.send(endpoint, notification.message, notification.attributes);
      else queues.send(endpoint, bodyOf(notification, arn));
      return;
    }
    if (!functions.mayBeInvoked(endpoint, "sns.amazonaws.com", notification.topicArn)) {
      throw new AwsError("AccessDeniedException", `${endpoint} may not be invoked by ${notification.topicArn}.`, 403);
    }
    functions.invokeAsync(endpoint, eventOf(notification, arn));
  }

  function find(topicArn: string): Subscription[] {
    const subscriptions = topics.get(topicArn);
    if (!subscriptions) throw new AwsError("NotFound", "Topic does not exist", 404);
    return subscriptions;
  }

  /** A function gets one notification an event. @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
  function eventOf({ messageId, topicArn, message, subject, attributes, publishedAt }: Notification, arn: string) {
    const { SigningCertURL, UnsubscribeURL, ...signed } = signatureFor(arn);
    return {
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: arn,
          Sns: {
            ...{ Type: "Notification", MessageId: messageId, TopicArn: topicArn },
            ...{ Subject: subject ?? null, Message: message, Timestamp: publishedAt },
            ...{ ...signed, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL },
            MessageAttributes: described(attributes),
          },
        },
      ],
    };
  }

  /** @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
  function bodyOf(
    { messageId, topicArn, message, subject, attributes, publishedAt }: Notification,
    arn: string,
  ): string {
    const body = {
      ...{ Type: "Notification", MessageId: messageId, TopicArn: topicArn, Subject: subject },
      ...{ Message: message, Timestamp: publishedAt, ...signatureFor(arn) },
      ...(Object.keys(attributes).length > 0 && { MessageAttributes: described(attributes) }),
    };
    return JSON.stringify(body, null, 2);
  }

  function signatureFor(subscriptionArn: string) {
    const host = `https://sns.${region}.amazonaws.com`;
    return {
      SignatureVersion: "1",
      Signature: randomBytes(256).toString("base64"),
      SigningCertURL: `${host}/SimpleNotificationService-${"0".repeat(32)}.pem`,
      UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
    };
  }
}

function described(attributes: Record<string, MessageAttribute>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue },
    ]),
  );
}

function attributesIn(input: Properties): Record<string, MessageAttribute> {
  return Object.fromEntries(
    entriesOf(input, "MessageAttributes.entry").map((entry) => {
      const {
        "Value.DataType": DataType = "",
        "Value.StringValue": StringValue,
        "Value.BinaryValue": BinaryValue,
      } = entry;
      const value = StringValue === undefined ? { BinaryValue: BinaryValue ?? "" } : { StringValue };
      return [entry.Name ?? "", { DataType, ...value }];
    }),
  );
}

/** The fields of a form whose names are `list.1.field`, `list.2.field`, …: one object a number. */
function entriesOf(input: Properties, list: string): Record<string, string>[] {
  const entries: Record<string, string>[] = [];
  for (const [name, value] of Object.entries(input)) {
    const [, index, field] = new RegExp(`^${list}\\.(\\d+)\\.(.+)$`).exec(name) ?? [];
    if (field === undefined) continue;
    const at = Number(index) - 1;
    entries[at] = { ...entries[at], [field]: value };
  }
  return entries;
}

function invalid(reason: string): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${reason}`);
}
