/** Calls to one SQS queue: bounded in time, and tried again where that helps. */
import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { type QueueAction, QueueError } from "./sqs-error.ts";

type Sdk = typeof import("@aws-sdk/client-sqs");

export interface ReceivedMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Readonly<Record<string, string | undefined>>;
  sentUnixMs: number;
  /** This time included. */
  receiveCount: number;
}

/** One call is tried so often. */
const MAX_ATTEMPTS = 4;
/** Of one attempt, of which there is time for two. */
const MAX_ATTEMPT_MS = 5_000;
/** Every queue takes messages of this size, unless it was configured to take less. */
const SAFE_MESSAGE_BYTES = 262_144;
/** SQS's limit for entries of one call. */
const MAX_ENTRIES = 10;
const MAX_CALLS_AT_ONCE = 8;

export class SqsQueue {
  readonly url: string;
  #client: Promise<{ sdk: Sdk; client: SQSClient }> | undefined;
  #maxMessageBytes: Promise<number> | undefined;

  /** @throws {Error} when it cannot be the URL of a queue that a failure store can use */
  constructor(queueUrl: string) {
    if (!URL.canParse(queueUrl)) {
      throw new Error(
        `${queueUrl} is not the URL of an SQS queue: give it as https://sqs.<region>.amazonaws.com/<account>/<name>`,
      );
    }
    if (queueUrl.endsWith(".fifo")) {
      throw new Error(`the queue ${queueUrl} is a FIFO queue, which one batch can hold up: use a standard queue`);
    }
    this.url = queueUrl;
  }

  /** Of a message with its attributes; read once. A safe value when it cannot be read. */
  maxMessageBytes(deadlineUnixMs: number): Promise<number> {
    this.#maxMessageBytes ??= this.#readMaxMessageBytes(deadlineUnixMs);
    return this.#maxMessageBytes;
  }

  async #readMaxMessageBytes(deadlineUnixMs: number): Promise<number> {
    // Most of the time is for what the size is read for.
    const nowUnixMs = Date.now();
    const untilUnixMs = nowUnixMs + Math.min(MAX_ATTEMPT_MS, (deadlineUnixMs - nowUnixMs) / 4);
    try {
      const { Attributes } = await this.#call("GetQueueAttributes", untilUnixMs, ({ sdk, client, options }) => {
        const input = { QueueUrl: this.url, AttributeNames: ["MaximumMessageSize" as const] };
        return client.send(new sdk.GetQueueAttributesCommand(input), options);
      });
      return Number(Attributes?.MaximumMessageSize) || SAFE_MESSAGE_BYTES;
    } catch (error) {
      if (!(error instanceof QueueError && error.isDenied)) this.#maxMessageBytes = undefined;
      return SAFE_MESSAGE_BYTES;
    }
  }

  /**
   * @param delaySeconds for which nobody receives it, at most 900
   * @throws {QueueError} when it is not known to be in the queue
   */
  async send(
    body: string,
    attributes: Readonly<Record<string, string>>,
    delaySeconds: number,
    deadlineUnixMs: number,
  ): Promise<void> {
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
    );
    const input = { QueueUrl: this.url, MessageBody: body, MessageAttributes, DelaySeconds: delaySeconds };
    try {
      await this.#call("SendMessage", deadlineUnixMs, ({ sdk, client, options }) =>
        client.send(new sdk.SendMessageCommand(input), options),
      );
    } catch (error) {
      // Its limit was lowered after it had been read.
      if (error instanceof QueueError && error.isTooLong) this.#maxMessageBytes = undefined;
      throw error;
    }
  }

  /**
   * At most 10 messages; none when there are none now.
   *
   * @param attributeNames those of its own attributes that a message is given with
   * @param visibilityTimeoutSeconds for which nobody else receives them, at most 43,200
   */
  async receive(
    attributeNames: readonly string[],
    visibilityTimeoutSeconds: number,
    deadlineUnixMs: number,
  ): Promise<ReceivedMessage[]> {
    const { Messages = [] } = await this.#call("ReceiveMessage", deadlineUnixMs, ({ sdk, client, options }) => {
      const input = {
        QueueUrl: this.url,
        MaxNumberOfMessages: MAX_ENTRIES,
        VisibilityTimeout: visibilityTimeoutSeconds,
        // Without waiting, SQS asks only some of its servers, and may miss messages.
        WaitTimeSeconds: deadlineUnixMs - Date.now() > 3_000 ? 1 : 0,
        MessageAttributeNames: [...attributeNames],
        MessageSystemAttributeNames: ["SentTimestamp" as const, "ApproximateReceiveCount" as const],
      };
      return client.send(new sdk.ReceiveMessageCommand(input), options);
    });
    return Messages.map(received);
  }

  /** Deleting what is deleted is no error. */
  async delete(receiptHandle: string, deadlineUnixMs: number): Promise<void> {
    await this.#call("DeleteMessage", deadlineUnixMs, ({ sdk, client, options }) =>
      client.send(new sdk.DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle: receiptHandle }), options),
    );
  }

  /** Messages that are visible or deleted by now stay so. */
  async changeVisibility(receiptHandles: readonly string[], seconds: number, deadlineUnixMs: number): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < receiptHandles.length) {
        const handles = receiptHandles.slice(next, next + MAX_ENTRIES);
        next += MAX_ENTRIES;
        await this.#changeVisibilityOf(handles, seconds, deadlineUnixMs);
      }
    };
    await Promise.all(Array.from({ length: MAX_CALLS_AT_ONCE }, work));
  }

  async #changeVisibilityOf(receiptHandles: string[], seconds: number, deadlineUnixMs: number): Promise<void> {
    await this.#call("ChangeMessageVisibility", deadlineUnixMs, ({ sdk, client, options }) => {
      const Entries = receiptHandles.map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: seconds,
      }));
      return client.send(new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries }), options);
    });
  }

  async #call<Output>(
    action: QueueAction,
    deadlineUnixMs: number,
    send: (call: {
      sdk: Sdk;
      client: SQSClient;
      options: { abortSignal: AbortSignal; requestTimeout: number };
    }) => Promise<Output>,
  ): Promise<Output> {
    const msLeft = deadlineUnixMs - Date.now();
    if (msLeft <= 0) throw new QueueError(action, this.url, undefined);
    const controller = new AbortController();
    const options = { abortSignal: controller.signal, requestTimeout: Math.min(MAX_ATTEMPT_MS, msLeft / 2) };
    let timer: NodeJS.Timeout | undefined;
    // The SDK heeds the signal, but not in all that it does.
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(Object.assign(new Error("no answer in time"), { name: "TimeoutError" }));
        controller.abort();
      }, msLeft);
    });
    const answer = async (): Promise<Output> => {
      this.#client ??= connect(this.url);
      return send({ ...(await this.#client), options });
    };
    try {
      return await Promise.race([answer(), tooLate]);
    } catch (error) {
      throw new QueueError(action, this.url, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function connect(queueUrl: string): Promise<{ sdk: Sdk; client: SQSClient }> {
  const sdk = await import("@aws-sdk/client-sqs");
  const region = regionOf(queueUrl);
  const client = new sdk.SQSClient({
    ...(region && { region }),
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: 2_000, socketTimeout: MAX_ATTEMPT_MS, throwOnRequestTimeout: true },
    // The SDK remarks, at each call, that the host of a VPC endpoint is not the one that it would choose.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return { sdk, client };
}

/** `eu-west-1` of `https://sqs.eu-west-1.amazonaws.com/…` and of VPC endpoints; undefined = the function's own. */
export function regionOf(queueUrl: string): string | undefined {
  return new URL(queueUrl).hostname.split(".").find((label) => /^[a-z]{2}(?:-[a-z]+){1,3}-\d$/.test(label));
}

function received(message: Message): ReceivedMessage {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue])),
    sentUnixMs: Number(message.Attributes?.SentTimestamp ?? Date.now()),
    receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
  };
}
