import type { LogEvent, LogRecord, Slice, SpanTable, TracePayload } from "../telemetry.ts";
import { NotLoadedError } from "./not-loaded.ts";

/** A way to write spans, or log records of OpenTelemetry, in a log line. */
export interface TraceFormat {
  name: string;
  /**
   * Stands in each of its lines, as it stands there: a quote is `\"`. The second is the part of it that is searched: a few
   * characters, the first of them rare (`needle.ts`). Formats with the same object share the search.
   */
  needle: SearchedText;
  /** Matches something in each of its lines, where the needle may well stand in others. */
  also?: RegExp;
  /** What reads its lines. Most processes see one format or none. */
  load(): Promise<{ reader: TraceReader }>;
}

export type SearchedText = readonly [whole: string, part: string];

/** What every span has that has its times in OpenTelemetry's names, and every log record of its SDKs. */
export const UNIX_NANO: SearchedText = ["UnixNano\\", "UnixNa"];

/** What a line is: spans; log records, at least one; or something that goes no further, for a reason. */
export type ReadLine = Omit<TracePayload, "index"> | { logs: UnpackedLog[] } | { dropped: string };

/** What a log record has that is not the whole line. */
export type UnpackedLog = Pick<LogRecord, "body" | "context" | "otlp">;

export interface TraceReader {
  /**
   * What a line holds; undefined when it is no line of this format.
   *
   * @param table takes the spans of a line whose shape allows it
   */
  read(event: LogEvent, slice: Slice, table: SpanTable): ReadLine | undefined;
}

const readers = new Map<TraceFormat, TraceReader>();

/** @throws {NotLoadedError} */
export function readerOf(format: TraceFormat): TraceReader {
  const reader = readers.get(format);
  if (reader) return reader;
  throw new NotLoadedError(() => loadReader(format));
}

export async function loadReader(format: TraceFormat): Promise<void> {
  readers.set(format, (await format.load()).reader);
}
