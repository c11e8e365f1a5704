/** One trace payload line as an item of Datadog's trace intake. */
import type { Slice, TracePayload } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { writeNotedTraces } from "./datadog-noted-traces.ts";
import { writeTraces } from "./datadog-trace-objects.ts";

/** Spans noted by position are copied from the bytes they came in; the result is the same as that of their objects. */
export function writePayload({ table, traces, firstSpan, decode }: TracePayload, slice: Slice, to: ByteWriter): void {
  if (table) writeNotedTraces(traces, table, firstSpan, slice, to);
  else writeTraces(decode(), to);
}
