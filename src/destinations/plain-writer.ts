/** The writer of spans that are objects. Those of a table need none, so it is loaded for the first that is not. */
import type { Trace } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";

let writer: typeof import("./datadog-trace-objects.ts") | undefined;

/** Appends one `TracerPayload`. `loadPlainWriter` must have ended before. */
export function writeTraces(traces: readonly Trace[], to: ByteWriter): void {
  (writer as NonNullable<typeof writer>).writeTraces(traces, to);
}

export async function loadPlainWriter(): Promise<void> {
  writer ??= await import("./datadog-trace-objects.ts");
}
