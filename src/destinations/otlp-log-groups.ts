/**
 * Log records as they are sent, in protobuf and in JSON: those of one resource share one `ResourceLogs`.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
 */
import type { Attributes, InstrumentationScope } from "../telemetry.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { Framing, Group } from "./destination.ts";
import {
  anyValueJson,
  attributesJson,
  numberJson,
  objectOf,
  resourceJson,
  scopeJson,
  textJson,
  unsigned64Json,
} from "./otlp-json.ts";
import type { WrittenRecord } from "./otlp-log-record.ts";
import {
  anyValueTo,
  attributesTo,
  beginLength,
  fillLength,
  fixed32To,
  idTo,
  resourceTo,
  scopeTo,
} from "./otlp-protobuf.ts";
import type { OtlpProtocol } from "./otlp-settings.ts";
import { fixed64, integer, message, string } from "./protobuf.ts";

/** How a protocol spells log records. */
export interface LogSpelling {
  framing: Framing;
  groupOf(resource: Attributes, scope: InstrumentationScope): Group;
  write(record: WrittenRecord, to: ByteWriter): void;
}

/** `ExportLogsServiceRequest.resource_logs`, and in `ResourceLogs` and `ScopeLogs` what is repeated. */
export const [RESOURCE_LOGS, SCOPE_LOGS, LOG_RECORDS] = [1, 2, 2];
/** A length of so many bytes, some of them needless, tells more than any body holds. */
const ROOM_BYTES = 4;
const TAG_BYTES = 1;
const NOTHING = new Uint8Array();

const protobuf: LogSpelling = {
  framing: { opening: NOTHING, separator: NOTHING, closing: NOTHING },
  groupOf(resource, scope) {
    const [ofResource, ofScope] = [new ByteWriter(1024), new ByteWriter(64)];
    resourceTo(ofResource, 1, resource, 0);
    scopeTo(ofScope, 1, scope);
    return protobufGroup(Buffer.from(ofResource.view()), Buffer.from(ofScope.view()));
  },
  write: (record, to) => message(to, LOG_RECORDS, () => recordTo(record, to), 0x80),
};

/** A group around fields that are encoded. @param scope what else is in `ScopeLogs` */
export function protobufGroup(resource: Uint8Array, scope: Uint8Array): Group {
  const roomOfScope = 2 * TAG_BYTES + ROOM_BYTES + resource.length;
  return {
    open(to) {
      beginLength(to, RESOURCE_LOGS, ROOM_BYTES);
      to.bytes(resource);
      beginLength(to, SCOPE_LOGS, ROOM_BYTES);
      to.bytes(scope);
    },
    close(to, start) {
      fillLength(to, start + roomOfScope, ROOM_BYTES);
      fillLength(to, start + TAG_BYTES, ROOM_BYTES);
    },
    closingBytes: 0,
  };
}

function recordTo(record: WrittenRecord, to: ByteWriter): void {
  fixed64(to, 1, record.timeUnixNano);
  integer(to, 2, BigInt(record.severityNumber));
  string(to, 3, record.severityText);
  anyValueTo(to, 5, record.body);
  attributesTo(to, 6, record.attributes);
  integer(to, 7, BigInt(record.droppedAttributesCount));
  fixed32To(to, 8, record.flags);
  idTo(to, 9, record.traceId);
  idTo(to, 10, record.spanId);
  fixed64(to, 11, record.observedTimeUnixNano);
  string(to, 12, record.eventName);
}

const json: LogSpelling = {
  framing: { opening: Buffer.from('{"resourceLogs":['), separator: Buffer.from(","), closing: Buffer.from("]}") },
  groupOf(resource, scope) {
    const opening = `{"resource":${resourceJson(resource, 0)},"scopeLogs":[{"scope":${scopeJson(scope)},"logRecords":[`;
    return jsonGroup(Buffer.from(opening), Buffer.from("]}]}"));
  },
  write: (record, to) => to.utf8(recordJson(record)),
};

export function jsonGroup(opening: Uint8Array, closing: Uint8Array): Group {
  return { open: (to) => to.bytes(opening), close: (to) => to.bytes(closing), closingBytes: closing.length };
}

function recordJson(record: WrittenRecord): string {
  return objectOf({
    timeUnixNano: unsigned64Json(record.timeUnixNano),
    observedTimeUnixNano: unsigned64Json(record.observedTimeUnixNano),
    severityNumber: numberJson(record.severityNumber),
    severityText: textJson(record.severityText),
    body: anyValueJson(record.body),
    attributes: attributesJson(record.attributes),
    droppedAttributesCount: numberJson(record.droppedAttributesCount),
    flags: numberJson(record.flags),
    traceId: textJson(record.traceId),
    spanId: textJson(record.spanId),
    eventName: textJson(record.eventName),
  });
}

export const LOG_SPELLINGS: Readonly<Record<OtlpProtocol, LogSpelling>> = {
  "http/protobuf": protobuf,
  "http/json": json,
};
