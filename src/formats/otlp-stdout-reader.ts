/**
 * Reads what an exporter printed instead of posting it. Whatever cannot be read as spans or log records (metrics, a
 * payload that is damaged) goes on as a log without its `headers`, which may hold keys; where it cannot be told where
 * they stand, it goes nowhere.
 */
import { gunzipSync } from "node:zlib";
import type { LogEvent, Slice } from "../telemetry.ts";
import { parseExactly } from "./exact-json.ts";
import { membersOf, withoutMembers } from "./json-members.ts";
import { isJsonObject } from "./json-object.ts";
import { MalformedError, unlessMalformed } from "./malformed.ts";
import { messageIn } from "./message.ts";
import { readOtlpJson } from "./otlp-json-request.ts";
import { unpackedLogs } from "./otlp-log.ts";
import { payloadOf } from "./otlp-payload.ts";
import { logRecordsOfProtobuf } from "./otlp-protobuf-logs.ts";
import { resourceSpansOfProtobuf } from "./otlp-protobuf-spans.ts";
import type { ReadLine, TraceReader } from "./trace-format.ts";

const KEY = "__otel_otlp_stdout";
const HEADERS = "headers";
/** The key as a line has it, also one that is cut, or inside Lambda's JSON log format. */
const WRITTEN_KEY = /"__otel_otlp_stdout\\?"\s*:/;
/** As large as a slice may get. */
const MAX_PAYLOAD_BYTES = 4 * 2 ** 20;
const UNREADABLE: ReadLine = { dropped: "unreadableOtlp" };
const OPENING_BRACE = 0x7b;

export const reader: TraceReader = {
  read(event: LogEvent, slice: Slice): ReadLine | undefined {
    const line = messageIn(event, slice);
    const root = parseExactly(line);
    if (!isJsonObject(root)) return WRITTEN_KEY.test(line) ? UNREADABLE : undefined;
    const record = recordIn(root);
    if (!record) return undefined;
    const read = unlessMalformed(() => contentOf(record));
    if (read) return read;
    if (record !== root) return HEADERS in record ? UNREADABLE : undefined;
    const members = membersOf(line);
    if (!members.some(({ name }) => name === HEADERS)) return undefined;
    return { logs: [{ body: withoutMembers(line, members, HEADERS), context: null }] };
  },
};

/** The line's, or that in the message of a line in Lambda's JSON log format. */
function recordIn(root: Record<string, unknown>): Record<string, unknown> | undefined {
  if (Object.hasOwn(root, KEY)) return root;
  const inner = typeof root.message === "string" ? parseExactly(root.message) : root.message;
  return isJsonObject(inner) && Object.hasOwn(inner, KEY) ? inner : undefined;
}

/** @throws {MalformedError} */
function contentOf(record: Record<string, unknown>): ReadLine | undefined {
  const { endpoint, payload } = record;
  const signal = typeof endpoint === "string" ? endpoint.split("/").at(-1) : "";
  if (signal === "metrics") return undefined;
  const content = typeof payload === "string" ? bytesOf(payload, record) : payload;
  if (!(content instanceof Buffer)) return ofJson(content);
  if (isJson(record, content)) return ofJson(parseExactly(content.toString()));
  return signal === "logs" ? unpackedLogs(logRecordsOfProtobuf(content)) : payloadOf(resourceSpansOfProtobuf(content));
}

/** What would have been posted, decompressed: gzip tells itself by its first bytes, which nothing else here begins with. */
function bytesOf(payload: string, { base64 }: Record<string, unknown>): Buffer {
  const bytes = Buffer.from(payload, base64 === true ? "base64" : "utf8");
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_PAYLOAD_BYTES });
  } catch {
    throw new MalformedError();
  }
}

/** By what it says, or by a brace in front, which no message of protobuf has there. */
function isJson({ "content-type": contentType }: Record<string, unknown>, bytes: Buffer): boolean {
  return (typeof contentType === "string" && contentType.includes("json")) || bytes[0] === OPENING_BRACE;
}

function ofJson(json: unknown): ReadLine | undefined {
  return isJsonObject(json) ? readOtlpJson(json) : undefined;
}
