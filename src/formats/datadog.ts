/**
 * Trace payload lines of Datadog's tracers: `{"traces":[[span, …], …]}`.
 *
 * Every tracer writes them a little differently: a space after the colon or none, ids in upper or lower case, padded or
 * not, 64 or 128 bits, as text or as numbers, fields left out or null. A line is taken for what it is only when every
 * span in it is whole; anything else stays a log.
 *
 * @see https://github.com/DataDog/dd-trace-js/blob/master/packages/dd-trace/src/exporters/log/index.js
 */
import type { TraceFormat } from "./trace-format.ts";

export const datadogTraces: TraceFormat = {
  name: "datadog",
  // No letter of its key is rare, and few lines of JSON have an array.
  needle: ["[", "["],
  also: /\\"traces\\+"/,
  load: () => import("./datadog-reader.ts"),
};
