/**
 * X-Ray segment documents that a program printed instead of sending them to the daemon, with or without the daemon's
 * header `{"format":"json","version":1}` in front.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */
import type { TraceFormat } from "./trace-format.ts";

export const xraySegments: TraceFormat = {
  name: "xray",
  needle: ['\\"start_time\\', "_time\\"],
  also: /\\"1-/,
  load: () => import("./xray-reader.ts"),
};
