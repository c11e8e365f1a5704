/**
 * Reads the payload lines of Datadog's tracers. A line of the shape that tracers usually write is noted by position, which
 * takes a fraction of the time of parsing it; any other is parsed.
 */
import type { Trace, TraceOutline, TracePayload } from "../telemetry.ts";
import { notePayload } from "./datadog-payload.ts";
import { readTraces } from "./datadog-spans.ts";
import { messageIn } from "./message.ts";
import type { TraceReader } from "./trace-format.ts";
import { outlineOf } from "./trace-outline.ts";

export const reader = {
  read(event, slice, table): Omit<TracePayload, "index"> | undefined {
    const firstSpan = table.length;
    const noted = notePayload(slice, event.message, event.messageEnd, table);
    if (noted) {
      const decode = (): Trace[] => withIds(readTraces(messageIn(event, slice)) ?? [], noted);
      return { traces: noted, table, firstSpan, decode };
    }
    const read = readTraces(messageIn(event, slice));
    if (!read) return undefined;
    const traces = read.map(outlineOf);
    return { traces, table: null, firstSpan: 0, decode: () => withIds(read, traces) };
  },
} satisfies TraceReader;

/** The traces with the ids that their outlines have by now. */
function withIds(traces: Trace[], outlines: TraceOutline[]): Trace[] {
  return traces.map(({ spans }, index) => ({ traceId: (outlines[index] as TraceOutline).traceId, spans }));
}
