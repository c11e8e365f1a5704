/** Which log events are in a body. Read by nothing of the function's own, apart from the viewer's protobuf decoder. */
import { decodeAgentPayload } from "../../src/viewer/agent-payload.ts";
import { type Decoded, decodeOtlp, plain } from "../helpers/otlp-published.ts";

/** The key in a span's meta with the id of the log event that its line was. */
export const EVENT_ID = "log.event.id";

const OTLP_COPY = "otlp:";

/**
 * Each backend is to get a copy of each log event, and each copy has an end of its own: Datadog's has the id of the log
 * event, the one of an OTLP backend this.
 */
export function otlpCopyOf(id: string): string {
  return OTLP_COPY + id;
}

/** The id of the log event. */
export function eventOf(copy: string): string {
  return copy.startsWith(OTLP_COPY) ? copy.slice(OTLP_COPY.length) : copy;
}

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

/** @param body of a request to export logs, in protobuf */
export function otlpLogIdsIn(body: Buffer): string[] {
  const { resourceLogs } = decodeOtlp("logs", body) as { resourceLogs: Decoded[] };
  const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }: Decoded) => logRecords));
  return records.map(({ attributes }) => idFrom(plain(attributes)["log.record.uid"]));
}

/** One id for each line of spans, which is an item. @param body of a request to export spans, in protobuf */
export function otlpTraceIdsIn(body: Buffer): string[] {
  const { resourceSpans } = decodeOtlp("traces", body) as { resourceSpans: Decoded[] };
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }: Decoded) => spans));
  return [...new Set(spans.map(({ attributes }) => idFrom(plain(attributes)[EVENT_ID])))];
}

function idFrom(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Error("an item has no id");
  return value;
}
