/**
 * Zipkin's spans, version 2: a line is a span, or an array of them. Every library that writes them says where
 * (`localEndpoint`), which no log does.
 *
 * @see https://zipkin.io/zipkin-api/
 */
import type { TraceFormat } from "./trace-format.ts";

export const zipkinSpans: TraceFormat = {
  name: "zipkin",
  needle: ['\\"localEndpoint\\', "Endpoi"],
  load: () => import("./zipkin-reader.ts"),
};
