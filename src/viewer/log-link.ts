import { isJsonObject } from "../formats/json-object.ts";
import { spanIdFromDatadog, traceIdFromDatadog } from "../formats/trace-ids.ts";

export interface LogLink {
  traceId: string;
  spanId: string | null;
}

/**
 * The trace and span that an item of the logs intake names, or `undefined` when it names none.
 *
 * Looks at the `dd` object of the item, then at what the message itself carries: JSON with `dd`
 * (an object, or keys such as `dd.trace_id`), or text with `dd.trace_id=…`.
 */
export function linkOfLog(item: Record<string, unknown>): LogLink | undefined {
  return linkOfNested(item) ?? linkOfMessage(item.message);
}

function linkOfMessage(message: unknown): LogLink | undefined {
  if (isJsonObject(message)) return linkOfObject(message) ?? linkOfText(message.message);
  if (typeof message !== "string") return undefined;
  const json = message.startsWith("{") ? parsed(message) : undefined;
  return isJsonObject(json) ? linkOfMessage(json) : linkOfText(message);
}

function linkOfObject(object: Record<string, unknown>): LogLink | undefined {
  return linkOfNested(object) ?? linkOfIds(object["dd.trace_id"], object["dd.span_id"]);
}

function linkOfNested({ dd }: Record<string, unknown>): LogLink | undefined {
  return isJsonObject(dd) ? linkOfIds(dd.trace_id, dd.span_id) : undefined;
}

function linkOfText(text: unknown): LogLink | undefined {
  if (typeof text !== "string") return undefined;
  return linkOfIds(
    /\bdd\.trace_id="?([0-9a-fA-F]{1,32})\b/.exec(text)?.[1],
    /\bdd\.span_id="?([0-9]{1,20})\b/.exec(text)?.[1],
  );
}

function linkOfIds(trace: unknown, span: unknown): LogLink | undefined {
  const traceId = typeof trace === "string" ? traceIdFromDatadog(trace) : undefined;
  const spanId = typeof span === "string" ? spanIdFromDatadog(span) : undefined;
  return traceId === undefined ? undefined : { traceId, spanId: spanId ?? null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
