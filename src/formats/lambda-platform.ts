/**
 * The lines the Lambda platform writes around a request, as text and as JSON.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
import type { LogContext } from "../telemetry.ts";
import { isJsonObject } from "./json-object.ts";
import { traceIdFromXRay } from "./trace-ids.ts";

type PlatformLine = Pick<LogContext, "platform" | "requestId" | "isRequestIdCertain">;

const PLATFORM_LINE = /^(START|END|REPORT) RequestId: ([0-9a-fA-F-]{36})/;
const TEXT_KINDS = { START: "start", END: "end", REPORT: "report" } as const;
const JSON_KINDS: Readonly<Record<string, LogContext["platform"]>> = {
  "platform.start": "start",
  "platform.runtimeDone": "end",
  "platform.report": "report",
};

/** Lambda's JSON has the time first, `2026-11-21T01:53:45.858Z`. */
const JSON_TIME = '{\\"time\\":\\"';
const JSON_START = '\\",\\"type\\":\\"platform.start\\"';
const JSON_START_OFFSET = JSON_TIME.length + "2026-11-21T01:53:45.858Z".length;

/** Whether the escaped message at a position of a text begins a request. */
export function isStart(text: string, message: number): boolean {
  if (text.charCodeAt(message) === 0x53) return text.startsWith("START RequestId: ", message);
  return text.startsWith(JSON_TIME, message) && text.startsWith(JSON_START, message + JSON_START_OFFSET);
}

/** The request id in the Node runtime's prefix of an escaped message, `time<TAB>request id<TAB>…`; "" = none. */
export function runtimeRequestId(text: string, message: number): string {
  const id = message + "2026-11-21T01:53:45.858Z\\t".length;
  return text.startsWith("Z\\t", id - 3) && text.startsWith("\\t", id + 36) ? text.slice(id, id + 36) : "";
}

/** `START RequestId: …`, `END RequestId: …`, `REPORT RequestId: …`, and nothing else. */
export function readPlatformText(message: string): PlatformLine | undefined {
  const match = PLATFORM_LINE.exec(message);
  if (!match) return undefined;
  const platform = TEXT_KINDS[match[1] as keyof typeof TEXT_KINDS];
  return { platform, requestId: (match[2] as string).toLowerCase(), isRequestIdCertain: true };
}

/**
 * `{"time":…,"type":"platform.start","record":{"requestId":…,"tracing":{"value":"Root=…"}}}` and its siblings. Requests
 * are billed where an environment works on one at a time; several at once share an instance, which is.
 */
export function readPlatformJson(
  line: Record<string, unknown>,
): (PlatformLine & Pick<LogContext, "xrayTraceId" | "atOnce">) | undefined {
  const { type, record } = line;
  if (typeof type !== "string" || !type.startsWith("platform.") || !isJsonObject(record)) return undefined;
  const { requestId, tracing, metrics } = record as {
    requestId?: unknown;
    tracing?: { value?: unknown } | null;
    metrics?: { durationMs?: unknown; billedDurationMs?: unknown } | null;
  };
  if (typeof requestId !== "string") return undefined;
  const platform = Object.hasOwn(JSON_KINDS, type) ? (JSON_KINDS[type] as LogContext["platform"]) : "";
  const header = typeof tracing?.value === "string" ? tracing.value : "";
  return {
    platform,
    requestId: requestId.toLowerCase(),
    isRequestIdCertain: true,
    xrayTraceId: traceIdFromXRay(/\bRoot=([^;]{35})(?:;|$)/.exec(header)?.[1] ?? "") ?? "",
    atOnce: platform !== "report" || !metrics?.durationMs ? 0 : metrics.billedDurationMs ? 1 : 2,
  };
}
