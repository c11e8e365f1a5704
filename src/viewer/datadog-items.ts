import { spanIdFromDatadog, traceIdFromDatadog, withHighHalf } from "../formats/trace-ids.ts";
import type { AgentPayload, AgentSpan, TraceChunk } from "./agent-payload.ts";
import { linkOfLog } from "./log-link.ts";
import type { ReceivedLog, ReceivedSpan } from "./received.ts";

/** @throws {Error} when a span has no trace id or span id */
export function spansOf(payload: AgentPayload): ReceivedSpan[] {
  return payload.tracerPayloads.flatMap(({ chunks }) =>
    chunks.flatMap((chunk) => {
      const highs = highHalves(chunk);
      return chunk.spans.map((span) => receivedSpan(span, highs.get(span.traceID) ?? unknownHigh));
    }),
  );
}

export function receivedLog(item: Record<string, unknown>): ReceivedLog {
  const { dd, service, message } = item;
  const ddService = (dd as { service?: unknown } | null | undefined)?.service;
  const text = typeof message === "string" ? message : JSON.stringify(message ?? item);
  return {
    ...(linkOfLog(item) ?? { traceId: null, spanId: null }),
    service: String(ddService ?? service ?? ""),
    body: text.replace(/\r?\n$/, ""),
  };
}

function receivedSpan(span: AgentSpan, high: string): ReceivedSpan {
  const traceId = traceIdFromDatadog(span.traceID);
  const spanId = spanIdFromDatadog(span.spanID);
  if (!traceId || !spanId) throw new Error(`span "${span.name}" has no trace id or no span id`);
  const { meta, metrics } = span;
  return {
    traceId: withHighHalf(traceId, high),
    spanId,
    parentId: spanIdFromDatadog(span.parentID) ?? null,
    service: span.service,
    name: span.name,
    resource: span.resource,
    startTimeUnixNano: BigInt(span.start),
    durationNano: BigInt(span.duration),
    // Tracers say `error.message`, the Agent says `error.msg`.
    error:
      span.error === 0
        ? null
        : { type: meta["error.type"] ?? "", message: meta["error.message"] ?? meta["error.msg"] ?? "" },
    attributes: { ...metrics, ...meta },
  };
}

const unknownHigh = "0".repeat(16);

/** For each trace id of a chunk the 16 hex digits of `_dd.p.tid`, which a tracer writes on the first span only. */
function highHalves({ spans, tags }: TraceChunk): Map<string, string> {
  const highs = new Map<string, string>();
  for (const { traceID, meta } of spans) {
    const high = meta["_dd.p.tid"] ?? tags["_dd.p.tid"];
    if (high !== undefined && /^[0-9a-fA-F]{16}$/.test(high)) highs.set(traceID, high.toLowerCase());
  }
  return highs;
}
