/**
 * Lines of OpenTelemetry's protocol in JSON: `{"resourceSpans":[…]}` and `{"resourceLogs":[…]}`. Metrics in that form stay
 * logs.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import { type TraceFormat, UNIX_NANO } from "./trace-format.ts";

export const otlpJson: TraceFormat = {
  name: "otlp-json",
  needle: UNIX_NANO,
  also: /\\"resource(?:Span|Log)s\\+"/,
  load: () => import("./otlp-json-reader.ts"),
};
