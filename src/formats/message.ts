import type { LogRecord, Slice } from "../telemetry.ts";

/** The decoded message of a record, with whatever a transform made of it. Decodes at each call. */
export function messageOf(record: LogRecord, { bytes }: Slice): string {
  if (record.body !== null) return record.body;
  const escaped = bytes.toString("utf8", record.message, record.messageEnd);
  try {
    return JSON.parse(`"${escaped}"`) as string;
  } catch {
    return escaped;
  }
}
