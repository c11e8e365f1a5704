import type { LogEvent, Slice, SpanTable, TracePayload } from "../telemetry.ts";

/** A way tracers write spans in a log line. */
export interface TraceFormat {
  name: string;
  /**
   * A cheap look that may be wrong only in saying yes.
   *
   * @param text of the slice
   * @param from where the escaped message begins, without its quote
   * @param to where it ends
   */
  mayBe(text: string, from: number, to: number): boolean;
  /**
   * The traces a line holds; undefined when it is no payload line of this format.
   *
   * @param table takes the spans of a line whose shape allows it
   */
  read(event: LogEvent, slice: Slice, table: SpanTable): Omit<TracePayload, "index"> | undefined;
}
