/**
 * The lines that the Lambda platform writes of a request and of the environment it runs in, with all that a span of the
 * request can tell. As text and as JSON.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
import { isJsonObject } from "./json-object.ts";
import { type LambdaReport, readReport } from "./lambda-report.ts";
import { spanIdFromHex, traceIdFromXRay } from "./trace-ids.ts";

/** "" and undefined are what the line does not say. */
export interface LambdaLine {
  kind: "initStart" | "initReport" | "start" | "end" | "report";
  /** Lower case; "" for the lines of the environment. */
  requestId: string;
  /** Of the function: `$LATEST` or a number. */
  functionVersion: string;
  /** `success`, `failure`, `error`, `timeout`. */
  status: string;
  /** `Runtime.ExitError`, … */
  errorType: string;
  xray: XRayContext | undefined;
  /** Of `report`. */
  report: LambdaReport | undefined;
  /** Of `report`, where the environment was restored from a snapshot; of `initReport`, its own. */
  initDurationMs: number | undefined;
  isRestore: boolean;
}

/** What X-Ray calls the request. */
export interface XRayContext {
  /** 32 hex digits. */
  traceId: string;
  /** Of the function's own segment, 16 hex digits; "" where the line does not say it. */
  spanId: string;
  /** 16 hex digits; "" where the line does not say it. */
  parentSpanId: string;
  isSampled: boolean;
}

const REQUEST = /^(START|END|REPORT) RequestId: ([0-9a-fA-F-]{36})/;
const VERSION = / Version: (\$LATEST|\d{1,20})\s*$/;
const STATUS = /\tStatus: (\w{1,20})/;
const ERROR_TYPE = /\tError Type: ([\w.]{1,100})/;
const RESTORE = /\tRestore Duration: (\d{1,9}(?:\.\d{1,6})?) ms/;
const INIT_REPORT = /^INIT_REPORT Init Duration: (\d{1,9}(?:\.\d{1,6})?) ms\t/;
/** REPORT has it behind a line break. */
const XRAY =
  /\bXRAY TraceId: (1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24})(?:\s+SegmentId: ([0-9a-fA-F]{16}))?(?:\s+Sampled: (true|false))?/;
const TEXT_KINDS = { START: "start", END: "end", REPORT: "report" } as const;
const JSON_KINDS: Readonly<Record<string, LambdaLine["kind"]>> = {
  "platform.initStart": "initStart",
  "platform.initReport": "initReport",
  "platform.start": "start",
  "platform.runtimeDone": "end",
  "platform.report": "report",
};
const JSON_FRONT = '{\\"time\\":\\"';
const INIT_JSON = '\\"platform.init';

/** Whether the escaped message at a position of a text may be of an environment that begins: a cheap look. */
export function mayBeInit(text: string, message: number, messageEnd: number): boolean {
  if (text.startsWith("INIT_", message)) return true;
  if (!text.startsWith(JSON_FRONT, message)) return false;
  return text.slice(message, Math.min(messageEnd, message + 100)).includes(INIT_JSON);
}

/** Undefined for any other line. */
export function readLambdaLine(message: string): LambdaLine | undefined {
  return message.startsWith("{") ? readJson(message) : readText(message);
}

function readText(message: string): LambdaLine | undefined {
  if (message.startsWith("INIT_START ")) return aLine("initStart", "");
  const status = STATUS.exec(message)?.[1] ?? "";
  const errorType = ERROR_TYPE.exec(message)?.[1] ?? "";
  const init = INIT_REPORT.exec(message);
  if (init) return { ...aLine("initReport", ""), status, errorType, initDurationMs: Number(init[1]) };
  const match = REQUEST.exec(message);
  if (!match) return undefined;
  const line = aLine(TEXT_KINDS[match[1] as keyof typeof TEXT_KINDS], (match[2] as string).toLowerCase());
  if (line.kind === "start") return { ...line, functionVersion: VERSION.exec(message)?.[1] ?? "" };
  if (line.kind === "end") return line;
  const restoreMs = RESTORE.exec(message)?.[1];
  return withReport(
    { ...line, status, errorType, xray: xrayInText(message) },
    message,
    Number(restoreMs ?? Number.NaN),
  );
}

function readJson(message: string): LambdaLine | undefined {
  const line = objectIn(message);
  if (typeof line?.type !== "string" || !Object.hasOwn(JSON_KINDS, line.type) || !isJsonObject(line.record)) {
    return undefined;
  }
  const { record } = line;
  const kind = JSON_KINDS[line.type] as LambdaLine["kind"];
  const metrics = isJsonObject(record.metrics) ? record.metrics : {};
  const read: LambdaLine = {
    ...aLine(kind, text(record.requestId).toLowerCase()),
    functionVersion: kind === "start" ? text(record.version) : "",
    status: text(record.status),
    errorType: text(record.errorType),
    xray: isJsonObject(record.tracing) ? xrayInJson(record.tracing) : undefined,
  };
  if (kind === "initReport") return { ...read, requestId: "", initDurationMs: duration(metrics.durationMs) };
  if (kind === "initStart") return { ...read, requestId: "" };
  if (read.requestId === "") return undefined;
  return kind === "report"
    ? withReport(read, message, Number(duration(metrics.restoreDurationMs) ?? Number.NaN))
    : read;
}

/** @param restoreMs NaN: the environment was not restored */
function withReport(line: LambdaLine, message: string, restoreMs: number): LambdaLine {
  const report = readReport(message);
  if (!report) return line;
  const isRestore = report.initDurationMs === undefined && !Number.isNaN(restoreMs);
  return { ...line, report, initDurationMs: isRestore ? restoreMs : report.initDurationMs, isRestore };
}

function aLine(kind: LambdaLine["kind"], requestId: string): LambdaLine {
  return {
    kind,
    requestId,
    functionVersion: "",
    status: "",
    errorType: "",
    xray: undefined,
    report: undefined,
    initDurationMs: undefined,
    isRestore: false,
  };
}

function xrayInText(message: string): XRayContext | undefined {
  const match = XRAY.exec(message);
  const traceId = traceIdFromXRay(match?.[1] ?? "");
  if (!match || !traceId) return undefined;
  return { traceId, spanId: spanIdFromHex(match[2] ?? "") ?? "", parentSpanId: "", isSampled: match[3] === "true" };
}

/** `{"spanId":"24cd7d670fa455f0","type":"X-Amzn-Trace-Id","value":"Root=1-…;Parent=35465b3a9e2f7c6a;Sampled=1"}` */
function xrayInJson({ spanId: own, value }: Record<string, unknown>): XRayContext | undefined {
  const header = new Map(
    text(value)
      .slice(0, 1_000)
      .split(";")
      .map((part): [string, string] => {
        const [key = "", rest = ""] = part.split("=", 2);
        return [key.trim(), rest];
      }),
  );
  const traceId = traceIdFromXRay(header.get("Root") ?? "");
  if (!traceId) return undefined;
  const spanId = spanIdOf(text(own));
  const parent = spanIdOf(header.get("Parent") ?? "");
  return { traceId, spanId, parentSpanId: parent === spanId ? "" : parent, isSampled: header.get("Sampled") === "1" };
}

function spanIdOf(id: string): string {
  return id.length === 16 ? (spanIdFromHex(id) ?? "") : "";
}

function objectIn(message: string): Record<string, unknown> | undefined {
  try {
    const line: unknown = JSON.parse(message);
    return isJsonObject(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function duration(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
