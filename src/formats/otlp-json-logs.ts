/** Log records of OpenTelemetry's JSON. */
import type { OtlpLogRecord } from "../telemetry.ts";
import { object, objects, text, uint32, uint64 } from "./json-fields.ts";
import { anyValueOf, attributesOf, enumOf, scopeOf } from "./otlp-json-values.ts";
import { spanIdFromHex, traceIdFromHex } from "./trace-ids.ts";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const SEVERITIES = ["UNSPECIFIED", ...LEVELS.flatMap((level) => [level, `${level}2`, `${level}3`, `${level}4`])].map(
  (severity) => `SEVERITY_NUMBER_${severity}`,
);

/**
 * @param value of `resourceLogs`, parsed exactly
 * @throws {MalformedError}
 */
export function logRecordsOfJson(value: unknown): OtlpLogRecord[] {
  return objects(value).flatMap(({ resource, scopeLogs }) => {
    const attributes = attributesOf(object(resource).attributes);
    return objects(scopeLogs).flatMap(({ scope, logRecords }) => {
      const madeBy = scopeOf(scope);
      return objects(logRecords).map(
        (record): OtlpLogRecord => ({
          resource: attributes,
          scope: madeBy,
          timeUnixNano: uint64(record.timeUnixNano),
          observedTimeUnixNano: uint64(record.observedTimeUnixNano),
          severityNumber: enumOf(record.severityNumber, SEVERITIES),
          severityText: text(record.severityText),
          body: anyValueOf(record.body),
          attributes: attributesOf(record.attributes),
          droppedAttributesCount: uint32(record.droppedAttributesCount),
          flags: uint32(record.flags),
          traceId: idOf(text(record.traceId), 32, traceIdFromHex),
          spanId: idOf(text(record.spanId), 16, spanIdFromHex),
          eventName: text(record.eventName),
        }),
      );
    });
  });
}

/** "" for one that is none: a log record needs no ids. */
function idOf(hex: string, length: number, read: (hex: string) => string | undefined): string {
  return (hex.length === length && read(hex)) || "";
}
