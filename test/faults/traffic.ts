/** Deliveries whose log events can be told apart wherever they end. */
import { aDelivery } from "../helpers/deliveries.ts";
import { aPayload } from "../helpers/payloads.ts";
import { EVENT_ID } from "./item-ids.ts";

export interface Load {
  logs: number;
  traceLines: number;
  /** How many of them, from the first, Datadog's intake will never take; an OTLP backend beside it, from the last. */
  malformed: number;
  /** Characters that do not compress, in each log. */
  padding: number;
}

let last = 0;

/** Ids that no log event has had, of the length of CloudWatch's. */
export function newIds(count: number): string[] {
  return Array.from({ length: count }, () => `3${String(++last).padStart(55, "0")}`);
}

/** A Lambda event with that many log events, and the ids of all of them, the malformed ones first. */
export function aLoad({ logs, traceLines, padding }: Load): { event: unknown; ids: string[] } {
  const ids = newIds(logs + traceLines);
  const timestamp = Date.now();
  // Trace lines lie between logs, as in a log stream.
  const every = traceLines === 0 ? 0 : Math.max(1, Math.floor(ids.length / traceLines));
  let lines = 0;
  const events = ids.map((id, index) => {
    const isTraceLine = every > 0 && index % every === 0 && lines < traceLines;
    if (isTraceLine) lines++;
    return { id, timestamp, message: isTraceLine ? traceLine(id, index) : `thinking ${id} ${noise(padding)}` };
  });
  return { event: aDelivery(events), ids };
}

/** One, two or three spans. */
function traceLine(id: string, index: number): string {
  const spans = Array.from({ length: 1 + (index % 3) }, (_, position) => ({
    trace_id: (BigInt(id.slice(-15)) + 1n).toString(16).padStart(16, "0"),
    span_id: `${id.slice(-15)}${position + 1}`,
    meta: { [EVENT_ID]: id, env: "dev" },
  }));
  return `${aPayload(...spans)}\n`;
}

function noise(length: number): string {
  let text = "";
  while (text.length < length) text += Math.random().toString(36).slice(2);
  return text.slice(0, length);
}
