/**
 * Items of OpenTelemetry's protocol that were stored, and are sent again later. Bodies are in the protocol of the day they
 * were written, so that it is told by their first byte.
 */
import { ByteWriter } from "./byte-writer.ts";
import type { Group } from "./destination.ts";
import { objectsIn, type Part, valuesIn } from "./json-parts.ts";
import { jsonGroup, LOG_RECORDS, LOG_SPELLINGS, protobufGroup, RESOURCE_LOGS, SCOPE_LOGS } from "./otlp-log-groups.ts";
import { CONTINUATION_LENGTH_BYTES, RESOURCE_SPANS } from "./otlp-traces.ts";
import { bytesOf, type FieldPlace, fieldsIn, isLength } from "./protobuf-fields.ts";

const [OPENING_BRACE, SPACE] = [0x7b, 0x20];
const CLOSING = "]}";

/** Log records with what stands around them. */
interface StoredGroup {
  isJson: boolean;
  /** JSON: what stands before and behind the records; protobuf: the fields of `ResourceLogs` and of `ScopeLogs` besides. */
  front: Uint8Array;
  back: Uint8Array;
  records: Uint8Array[];
}

/**
 * The log records of a body, in order. Each stands alone, as a `ResourceLogs` of its own: it has a copy of its resource.
 *
 * @throws {Error} when the body is none of log records
 */
export function otlpLogsIn(body: Uint8Array): Uint8Array[] {
  const isJson = body[0] === OPENING_BRACE;
  const groups = isJson ? listIn(body, "resourceLogs").map(jsonGroupIn) : resourceLogsIn(body);
  return groups.flatMap((group) => group.records.map((record) => written([{ ...group, records: [record] }])));
}

/** A body of items; those that follow each other and have one resource share it. */
export function joinedOtlpLogs(items: readonly Uint8Array[]): Uint8Array {
  const groups: StoredGroup[] = [];
  for (const item of items) {
    const [group] = item[0] === OPENING_BRACE ? [jsonGroupIn(item)] : resourceLogsIn(item);
    if (!group) throw malformed("log records");
    const last = groups.at(-1);
    const isSame = last && Buffer.compare(last.front, group.front) === 0 && Buffer.compare(last.back, group.back) === 0;
    if (isSame) last.records.push(...group.records);
    else groups.push(group);
  }
  const { opening, separator, closing } = LOG_SPELLINGS[groups[0]?.isJson ? "http/json" : "http/protobuf"].framing;
  const bodies = groups.flatMap((group, index) => [...(index > 0 ? [separator] : []), written([group])]);
  return Buffer.concat([opening, ...bodies, closing]);
}

function written(groups: readonly StoredGroup[]): Uint8Array {
  const to = new ByteWriter(1024);
  for (const { isJson, front, back, records } of groups) {
    const group: Group = isJson ? jsonGroup(front, back) : protobufGroup(front, back);
    const { separator } = LOG_SPELLINGS[isJson ? "http/json" : "http/protobuf"].framing;
    const start = to.length;
    group.open(to);
    for (const [index, record] of records.entries()) {
      if (index > 0) to.bytes(separator);
      to.bytes(record);
    }
    group.close(to, start);
  }
  return Buffer.from(to.view());
}

/** @param bytes a body, or one `ResourceLogs` with its tag */
function resourceLogsIn(bytes: Uint8Array): StoredGroup[] {
  return fieldsOf(bytes, "log records").map((place) => {
    if (place.field !== RESOURCE_LOGS || !isLength(place)) throw malformed("log records");
    const resourceLogs = bytesOf(bytes, place);
    const fields = fieldsOf(resourceLogs, "log records");
    const scopes = fields.filter(({ field }) => field === SCOPE_LOGS);
    const [scope] = scopes;
    if (!scope || scopes.length > 1 || !isLength(scope)) throw malformed("log records");
    const scopeLogs = bytesOf(resourceLogs, scope);
    const inner = fieldsOf(scopeLogs, "log records");
    const others = (message: Uint8Array, places: FieldPlace[], field: number): Uint8Array =>
      Buffer.concat(places.filter((it) => it.field !== field).map(({ start, end }) => message.subarray(start, end)));
    return {
      isJson: false,
      front: others(resourceLogs, fields, SCOPE_LOGS),
      back: others(scopeLogs, inner, LOG_RECORDS),
      records: inner
        .filter(({ field }) => field === LOG_RECORDS)
        .map(({ start, end }) => scopeLogs.subarray(start, end)),
    };
  });
}

/** @param resourceLogs one of them */
function jsonGroupIn(resourceLogs: Uint8Array): StoredGroup {
  const scopes = partOf(resourceLogs, valuesIn(resourceLogs)?.get("scopeLogs"));
  const [scope, ...others] = objectsIn(scopes) ?? [];
  if (!scope || others.length > 0) throw malformed("log records");
  const scopeLogs = partOf(scopes, scope);
  const list = partOf(scopeLogs, valuesIn(scopeLogs)?.get("logRecords"));
  const records = objectsIn(list)?.map((part) => partOf(list, part)) ?? [];
  const [first, last] = [records[0], records.at(-1)];
  if (!first || !last) throw malformed("log records");
  return {
    isJson: true,
    front: resourceLogs.subarray(0, first.byteOffset - resourceLogs.byteOffset),
    back: resourceLogs.subarray(last.byteOffset + last.length - resourceLogs.byteOffset),
    records,
  };
}

/**
 * The trace payload lines of a body, in order: each one or more `ResourceSpans`. They share the body's memory.
 *
 * @throws {Error} when the body is none of spans
 */
export function otlpTracesIn(body: Uint8Array): Uint8Array[] {
  const parts =
    body[0] === OPENING_BRACE
      ? listIn(body, "resourceSpans").map((bytes) => ({ bytes, continues: bytes[0] === SPACE }))
      : fieldsOf(body, "spans").map((place) => {
          if (place.field !== RESOURCE_SPANS || !isLength(place)) throw malformed("spans");
          const continues = place.value - place.start === 1 + CONTINUATION_LENGTH_BYTES;
          return { bytes: body.subarray(place.start, place.end), continues };
        });
  const lines: { start: number; end: number }[] = [];
  for (const { bytes, continues } of parts) {
    const start = bytes.byteOffset - body.byteOffset;
    const last = lines.at(-1);
    if (continues && last) last.end = start + bytes.length;
    else lines.push({ start, end: start + bytes.length });
  }
  return lines.map(({ start, end }) => body.subarray(start, end));
}

/** What stands between the commas of the list that is all of the body. */
function listIn(body: Uint8Array, name: "resourceLogs" | "resourceSpans"): Uint8Array[] {
  const opening = `{"${name}":`;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const isFramed =
    bytes.toString("latin1", 0, opening.length) === opening && bytes.toString("latin1", body.length - 2) === CLOSING;
  const list = body.subarray(opening.length, body.length - 1);
  const parts = isFramed ? objectsIn(list) : undefined;
  if (!parts) throw malformed(name === "resourceLogs" ? "log records" : "spans");
  return parts.map((part) => partOf(list, part));
}

function partOf(bytes: Uint8Array, part: Part | undefined): Uint8Array {
  if (!part) throw malformed("log records");
  return bytes.subarray(part.start, part.end);
}

function fieldsOf(message: Uint8Array, what: string): FieldPlace[] {
  try {
    return [...fieldsIn(message)];
  } catch {
    throw malformed(what);
  }
}

function malformed(what: string): Error {
  return new Error(`the stored body is no OTLP request of ${what}: keep it for a person`);
}
