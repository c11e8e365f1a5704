/** Log records of OpenTelemetry as log records of a line. */
import type { AnyValue, LogContext, OtlpLogRecord } from "../telemetry.ts";
import { namesIn } from "./otlp-payload.ts";
import { jsonOf } from "./otlp-values.ts";
import type { UnpackedLog } from "./trace-format.ts";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** SDKs write 512 at once. Each is sent with all that is said of its log stream, so empty ones would grow a hundredfold. */
const MAX_RECORDS = 10_000;

/** What the line is; undefined where there are no records, or more than anything writes in a line. */
export function unpackedLogs(records: OtlpLogRecord[]): { logs: UnpackedLog[] } | undefined {
  if (records.length === 0 || records.length > MAX_RECORDS) return undefined;
  return { logs: records.map((otlp) => ({ otlp, body: bodyOf(otlp), context: contextOf(otlp) })) };
}

/**
 * What a backend is sent that knows no such records: the text, where that is all there is; otherwise JSON with the text
 * as `message`, the severity as `level`, and the attributes beside them. A body that is an object is the JSON itself.
 */
export function bodyOf(record: OtlpLogRecord): string {
  const { body, attributes, resource, eventName } = record;
  const { service } = namesIn(resource);
  const level = record.severityText || LEVELS[Math.ceil(record.severityNumber / 4) - 1];
  const said = {
    ...(service && { service }),
    ...(level && { level }),
    ...(eventName && { "event.name": eventName }),
  };
  const fields = { ...(jsonOf(attributes) as object), ...said };
  if (typeof body === "string" && Object.keys(fields).length === 0) return body;
  const message = jsonOf(body);
  return JSON.stringify({ ...fields, ...(isMap(body) ? (message as object) : { message }) });
}

function isMap(value: AnyValue): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function contextOf({ resource, attributes, traceId, spanId }: OtlpLogRecord): LogContext {
  const requestId = attributes["faas.invocation_id"] ?? attributes["faas.execution"];
  return {
    platform: "",
    requestId: typeof requestId === "string" ? requestId.toLowerCase() : "",
    isRequestIdCertain: true,
    traceId,
    spanId,
    xrayTraceId: "",
    ...namesIn(resource),
    isDatadog: false,
    atOnce: 0,
  };
}
