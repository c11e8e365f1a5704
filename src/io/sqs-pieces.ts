/** A failed batch is cut until each piece fits into one message. */
import type { FailedBatch } from "../delivery/failure-store.ts";
import { encodeStored } from "../delivery/stored-object.ts";
import { messageBodyOf } from "./sqs-message.ts";

/** The two halves of a batch, in order; undefined when it has one item. */
export type Split = (batch: FailedBatch) => FailedBatch[] | undefined;

/**
 * Bodies of messages, each at most `maxBodyBytes` long: every item once, in order.
 *
 * @throws {Error} when one item alone is too long
 */
export function* messageBodies(batch: FailedBatch, maxBodyBytes: number, split: Split): Generator<string> {
  const body = messageBodyOf(encodeStored(batch));
  if (body.length <= maxBodyBytes) {
    yield body;
    return;
  }
  const halves = split(batch);
  if (!halves) {
    throw new Error(
      `an item of ${batch.body.length} bytes is ${body.length} bytes as a message, which may have ${maxBodyBytes}: raise the queue's MaximumMessageSize, or use an S3 bucket as the failure store`,
    );
  }
  for (const half of halves) yield* messageBodies(half, maxBodyBytes, split);
}
