/** The lines that the Lambda platform writes of one request, as text and as JSON. */
import type { EventGiven } from "./deliveries.ts";

export interface RequestGiven {
  requestId?: string;
  startUnixMs?: number;
  durationMs?: number;
  /** Behind `Max Memory Used` of the report. */
  rest?: string;
  version?: string;
}

export const A_START = 1_795_226_069_000;

/** START, what stands between, END and REPORT. */
export function aRequest(between: (string | EventGiven)[] = [], given: RequestGiven = {}): EventGiven[] {
  const { start, end, report, startUnixMs } = linesOf(given);
  const inside = between.map((line, index): EventGiven => {
    const timestamp = startUnixMs + 1 + index;
    return typeof line === "string" ? { timestamp, message: line } : { timestamp, ...line };
  });
  return [start, ...inside, end, report];
}

export const A_REQUEST_ID = "276ff3b9-1609-4ee7-a288-db3752630767";

export function linesOf({
  requestId = A_REQUEST_ID,
  startUnixMs = A_START,
  durationMs = 469.4,
  rest = "",
  version = "$LATEST",
}: RequestGiven) {
  const end = startUnixMs + Math.ceil(durationMs) + 1;
  const memory = "Memory Size: 1024 MB\tMax Memory Used: 21 MB";
  const took = `Duration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMs)} ms`;
  return {
    startUnixMs,
    start: { timestamp: startUnixMs, message: `START RequestId: ${requestId} Version: ${version}\n` },
    end: { timestamp: end, message: `END RequestId: ${requestId}\n` },
    report: { timestamp: end, message: `REPORT RequestId: ${requestId}\t${took}\t${memory}\t${rest}\n` },
  };
}

export const INIT_START =
  "INIT_START Runtime Version: nodejs:20.v41\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:0123\n";

/** A line of the Node runtime. */
export function nodeLine(text: string, level = "INFO", requestId = A_REQUEST_ID): string {
  return `2026-11-21T01:51:12.822Z\t${requestId}\t${level}\t${text}\n`;
}
