/**
 * The line with which the Lambda platform ends a request: what it took. As text and as JSON.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
 */
import { isJsonObject } from "./json-object.ts";

/** Undefined is what the line does not say. */
export interface LambdaReport {
  durationMs: number | undefined;
  billedDurationMs: number | undefined;
  memorySizeMB: number | undefined;
  maxMemoryUsedMB: number | undefined;
  /** Only for the first request of an execution environment. */
  initDurationMs: number | undefined;
  /** `timeout`, `error`, …; "" where the line does not say it, and in text, where a line of its own says it. */
  status: string;
  /** `Runtime.OutOfMemory`, …; "" = none. */
  errorType: string;
}

const TEXT = new RegExp(
  [
    "^REPORT RequestId: [0-9a-fA-F-]{36}",
    "Duration: ([0-9.]+) ms",
    "Billed Duration: ([0-9.]+) ms",
    "Memory Size: ([0-9]+) MB",
    "Max Memory Used: ([0-9]+) MB(?:\\s+Init Duration: ([0-9.]+) ms)?",
  ].join("\\s+"),
);
const ERROR_TYPE = /\tError Type: ([\w.]{1,100})/;

/** Undefined for any other line. */
export function readReport(message: string): LambdaReport | undefined {
  return message.startsWith("R") ? readText(message) : readJson(message);
}

function readText(message: string): LambdaReport | undefined {
  const match = TEXT.exec(message);
  if (!match) return undefined;
  const [durationMs, billedDurationMs, memorySizeMB, maxMemoryUsedMB, initDurationMs] = match
    .slice(1)
    .map((text) => amount(Number(text)));
  const errorType = ERROR_TYPE.exec(message)?.[1] ?? "";
  return { durationMs, billedDurationMs, memorySizeMB, maxMemoryUsedMB, initDurationMs, status: "", errorType };
}

function readJson(message: string): LambdaReport | undefined {
  const record = recordIn(message);
  if (!record) return undefined;
  const { status, errorType } = record;
  const metrics = isJsonObject(record.metrics) ? record.metrics : {};
  return {
    durationMs: amount(metrics.durationMs),
    billedDurationMs: amount(metrics.billedDurationMs),
    memorySizeMB: amount(metrics.memorySizeMB),
    maxMemoryUsedMB: amount(metrics.maxMemoryUsedMB),
    initDurationMs: amount(metrics.initDurationMs),
    status: typeof status === "string" ? status : "",
    errorType: typeof errorType === "string" ? errorType : "",
  };
}

function recordIn(message: string): Record<string, unknown> | undefined {
  try {
    const line: unknown = JSON.parse(message);
    return isJsonObject(line) && line.type === "platform.report" && isJsonObject(line.record) ? line.record : undefined;
  } catch {
    return undefined;
  }
}

function amount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
