/** An SQS queue as the failure store. The SDK loads with the first call. */
import type { FailedBatch, RedriveStore } from "../delivery/failure-store.ts";
import { Gate } from "../delivery/gate.ts";
import { attributesOf, functionPrefixOf, maxBodyBytes } from "./sqs-message.ts";
import { messageBodies, type Split } from "./sqs-pieces.ts";
import { SqsQueue } from "./sqs-queue.ts";
import { SqsRedrive } from "./sqs-redrive.ts";

/** Batches that are cut and sent at once. */
const MAX_BATCHES = 8;

/**
 * A standard queue, which other forwarders and the Datadog Forwarder may share: each redrives its own messages alone.
 * What is not redriven is lost when the queue's retention ends; its longest is 14 days.
 *
 * What a person must look at stays in the queue, with `quarantine` as the message attribute `retry_prefix` and its kind
 * as `kind`. Redrives skip it. The function's role needs `sqs:` SendMessage, ReceiveMessage, DeleteMessage,
 * ChangeMessageVisibility and GetQueueAttributes.
 *
 * Two redrives at once share the queue: SQS gives a message to one of them. So `open` never gives undefined.
 *
 * @param split cuts a batch that is too long for a message
 * @throws {Error} when the URL is not one of a standard queue
 */
export function createSqsStore({
  queueUrl,
  functionArn,
  split,
}: {
  queueUrl: string;
  functionArn: string;
  split: Split;
}): RedriveStore {
  const queue = new SqsQueue(queueUrl);
  const functionPrefix = functionPrefixOf(functionArn);
  const gate = new Gate(MAX_BATCHES);

  return {
    put: (batch, isRefused, deadlineUnixMs) => send(batch, isRefused, 0, deadlineUnixMs),
    open: async (kinds, deadlineUnixMs) =>
      new SqsRedrive(queue, functionPrefix, kinds, deadlineUnixMs, (rest, delaySeconds) =>
        send(rest, false, delaySeconds, deadlineUnixMs),
      ),
  };

  async function send(
    batch: FailedBatch,
    isRefused: boolean,
    delaySeconds: number,
    deadlineUnixMs: number,
  ): Promise<void> {
    await gate.enter();
    try {
      const maxBytes = maxBodyBytes(await queue.maxMessageBytes(deadlineUnixMs));
      // All are cut before the first is sent: when one item does not fit, nothing is sent that would be sent again.
      const bodies = [...bodiesOf(batch, maxBytes)];
      const attributes = attributesOf(batch.kind, functionPrefix, isRefused);
      for (const body of bodies) await queue.send(body, attributes, delaySeconds, deadlineUnixMs);
    } finally {
      gate.leave();
    }
  }

  function bodiesOf(batch: FailedBatch, maxBytes: number): string[] {
    try {
      return [...messageBodies(batch, maxBytes, split)];
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown error";
      throw new Error(`cannot put a failed batch into the queue ${queueUrl}: ${problem}`, { cause: error });
    }
  }
}
