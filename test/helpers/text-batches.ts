import type { FailedBatch } from "../../src/delivery/failure-store.ts";

/** A batch whose body is a JSON array of texts. */
export function aTextBatch(items: string[], facts: Partial<FailedBatch> = {}): FailedBatch {
  return {
    kind: "logs",
    destination: "datadog-logs",
    ...contentOf(items),
    reason: "HTTP 503",
    answer: "",
    storedAtUnixMs: 1_763_712_345_678,
    ...facts,
  };
}

function contentOf(items: string[]): Pick<FailedBatch, "items" | "body"> {
  return { items: items.length, body: Buffer.from(JSON.stringify(items)) };
}

export function textsIn(body: Uint8Array): string[] {
  return JSON.parse(Buffer.from(body).toString());
}

/** Halves by items, as a store is given. */
export function split(batch: FailedBatch): FailedBatch[] | undefined {
  const items = textsIn(batch.body);
  if (items.length < 2) return undefined;
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].map((half) => ({ ...batch, ...contentOf(half) }));
}
