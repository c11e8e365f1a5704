/** The lines that the Lambda platform itself adds to a function's log stream, in text format. */

export interface InvocationReport {
  requestId: string;
  durationMs: number;
  memorySizeMB: number;
  maxMemoryUsedMB: number;
  /** Only in the first invocation of an execution environment. */
  initDurationMs?: number | undefined;
  /** `timeout`, or `error` with its type; a handler that threw counts as a success of the platform. */
  status?: string | undefined;
}

export function startLine(requestId: string): string {
  return `START RequestId: ${requestId} Version: $LATEST\n`;
}

export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}\n`;
}

export function reportLine(report: InvocationReport): string {
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs)} ms`,
    `Memory Size: ${report.memorySizeMB} MB`,
    `Max Memory Used: ${report.maxMemoryUsedMB} MB`,
  ];
  if (report.initDurationMs !== undefined) fields.push(`Init Duration: ${report.initDurationMs.toFixed(2)} ms`);
  if (report.status !== undefined) fields.push(report.status);
  return `${fields.join("\t")}\t\n`;
}

export function timeoutLine(now: Date, requestId: string, timeoutMs: number): string {
  return `${now.toISOString()} ${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds\n\n`;
}

/** @param how the process ended, such as `exit status 1` or `signal: killed` */
export function exitLine(requestId: string, how: string): string {
  return `RequestId: ${requestId} Error: Runtime exited with error: ${how}\nRuntime.ExitError\n`;
}
