/**
 * Failed batches as messages of a queue.
 *
 * Their attributes are the Datadog Forwarder's, so that what it left behind is read too. Its bodies are JSON; ours are a
 * stored batch in base64.
 */
import { createHash } from "node:crypto";
import type { Kind } from "../delivery/failure-store.ts";

/** The value of `retry_prefix` for what a person must look at. No redrive takes it. */
export const QUARANTINE = "quarantine";
/** What says whose a message is, and of which kind. */
export const ATTRIBUTE_NAMES = ["retry_prefix", "function_prefix"];

/** One queue may serve several forwarders; this is in each message of one. */
export function functionPrefixOf(functionArn: string): string {
  return createHash("sha1").update(functionArn.toLowerCase()).digest("hex");
}

export function attributesOf(kind: Kind, functionPrefix: string, isQuarantined: boolean): Record<string, string> {
  return isQuarantined
    ? { retry_prefix: QUARANTINE, function_prefix: functionPrefix, kind }
    : { retry_prefix: kind, function_prefix: functionPrefix };
}

/** @param stored what `encodeStored` gave */
export function messageBodyOf(stored: Uint8Array): string {
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString("base64");
}

/** What was stored: of ours what `encodeStored` gave, of the Datadog Forwarder's the text. */
export function bytesIn(messageBody: string): Uint8Array {
  // The first three bytes of gzip. JSON never begins like that.
  return Buffer.from(messageBody, messageBody.startsWith("H4sI") ? "base64" : "utf8");
}

/**
 * The longest body in a queue whose messages have at most `maxMessageBytes`, the attributes included. It leaves room for
 * those of the quarantine, so that each message can be moved there.
 */
export function maxBodyBytes(maxMessageBytes: number): number {
  return maxMessageBytes - MAX_ATTRIBUTE_BYTES;
}

/** SQS counts the name, the type and the value of each. */
const MAX_ATTRIBUTE_BYTES = Object.entries(attributesOf("metrics", "0".repeat(40), true))
  .map(([name, value]) => name.length + "String".length + value.length)
  .reduce((sum, bytes) => sum + bytes);
