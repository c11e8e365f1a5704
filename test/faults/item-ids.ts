/** Which log events are in a body. Read by nothing of the function's own, apart from the viewer's protobuf decoder. */
import { gunzipSync } from "node:zlib";
import { decodeAgentPayload } from "../../src/viewer/agent-payload.ts";

/** The key in a span's meta with the id of the log event that its line was. */
export const EVENT_ID = "log.event.id";

/** @param body of a request to the logs intake: a JSON array */
export function logIdsIn(body: Buffer): string[] {
  return (JSON.parse(body.toString()) as { id: unknown }[]).map(({ id }) => idFrom(id));
}

/** One id for each item, which is a line of spans. @param body of a request to the trace intake */
export function traceIdsIn(body: Buffer): string[] {
  return decodeAgentPayload(body).tracerPayloads.map(({ chunks }) => {
    const ids = new Set(chunks.flatMap(({ spans }) => spans.map(({ meta }) => idFrom(meta[EVENT_ID]))));
    if (ids.size !== 1) throw new Error(`the spans of ${ids.size} lines are in one item`);
    return [...ids][0] as string;
  });
}

/**
 * @param object of the failure store: gzip of a line of JSON, which says what it is, and a body; or what a Datadog
 * Forwarder stored, a list of texts
 */
export function storedIdsIn(object: Buffer): string[] {
  if (object[0] === "[".charCodeAt(0)) {
    return (JSON.parse(object.toString()) as string[]).flatMap((text) => logIdsIn(Buffer.from(`[${text}]`)));
  }
  const content = gunzipSync(object);
  const endOfHeader = content.indexOf("\n");
  const { kind, items } = JSON.parse(content.toString("utf8", 0, endOfHeader)) as { kind: string; items: number };
  const body = content.subarray(endOfHeader + 1);
  const ids = kind === "traces" ? traceIdsIn(body) : logIdsIn(body);
  if (ids.length !== items) throw new Error(`its header says ${items} items and there are ${ids.length}`);
  return ids;
}

function idFrom(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Error("an item has no id");
  return value;
}
