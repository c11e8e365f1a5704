/** Lines of access logs and flow logs with their values as attributes. Loaded by the first log out of a bucket. */
import { accessLogFields, flowFields } from "../formats/access-log.ts";
import { isJsonObject } from "../formats/json-object.ts";
import type { LogRecord, Slice } from "../telemetry.ts";
import type { WrittenRecord } from "./otlp-log-record.ts";

/** The record with the fields of its line beside what it has; undefined where the line has none. The body stays. */
export function withFields(written: WrittenRecord, record: LogRecord, slice: Slice): WrittenRecord | undefined {
  if (typeof written.body !== "string") return undefined;
  const fields = headedFields(record, slice) ?? accessLogFields(written.body);
  return fields && { ...written, attributes: { ...fields, ...written.attributes } };
}

/** Those that the header of flow logs names, which stand behind the message; not where a transform changed that. */
function headedFields({ messageEnd, end, body }: LogRecord, { bytes }: Slice): Record<string, string> | undefined {
  if (body !== null || end <= messageEnd + 2) return undefined;
  try {
    const { flow } = JSON.parse(`{${bytes.toString("utf8", messageEnd + 2, end)}}`) as { flow?: unknown };
    return isJsonObject(flow) ? flowFields(flow) : undefined;
  } catch {
    return undefined;
  }
}
