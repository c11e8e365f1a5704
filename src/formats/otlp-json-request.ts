/** What is exported in OpenTelemetry's JSON. */
import type { JsonObject } from "./json-fields.ts";
import { logRecordsOfJson } from "./otlp-json-logs.ts";
import { resourceSpansOfJson } from "./otlp-json-spans.ts";
import { unpackedLogs } from "./otlp-log.ts";
import { payloadOf } from "./otlp-payload.ts";
import type { ReadLine } from "./trace-format.ts";

const SIGNALS = ["resourceSpans", "resourceLogs", "resourceMetrics"];

/**
 * What a request to export holds; undefined where that is neither spans nor log records, or is of two kinds: the other one
 * would be lost.
 *
 * @param request parsed exactly
 * @throws {MalformedError}
 */
export function readOtlpJson(request: JsonObject): ReadLine | undefined {
  if (SIGNALS.filter((signal) => Object.hasOwn(request, signal)).length !== 1) return undefined;
  const { resourceSpans, resourceLogs } = request;
  return resourceSpans ? payloadOf(resourceSpansOfJson(resourceSpans)) : unpackedLogs(logRecordsOfJson(resourceLogs));
}
