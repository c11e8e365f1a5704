import type { LogEvent, LogRecord, Slice } from "../telemetry.ts";

/** The decoded message of a record, with whatever a transform made of it. Decodes at each call. */
export function messageOf(record: LogRecord, slice: Slice): string {
  return record.body ?? messageIn(record, slice);
}

/** The decoded message of an event, as it came; as it stands where it is no JSON. Decodes at each call. */
export function messageIn({ message, messageEnd }: Pick<LogEvent, "message" | "messageEnd">, { bytes }: Slice): string {
  const escaped = bytes.toString("utf8", message, messageEnd);
  try {
    return JSON.parse(`"${escaped}"`) as string;
  } catch {
    return escaped;
  }
}
