/**
 * Lines of OpenTelemetry exporters for Lambda that print what they would post: `{"__otel_otlp_stdout":"0.17.3", …,
 * "payload":"…","base64":true}`. The payload is protobuf or JSON, compressed or not. `headers`, where there are any, may
 * hold the keys of a backend.
 *
 * @see https://github.com/dev7a/serverless-otlp-forwarder
 */
import type { TraceFormat } from "./trace-format.ts";

export const otlpStdout: TraceFormat = {
  name: "otlp-stdout",
  needle: ["__otel_otlp_stdout", "__otel"],
  load: () => import("./otlp-stdout-reader.ts"),
};
