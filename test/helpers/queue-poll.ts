/** What Lambda's poller does for a queue, with the AWS SDK over HTTP. */
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type ForwarderRun, forwarderRun } from "./forwarder-runs.ts";
import type { TestIntake } from "./intake.ts";

export interface Queue {
  url: string;
  arn: string;
}

/** Hands what is in a queue to the forwarder, and takes away what it does not give back. */
export async function pollQueue(
  sqs: SQSClient,
  { url, arn }: Queue,
  intake: TestIntake,
): Promise<ForwarderRun & { received: number }> {
  const asked = { QueueUrl: url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const] };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(asked));
  const records = Messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
    ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes },
    ...{ messageAttributes: {}, eventSource: "aws:sqs", eventSourceARN: arn, awsRegion: "eu-west-1" },
  }));
  const run = await forwarderRun(intake, { Records: records }, { REPORT_BATCH_ITEM_FAILURES: "true" });
  const { batchItemFailures = [] } = (run.answer ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { MessageId = "", ReceiptHandle } of run.error ? [] : Messages) {
    if (!failed.has(MessageId)) await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  }
  return { ...run, received: Messages.length };
}
