import type { LogEvent, Slice, SpanTable, TracePayload } from "../telemetry.ts";
import { NotLoadedError } from "./not-loaded.ts";

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
  /** What reads its lines. Most processes see one format or none. */
  load(): Promise<TraceReader>;
}

export interface TraceReader {
  /**
   * The traces a line holds; undefined when it is no payload line of this format.
   *
   * @param table takes the spans of a line whose shape allows it
   */
  read(event: LogEvent, slice: Slice, table: SpanTable): Omit<TracePayload, "index"> | undefined;
}

const readers = new Map<TraceFormat, TraceReader>();

/** @throws {NotLoadedError} */
export function readerOf(format: TraceFormat): TraceReader {
  const reader = readers.get(format);
  if (reader) return reader;
  throw new NotLoadedError(() => loadReader(format));
}

export async function loadReader(format: TraceFormat): Promise<void> {
  readers.set(format, await format.load());
}
