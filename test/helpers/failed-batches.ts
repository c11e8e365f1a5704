import { gunzipSync } from "node:zlib";
import type { FailedBatch, StoredBatches } from "../../src/delivery/failure-store.ts";

export function aFailedBatch(body = "[]", changes: Partial<FailedBatch> = {}): FailedBatch {
  return {
    kind: "logs",
    destination: "datadog-logs",
    items: 1,
    body: Buffer.from(body),
    reason: "HTTP 503",
    answer: "",
    storedAtUnixMs: 1_763_712_345_678,
    ...changes,
  };
}

/** The body of a batch as it is stored: behind the header, which is the first line. */
export function storedBody(stored: Uint8Array): string {
  const text = gunzipSync(stored).toString();
  return text.slice(text.indexOf("\n") + 1);
}

/** Every batch that there is to claim. */
export async function claimAll(stored: StoredBatches | undefined) {
  const all: Awaited<ReturnType<StoredBatches["claim"]>> = [];
  if (!stored) throw new Error("there is another redrive");
  for (let next = await stored.claim(); next.length > 0; next = await stored.claim()) all.push(...next);
  return all;
}
