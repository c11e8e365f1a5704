/**
 * How a log line says which request and trace it belongs to, in the forms of the common loggers, tracers and runtimes.
 * This is the complete reader, of one line; `log-context-reader.ts` reads the lines of a slice and asks it for the rare.
 *
 * Text forms are searched in the message's JSON-escaped bytes (a tab is the two characters `\t` there), so that lines
 * that say nothing cost no decoding. All patterns are linear: every repetition is bounded or starts at a fixed word.
 */
import type { LogContext } from "../telemetry.ts";
import { aContext, contextOfPlatform, contextOfRuntime } from "./contexts.ts";
import { detached } from "./id-reader.ts";
import { isJsonObject } from "./json-object.ts";
import { readPlatformJson, readPlatformText } from "./lambda-platform.ts";
import {
  idsFromTraceparent,
  spanIdFromDatadog,
  spanIdFromHex,
  traceIdFromDatadog,
  traceIdFromHex,
  traceIdFromXRay,
} from "./trace-ids.ts";

const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
const TIME = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,20}Z";
/** Node: `time<TAB>request id<TAB>level<TAB>text`; Python: `[LEVEL]<TAB>time<TAB>request id<TAB>text`. */
const RUNTIME_PREFIX = new RegExp(
  `^(?:\\[[A-Z]{1,10}\\]\\\\t)?${TIME}\\\\t(${UUID}|undefined)\\\\t(?:[A-Z]{1,10}\\\\t)?`,
);
/** `time request id Task timed out …`, and `RequestId: request id Error: Runtime exited …`. */
const RUNTIME_FAILURE = new RegExp(`^(?:${TIME} (${UUID}) Task timed out|RequestId: (${UUID}) Error: )`);

/** A line that says anything of its request or trace has one of these. */
const NEEDLES = /race|equest|nvocation|Root=1-|\\"dd\\"/;

/** `dd.<name>=<value>`. A word begins at `\b`, and behind an escaped tab or newline, whose letter is one of a word. */
const datadogText = (name: string, value: string): RegExp =>
  new RegExp(String.raw`(?:\b|\\[nrt])dd\.${name}=(?:\\")?(${value})`);
const WORD = String.raw`[^\s"\\\]]{1,200}`;
const DATADOG_TEXT = datadogText("trace_id", String.raw`[0-9a-fA-F]{1,32}\b`);
const DATADOG_TEXT_SPAN = datadogText("span_id", String.raw`\d{1,20}\b`);
const DATADOG_TEXT_SERVICE = datadogText("service", WORD);
const DATADOG_TEXT_ENV = datadogText("env", WORD);
const DATADOG_TEXT_VERSION = datadogText("version", WORD);
/** A `dd` object at the end of a text line (winston's simple format), or printed by util.inspect. */
const DATADOG_OBJECT = /(?:\\"dd\\":\{|\bdd: \{)([^}]{1,512})\}/;
const OBJECT_TRACE_ID = /\btrace_id(?:\\")?: ?(?:\\"|')([0-9a-fA-F]{1,32})(?:\\"|')/;
const OBJECT_SPAN_ID = /\bspan_id(?:\\")?: ?(?:\\"|')(\d{1,20})(?:\\"|')/;
const XRAY_TEXT = /(?<=(?:\b|\\[nrt])(?:Root=|TraceId: ))1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}\b/g;

/**
 * What a message says about its request and trace, or null when it says nothing.
 *
 * @param escaped the message as it stands in the JSON, without quotes, bytes as latin1 characters
 * @param decode gives the decoded message; called only where the message may hold JSON with ids
 */
export function readLogContext(escaped: string, decode: () => string): LogContext | null {
  const line = readPlatformText(escaped);
  if (line) {
    const context = contextOfPlatform(line.platform, line.requestId);
    context.xrayTraceId = xrayIn(escaped);
    return context;
  }
  const prefix = RUNTIME_PREFIX.exec(escaped);
  const text = prefix?.[1] ?? runtimeFailure(escaped);
  const requestId = text && text !== "undefined" ? detached(text).toLowerCase() : "";
  return readRest(prefix ? escaped.slice(prefix[0].length) : escaped, requestId, decode);
}

/**
 * What a line says, where it is known what the runtime put in front of it.
 *
 * @param escaped what stands behind the runtime's prefix
 * @param requestId the one in the prefix; "" = none
 * @param decode gives the decoded message; called only where it may hold JSON with ids
 */
export function readRest(escaped: string, requestId: string, decode: () => string): LogContext | null {
  if (!NEEDLES.test(escaped)) return contextOfRuntime(requestId);
  const context = aContext(requestId);
  const json = escaped.startsWith("{") && parseObject(decode());
  if (json) readJson(json, context);
  else readText(escaped, context);
  return orNull(context);
}

/** Null where it says nothing. */
function orNull(context: LogContext): LogContext | null {
  const { requestId, traceId, xrayTraceId, platform, service, env, version } = context;
  return requestId || traceId || xrayTraceId || platform || service || env || version ? context : null;
}

function runtimeFailure(escaped: string): string | undefined {
  const match = RUNTIME_FAILURE.exec(escaped);
  return match?.[1] ?? match?.[2];
}

/** "" where there is none, or several: a queue's messages have one each. */
function xrayIn(escaped: string): string {
  const [id = "", other] = new Set(escaped.match(XRAY_TEXT));
  return (!other && traceIdFromXRay(id)) || "";
}

/**
 * `dd.trace_id=…` as the tracers' console and logging hooks write it, a `dd` object in text. X-Ray's header, which may be
 * one that the request was sent with, counts only where the line says no request.
 */
function readText(escaped: string, context: LogContext): void {
  if (!context.requestId) context.xrayTraceId ||= xrayIn(escaped);
  const flat = DATADOG_TEXT.exec(escaped);
  if (flat) {
    setDatadog(context, detached(flat[1] as string), DATADOG_TEXT_SPAN.exec(escaped)?.[1]);
    context.service ||= detached(DATADOG_TEXT_SERVICE.exec(escaped)?.[1] ?? "");
    context.env ||= detached(DATADOG_TEXT_ENV.exec(escaped)?.[1] ?? "");
    context.version ||= detached(DATADOG_TEXT_VERSION.exec(escaped)?.[1] ?? "");
    return;
  }
  const object = DATADOG_OBJECT.exec(escaped)?.[1];
  if (object) {
    setDatadog(context, detached(OBJECT_TRACE_ID.exec(object)?.[1] ?? ""), OBJECT_SPAN_ID.exec(object)?.[1]);
  }
  context.isDatadog = false;
}

/** The JSON object a message is, or that follows the runtime's prefix. */
function parseObject(message: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(message.slice(message.indexOf("{")));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readJson(log: Record<string, unknown>, context: LogContext): void {
  const platform = readPlatformJson(log);
  if (platform) {
    Object.assign(context, platform);
    return;
  }
  readRequestId(log, context);
  context.xrayTraceId = traceIdFromXRay(string(log.xray_trace_id)) ?? "";
  readDatadog(log, context);
  if (!context.traceId) readOpenTelemetry(log, context);
  // Headers that somebody printed have no message, or are it: they tell who asked, not who wrote.
  if (!context.traceId && (log.message || log.msg)) {
    Object.assign(context, idsFromTraceparent(string(log.traceparent)));
  }
  if (!context.traceId) readInner(log.message, context);
}

/**
 * Lambda's JSON format puts what console was given under `message`: an object, or text, which may be JSON again or have
 * the ids in front. Datadog does not look for ids there.
 */
function readInner(message: unknown, context: LogContext): void {
  const text = typeof message === "string" ? message : "";
  const inner = isJsonObject(message) ? message : text.startsWith("{") ? parseObject(text) : undefined;
  if (inner) readDatadog(inner, context);
  if (inner && !context.traceId) readOpenTelemetry(inner, context);
  if (!inner && NEEDLES.test(text)) readText(JSON.stringify(text).slice(1, -1), context);
  context.isDatadog = false;
}

function readRequestId(log: Record<string, unknown>, context: LogContext): void {
  if (context.requestId) return;
  const certain = log.function_request_id ?? log.aws_request_id ?? log.AWSRequestId ?? log["faas.invocation_id"];
  // The runtimes put the timestamp first; a logger that was given somebody's request id does not.
  const isLambdaJson = Object.keys(log)[0] === "timestamp" && "level" in log && "message" in log;
  const requestId = string(certain ?? log.requestId ?? log.request_id);
  if (!/^[0-9a-fA-F-]{36}$/.test(requestId)) return;
  context.requestId = requestId.toLowerCase();
  context.isRequestIdCertain = certain !== undefined || (isLambdaJson && "requestId" in log);
}

/** A nested `dd` object, flat `dd.trace_id` keys, or .NET's `dd_trace_id`. */
function readDatadog(log: Record<string, unknown>, context: LogContext): void {
  const dd = isJsonObject(log.dd)
    ? log.dd
    : {
        trace_id: log["dd.trace_id"] ?? log.dd_trace_id,
        span_id: log["dd.span_id"] ?? log.dd_span_id,
        service: log["dd.service"] ?? log.dd_service,
        env: log["dd.env"] ?? log.dd_env,
        version: log["dd.version"] ?? log.dd_version,
      };
  setDatadog(context, string(dd.trace_id), string(dd.span_id));
  context.service ||= string(dd.service);
  context.env ||= string(dd.env);
  context.version ||= string(dd.version);
}

function setDatadog(context: LogContext, traceId: string | undefined, spanId: string | undefined): void {
  context.traceId = traceIdFromDatadog(traceId ?? "") ?? "";
  context.isDatadog = context.traceId !== "";
  if (context.traceId) context.spanId = spanIdFromDatadog(spanId ?? "") ?? "";
}

/** OpenTelemetry's snake and camel case, its Python logging names, and the Elastic Common Schema. */
function readOpenTelemetry(log: Record<string, unknown>, context: LogContext): void {
  if (setOpenTelemetry(context, log.trace_id, log.span_id)) return;
  if (setOpenTelemetry(context, log.traceId, log.spanId)) return;
  if (setOpenTelemetry(context, log.otelTraceID, log.otelSpanID)) return;
  const trace = isJsonObject(log.trace) ? log.trace.id : undefined;
  const span = isJsonObject(log.span) ? log.span.id : isJsonObject(log.transaction) ? log.transaction.id : undefined;
  setOpenTelemetry(context, log["trace.id"] ?? trace, log["span.id"] ?? span ?? log["transaction.id"]);
}

/** Whether there is a trace id. */
function setOpenTelemetry(context: LogContext, trace: unknown, span: unknown): boolean {
  if (typeof trace !== "string" || trace.length !== 32) return false;
  const traceId = traceIdFromHex(trace);
  if (!traceId) return false;
  context.traceId = traceId;
  context.spanId = spanIdFromHex(string(span)) ?? "";
  return true;
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}
