/** The registry of trace formats: one import and one entry each. The first that reads a line has it. */
import { awsSpans } from "./aws-spans.ts";
import { datadogTraces } from "./datadog.ts";
import { otlpJson } from "./otlp-json.ts";
import { otlpStdout } from "./otlp-stdout.ts";
import type { TraceFormat } from "./trace-format.ts";
import { xraySegments } from "./xray.ts";
import { zipkinSpans } from "./zipkin.ts";

export const traceFormats: readonly TraceFormat[] = [
  datadogTraces,
  otlpStdout,
  otlpJson,
  awsSpans,
  xraySegments,
  zipkinSpans,
];
