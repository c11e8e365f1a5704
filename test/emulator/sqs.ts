import { createHash, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Iam } from "./iam.ts";
import { answerJson, operationOf } from "./protocols.ts";
import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  NotEmulated,
  type Place,
  type Properties,
  type Service,
} from "./service.ts";

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  /** base64 */
  BinaryValue?: string;
}

export interface QueueMessage {
  messageId: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  sentUnixMs: number;
  receiveCount: number;
  /** Until then no consumer gets it. */
  hiddenUntilUnixMs: number;
  lastReceivedUnixMs?: number;
  firstReceivedUnixMs?: number;
  /** Of the last time that it was received; the ones before it delete nothing. */
  receiptHandle?: string;
}

interface Queue {
  name: string;
  properties: Properties;
  /** In the order in which they were sent. */
  messages: QueueMessage[];
  /** Every receipt handle that was ever given. */
  handles: Set<string>;
}

/** `lose`: the call is carried out and its answer is cut; `reset`: it is not carried out. */
export type QueueFault = "deny" | "throttle" | "hang" | "reset" | "lose";

export interface QueueCall {
  operation: string;
  input: Properties;
}

export interface Sqs extends Service {
  /** What a queue holds, hidden messages too, in the order in which they were sent. */
  messages(queueUrl: string): readonly QueueMessage[];
  /** What AWS itself sends, such as the record of an invocation that failed for good. */
  send(queueArn: string, body: string, attributes?: Record<string, MessageAttribute>): void;
  /** Lets visibility timeouts, delays and retention go by. */
  passTime(seconds: number): void;
  nowUnixMs(): number;
  /** Every call so far. */
  readonly calls: QueueCall[];
  /** Asked before each call. A test puts its own in place. */
  faultOf: (call: QueueCall) => QueueFault | undefined;
}

const MAX_VISIBILITY_TIMEOUT_SECONDS = 43_200;
/** What a queue has that its template does not set. */
const DEFAULTS = {
  DelaySeconds: 0,
  MaximumMessageSize: 1_048_576,
  MessageRetentionPeriod: 345_600,
  ReceiveMessageWaitTimeSeconds: 0,
  VisibilityTimeout: 30,
};
/** SQS waits whole seconds for a message. */
const MS_PER_SECOND_OF_WAITING = 5;
/** SQS takes the characters of XML 1.0, and the bytes of a message are counted in UTF-8. */
const REFUSED_CHARACTER = /[^\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Errors of the queue's own model, and how SQS named them in its older protocol. */
const MODELLED: Record<string, string> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
  ReceiptHandleIsInvalid: "ReceiptHandleIsInvalid",
  RequestThrottled: "RequestThrottled",
  InvalidAddress: "InvalidAddress",
  InvalidMessageContents: "InvalidMessageContents",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
};

/**
 * Standard queues.
 *
 * A standard queue promises no order: of the oldest messages, the newest is the first of an answer. It has no dead-letter
 * queue, and it never gives a message twice before its visibility timeout, which SQS rarely does.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
 */
export function sqs({ region, accountId }: Place, endpoint: string, iam: Iam): Sqs {
  const queues = new Map<string, Queue>();
  let passedMs = 0;
  const nowUnixMs = (): number => Date.now() + passedMs;

  // biome-ignore lint/suspicious/noExplicitAny: each operation reads its own input
  const operations: Record<string, (input: any, call: AwsCall) => unknown> = {
    GetQueueUrl({ QueueName }, call) {
      const queue = authorized(call, "GetQueueUrl", urlOf(QueueName));
      return { QueueUrl: urlOf(queue.name) };
    },

    GetQueueAttributes({ QueueUrl, AttributeNames = [] }, call) {
      const queue = authorized(call, "GetQueueAttributes", QueueUrl);
      const names: string[] = AttributeNames;
      const all = Object.entries(attributesOf(queue));
      return { Attributes: Object.fromEntries(all.filter(([name]) => names.includes("All") || names.includes(name))) };
    },

    SendMessage(input, call) {
      const { messageId, body } = add(authorized(call, "SendMessage", input.QueueUrl), input);
      return { MessageId: messageId, MD5OfMessageBody: md5(body) };
    },

    async ReceiveMessage(input, call) {
      const { QueueUrl, MaxNumberOfMessages = 1 } = input;
      const queue = authorized(call, "ReceiveMessage", QueueUrl);
      within("MaxNumberOfMessages", MaxNumberOfMessages, 1, 10);
      const timeout = seconds(input.VisibilityTimeout ?? property(queue, "VisibilityTimeout"));
      const wait: number = input.WaitTimeSeconds ?? property(queue, "ReceiveMessageWaitTimeSeconds");
      within("WaitTimeSeconds", wait, 0, 20);
      const waitUntilMs = performance.now() + wait * MS_PER_SECOND_OF_WAITING;
      for (;;) {
        const received = take(queue, MaxNumberOfMessages, timeout);
        if (received.length > 0) return { Messages: received.map((message) => described(message, input)) };
        if (performance.now() >= waitUntilMs) return {};
        await pause(2);
      }
    },

    DeleteMessage({ QueueUrl, ReceiptHandle }, call) {
      const queue = authorized(call, "DeleteMessage", QueueUrl);
      known(queue, ReceiptHandle);
      queue.messages = queue.messages.filter(({ receiptHandle }) => receiptHandle !== ReceiptHandle);
    },

    ChangeMessageVisibility(input, call) {
      changeVisibility(authorized(call, "ChangeMessageVisibility", input.QueueUrl), input);
    },

    ChangeMessageVisibilityBatch({ QueueUrl, Entries }, call) {
      const queue = authorized(call, "ChangeMessageVisibility", QueueUrl);
      return forEach(Entries, (entry) => changeVisibility(queue, entry));
    },
  };

  const service: Sqs = {
    contents: () => [...queues.values()].map(({ name }) => `queue ${name}`),
    messages: (queueUrl) => retained(find(queueUrl)),
    passTime(seconds) {
      passedMs += seconds * 1_000;
    },
    nowUnixMs,
    calls: [],
    faultOf: () => undefined,

    send(queueArn, body, MessageAttributes = {}) {
      const queue = [...queues.values()].find(({ name }) => arnOf(name) === queueArn);
      if (!queue) throw doesNotExist();
      add(queue, { MessageBody: body, MessageAttributes });
    },

    async answer(call) {
      const noted = { operation: operationOf(call), input: JSON.parse(call.body.toString() || "{}") };
      service.calls.push(noted);
      const fault = service.faultOf(noted);
      if (fault === "hang") return new Promise<never>(() => {});
      if (fault === "reset") return CUT;
      const answered = await answerAsSqs(call, fault);
      return fault === "lose" ? CUT : answered;
    },

    resourceTypes: {
      "AWS::SQS::Queue": {
        create(properties, generatedName) {
          const name: string = properties.QueueName ?? generatedName.slice(0, 80);
          for (const kind of ["FifoQueue", "RedrivePolicy"]) {
            if (properties[kind]) throw new NotEmulated(`queues with ${kind}`);
          }
          if (queues.has(urlOf(name))) throw new AwsError("QueueAlreadyExists", `There already is a queue ${name}.`);
          queues.set(urlOf(name), { name, properties, messages: [], handles: new Set() });
          return created(name);
        },
        update(physicalId, properties) {
          const queue = find(physicalId);
          queue.properties = properties;
          return created(queue.name);
        },
        replacedFor: ["QueueName"],
        delete(physicalId) {
          queues.delete(physicalId);
        },
      },
      "AWS::SQS::QueuePolicy": {
        create({ Queues }, generatedName) {
          Queues.forEach(find);
          return { physicalId: generatedName };
        },
        update: (physicalId) => ({ physicalId }),
        delete: () => {},
      },
    },
  };
  return service;

  async function answerAsSqs(call: AwsCall, fault: QueueFault | undefined): Promise<AwsAnswer> {
    const refuse = (): never => {
      throw fault === "deny"
        ? new AwsError("AccessDeniedException", "User is not authorized to perform this on the resource.", 403)
        : new AwsError("RequestThrottled", "The request was denied due to request throttling.");
    };
    const isRefused = fault === "deny" || fault === "throttle";
    const answered = await answerJson(call, isRefused ? { [operationOf(call)]: refuse } : operations);
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() };
    if (answered.status === 200 || answered.status === 501) return { ...answered, headers };
    const { __type: name, message } = JSON.parse(String(answered.body));
    const namespace = Object.hasOwn(MODELLED, name) ? "com.amazonaws.sqs" : "com.amazon.coral.service";
    return {
      status: answered.status,
      headers: { ...headers, "x-amzn-query-error": `${queryCode(name)};Sender` },
      body: JSON.stringify({ __type: `${namespace}#${name}`, message }),
    };
  }

  function attributesOf(queue: Queue): Record<string, string> {
    const messages = retained(queue);
    const hidden = messages.filter(({ hiddenUntilUnixMs }) => hiddenUntilUnixMs > nowUnixMs());
    const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0);
    return {
      QueueArn: arnOf(queue.name),
      ApproximateNumberOfMessages: String(messages.length - hidden.length),
      ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed.length),
      ApproximateNumberOfMessagesDelayed: String(delayed.length),
      ...Object.fromEntries(
        Object.keys(DEFAULTS).map((name) => [name, String(property(queue, name as keyof typeof DEFAULTS))]),
      ),
      SqsManagedSseEnabled: String(queue.properties.SqsManagedSseEnabled ?? true),
    };
  }

  function add(queue: Queue, { MessageBody, MessageAttributes = {}, DelaySeconds }: Properties): QueueMessage {
    const body: string = MessageBody ?? "";
    if (body === "") throw new AwsError("MissingRequiredParameterException", "The request must contain MessageBody.");
    if (REFUSED_CHARACTER.test(body)) {
      throw new AwsError("InvalidMessageContents", "Invalid characters were found in the message body.");
    }
    const attributes: Record<string, MessageAttribute> = MessageAttributes;
    if (Object.keys(attributes).length > 10) throw invalid("Number of message attributes exceeds the limit [10].");
    const maxBytes = property(queue, "MaximumMessageSize");
    if (bytesOf(body, attributes) > maxBytes) {
      throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`);
    }
    const delaySeconds: number = DelaySeconds ?? property(queue, "DelaySeconds");
    within("DelaySeconds", delaySeconds, 0, 900);
    const sentUnixMs = nowUnixMs();
    const hiddenUntilUnixMs = sentUnixMs + delaySeconds * 1_000;
    const message = { messageId: randomUUID(), body, attributes, sentUnixMs, receiveCount: 0, hiddenUntilUnixMs };
    queue.messages.push(message);
    return message;
  }

  function take(queue: Queue, count: number, timeoutSeconds: number): QueueMessage[] {
    const visible = retained(queue).filter(({ hiddenUntilUnixMs }) => hiddenUntilUnixMs <= nowUnixMs());
    const taken = visible.slice(0, count).reverse();
    for (const message of taken) {
      message.receiveCount++;
      message.lastReceivedUnixMs = nowUnixMs();
      message.firstReceivedUnixMs ??= nowUnixMs();
      message.hiddenUntilUnixMs = nowUnixMs() + timeoutSeconds * 1_000;
      message.receiptHandle = randomBytes(96).toString("base64");
      queue.handles.add(message.receiptHandle);
    }
    return taken;
  }

  function changeVisibility(queue: Queue, { ReceiptHandle, VisibilityTimeout }: Properties): void {
    known(queue, ReceiptHandle);
    const timeout = seconds(VisibilityTimeout);
    const message = retained(queue).find(({ receiptHandle }) => receiptHandle === ReceiptHandle);
    if (!message) {
      throw invalid(
        `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    if (message.hiddenUntilUnixMs <= nowUnixMs())
      throw new AwsError("MessageNotInflight", "The message is not in flight.");
    // The limit counts from when the message was received.
    const total = (nowUnixMs() - (message.lastReceivedUnixMs as number)) / 1_000 + timeout;
    if (total > MAX_VISIBILITY_TIMEOUT_SECONDS) {
      throw invalid(
        `Value ${timeout} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_TIMEOUT_SECONDS} seconds]`,
      );
    }
    message.hiddenUntilUnixMs = nowUnixMs() + timeout * 1_000;
  }

  /** Without those that are too old. */
  function retained(queue: Queue): QueueMessage[] {
    const sinceUnixMs = nowUnixMs() - property(queue, "MessageRetentionPeriod") * 1_000;
    queue.messages = queue.messages.filter(({ sentUnixMs }) => sentUnixMs > sinceUnixMs);
    return queue.messages;
  }

  function known(queue: Queue, receiptHandle: string): void {
    if (queue.handles.has(receiptHandle)) return;
    throw new AwsError(
      "ReceiptHandleIsInvalid",
      `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
      404,
    );
  }

  function authorized({ accessKeyId }: AwsCall, action: string, queueUrl: string): Queue {
    if (!queueUrl?.startsWith(`${endpoint}/`)) {
      throw new AwsError("InvalidAddress", `The address ${queueUrl} is not valid for this endpoint.`, 404);
    }
    const name = queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
    try {
      iam.authorize(accessKeyId, `sqs:${action}`, arnOf(name));
    } catch (error) {
      throw error instanceof AwsError ? new AwsError(error.code, error.message, 403) : error;
    }
    return find(queueUrl);
  }

  function find(queueUrl: string): Queue {
    const queue = queues.get(queueUrl);
    if (!queue) throw doesNotExist();
    return queue;
  }

  function created(name: string) {
    return { physicalId: urlOf(name), attributes: { Arn: arnOf(name), QueueName: name, QueueUrl: urlOf(name) } };
  }

  function urlOf(name: string): string {
    return `${endpoint}/${accountId}/${name}`;
  }

  function arnOf(name: string): string {
    return `arn:aws:sqs:${region}:${accountId}:${name}`;
  }
}

/** An answer that ends before it is whole: the client sees a connection that was reset. */
const CUT: AwsAnswer = { status: 200, headers: { connection: "close", "content-length": "1000" }, body: "{" };

/** Each entry for itself: what fails is said beside what went well. */
function forEach(entries: Properties[], act: (entry: Properties) => void) {
  if (!entries?.length) throw new AwsError("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (entries.length > 10) {
    throw new AwsError("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.");
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError("BatchEntryIdsNotDistinct", "Two entries have the same Id.");
  }
  const Successful: Properties[] = [];
  const Failed: Properties[] = [];
  for (const entry of entries) {
    try {
      act(entry);
      Successful.push({ Id: entry.Id });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: queryCode(error.code), Message: error.message });
    }
  }
  return { Successful, Failed };
}

/** What ReceiveMessage tells of a message. */
function described(message: QueueMessage, { MessageAttributeNames = [], ...input }: Properties) {
  const { messageId, body, receiptHandle, sentUnixMs, receiveCount, firstReceivedUnixMs } = message;
  const wanted: string[] = MessageAttributeNames;
  const MessageAttributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) =>
      wanted.some(
        (pattern) =>
          pattern === "All" || pattern === name || (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2))),
      ),
    ),
  );
  const system: string[] = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
  const Attributes = Object.fromEntries(
    Object.entries({
      SentTimestamp: String(sentUnixMs),
      ApproximateReceiveCount: String(receiveCount),
      ApproximateFirstReceiveTimestamp: String(firstReceivedUnixMs),
    }).filter(([name]) => system.includes("All") || system.includes(name)),
  );
  return {
    MessageId: messageId,
    ReceiptHandle: receiptHandle,
    Body: body,
    MD5OfBody: md5(body),
    // SQS leaves out what is empty.
    ...(Object.keys(Attributes).length > 0 && { Attributes }),
    ...(Object.keys(MessageAttributes).length > 0 && { MessageAttributes }),
  };
}

/** Of the template, which may write a number as text. */
function property({ properties }: Queue, name: keyof typeof DEFAULTS): number {
  return Number(properties[name] ?? DEFAULTS[name]);
}

/** As SQS counts: the body, and of each attribute its name, type and value. */
function bytesOf(body: string, attributes: Record<string, MessageAttribute>): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = "", BinaryValue = "" }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += Buffer.from(BinaryValue, "base64").length;
  }
  return bytes;
}

function seconds(visibilityTimeout: number): number {
  return within("VisibilityTimeout", visibilityTimeout, 0, MAX_VISIBILITY_TIMEOUT_SECONDS);
}

function within(parameter: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(
    `Value ${value} for parameter ${parameter} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
  );
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

function doesNotExist(): AwsError {
  return new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
}

function queryCode(name: string): string {
  return MODELLED[name] ?? name.replace(/Exception$/, "");
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
