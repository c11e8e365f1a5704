/**
 * Ids for spans that no tracer made: hashes (SHA-256) of what tells the request, so that the same lines give the same ids
 * wherever and however often they are read.
 */
import { createHash } from "node:crypto";

/** 32 hex digits. Lambda runs a request that failed again under the same id: its attempts share the trace. */
export function derivedTraceId(requestId: string): string {
  return hashOf(["trace", requestId]).slice(0, 32);
}

/**
 * 16 hex digits.
 *
 * @param name which of the request's spans
 * @param logStream with the time, it tells the attempts of one request from each other
 * @param reportUnixMs when the request's REPORT was written; a log event keeps its time however it is delivered
 */
export function derivedSpanId(name: string, requestId: string, logStream: string, reportUnixMs: number): string {
  return hashOf(["span", name, requestId, logStream, String(reportUnixMs)]).slice(0, 16);
}

function hashOf(parts: string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}
