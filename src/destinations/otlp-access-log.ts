/** Access logs and flow logs with their values as attributes. Loaded by the first log out of a bucket. */
import { accessLogFields, cloudFrontFields, headedFields } from "../formats/access-log.ts";
import { isJsonObject } from "../formats/json-object.ts";
import type { LogRecord, Slice } from "../telemetry.ts";
import type { WrittenRecord } from "./otlp-log-record.ts";

/** The record with the fields of its line beside what it has; undefined where the line has none. The body stays. */
export function withFields(written: WrittenRecord, record: LogRecord, slice: Slice): WrittenRecord | undefined {
  const fields = fieldsOf(written, record, slice);
  return fields && { ...written, attributes: { ...fields, ...written.attributes } };
}

function fieldsOf({ body }: WrittenRecord, record: LogRecord, slice: Slice): Record<string, string> | undefined {
  if (typeof body === "string") return fieldsByHeader(record, slice) ?? accessLogFields(body);
  return isJsonObject(body) ? cloudFrontFields(body) : undefined;
}

/** Those that a header names, which stand behind the message. */
function fieldsByHeader({ messageEnd, end, body }: LogRecord, { bytes }: Slice): Record<string, string> | undefined {
  if (end <= messageEnd + 2) return undefined;
  try {
    const event = JSON.parse(`{${bytes.toString("utf8", messageEnd + 2, end)}}`) as Record<string, unknown>;
    return headedFields(event, body);
  } catch {
    return undefined;
  }
}
