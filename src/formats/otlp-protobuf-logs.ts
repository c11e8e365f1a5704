/**
 * Log records of OpenTelemetry's protobuf.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/collector/logs/v1/logs_service.proto
 */
import type { Attributes, InstrumentationScope, OtlpLogRecord } from "../telemetry.ts";
import {
  attributesOf,
  type Entries,
  noScope,
  readAnyValue,
  readEntry,
  readResource,
  readScope,
} from "./otlp-protobuf-values.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { spanIdFromHex, traceIdFromHex } from "./trace-ids.ts";

const MAX_SEVERITY = 24;

/** What a record says of itself alone. */
type Said = Omit<OtlpLogRecord, "resource" | "scope">;

/** @param bytes an `ExportLogsServiceRequest` @throws {MalformedError} */
export function logRecordsOfProtobuf(bytes: Buffer): OtlpLogRecord[] {
  const from = new ProtobufReader(bytes);
  const all: OtlpLogRecord[] = [];
  from.fields((field) => {
    if (field === 1) for (const record of readResourceLogs(from)) all.push(record);
  });
  return all;
}

function readResourceLogs(from: ProtobufReader): OtlpLogRecord[] {
  let resource: Attributes = {};
  const read: Omit<OtlpLogRecord, "resource">[] = [];
  from.message((field) => {
    if (field === 1) resource = readResource(from).attributes;
    else if (field === 2) for (const record of readScopeLogs(from)) read.push(record);
  });
  return read.map((record) => ({ ...record, resource }));
}

function readScopeLogs(from: ProtobufReader): Omit<OtlpLogRecord, "resource">[] {
  let scope: InstrumentationScope = noScope();
  const read: Said[] = [];
  from.message((field) => {
    if (field === 1) scope = readScope(from);
    else if (field === 2) read.push(readRecord(from));
  });
  return read.map((record) => ({ ...record, scope }));
}

function readRecord(from: ProtobufReader): Said {
  const entries: Entries = [];
  const record: Said = {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: "",
    body: null,
    attributes: {},
    droppedAttributesCount: 0,
    flags: 0,
    traceId: "",
    spanId: "",
    eventName: "",
  };
  from.message((field) => {
    if (field === 1) record.timeUnixNano = from.fixed64();
    else if (field === 2) record.severityNumber = from.uint32();
    else if (field === 3) record.severityText = from.string();
    else if (field === 5) record.body = readAnyValue(from);
    else if (field === 6) readEntry(from, entries);
    else if (field === 7) record.droppedAttributesCount = from.uint32();
    else if (field === 8) record.flags = from.fixed32();
    else if (field === 9) record.traceId = from.hex();
    else if (field === 10) record.spanId = from.hex();
    else if (field === 11) record.observedTimeUnixNano = from.fixed64();
    else if (field === 12) record.eventName = from.string();
  });
  return {
    ...record,
    severityNumber: record.severityNumber <= MAX_SEVERITY ? record.severityNumber : 0,
    attributes: attributesOf(entries),
    // A log record needs no ids; what is none counts as none.
    traceId: (record.traceId.length === 32 && traceIdFromHex(record.traceId)) || "",
    spanId: (record.spanId.length === 16 && spanIdFromHex(record.spanId)) || "",
  };
}
