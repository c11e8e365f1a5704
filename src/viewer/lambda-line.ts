/** What a line of a Lambda function's log tells about its request. */
import { isJsonObject } from "../formats/json-object.ts";
import { timedOutRequest } from "../formats/lambda-failure-reader.ts";
import { type LambdaReport, readReport } from "../formats/lambda-report.ts";

const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
/** The platform's lines, and the prefixes of the runtimes of Node and Python. */
const IN_TEXT = new RegExp(
  `^(?:(?:START|END|REPORT)? ?RequestId: |(?:\\[[A-Z]{1,10}\\]\\t)?\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,20}Z[\\t ])(${UUID})\\b`,
);
const ID = new RegExp(`^${UUID}$`);
const STATUS = /\tStatus: (\w{1,20})/;
/** How the runtimes of Node and Python write an error that nobody caught. */
const UNCAUGHT =
  /^(?:[^\t]{1,40}\t[^\t]{1,40}\tERROR\t(?:Invoke Error|Uncaught Exception) \t|\[ERROR\] [\w.]{1,200}(?::|\s|$))/;
const EXITED = /^RequestId: [\w-]{36} Error: Runtime exited /;

/** A message as people read it: the newlines with which Lambda ends it are no part of it. */
export function withoutNewlines(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}

/** @param json the line where it is JSON @returns lower case; "" = none */
export function requestIdOf(text: string, json: Record<string, unknown> | undefined): string {
  const id = json ? idIn(json) : (IN_TEXT.exec(text)?.[1] ?? "");
  return ID.test(id) ? id.toLowerCase() : "";
}

function idIn(json: Record<string, unknown>): string {
  const record = isJsonObject(json.record) ? json.record.requestId : undefined;
  const id = json.requestId ?? json.AWSRequestId ?? json.function_request_id ?? json.aws_request_id ?? record;
  return typeof id === "string" ? id : "";
}

export interface InvocationFact {
  report?: LambdaReport;
  isTimeout: boolean;
  isError: boolean;
}

/** What a line says about how an invocation went; undefined where it says nothing of it. */
export function invocationFact(text: string): InvocationFact | undefined {
  if (text.startsWith("{")) return text.includes('"platform.r') ? factOfJson(text) : undefined;
  if (text.startsWith("REPORT ")) {
    const report = readReport(text);
    return report && factOfReport({ ...report, status: STATUS.exec(text)?.[1] ?? report.status });
  }
  if (timedOutRequest(text) !== undefined) return { isTimeout: true, isError: true };
  return EXITED.test(text) || UNCAUGHT.test(text) ? { isTimeout: false, isError: true } : undefined;
}

function factOfJson(text: string): InvocationFact | undefined {
  const report = readReport(text);
  if (report) return factOfReport(report);
  try {
    const { type, record } = JSON.parse(text) as { type?: unknown; record?: { status?: unknown } | null };
    if (type !== "platform.runtimeDone" || typeof record?.status !== "string" || record.status === "success") {
      return undefined;
    }
    return { isTimeout: record.status === "timeout", isError: true };
  } catch {
    return undefined;
  }
}

function factOfReport(report: LambdaReport): InvocationFact {
  const isTimeout = report.status === "timeout";
  const isError = isTimeout || ["error", "failure"].includes(report.status) || report.errorType !== "";
  return { report, isTimeout, isError };
}
