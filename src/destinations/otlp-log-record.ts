/** A log event as OpenTelemetry's log record. */
import { readExactObject } from "../formats/exact-object.ts";
import { isJsonObject } from "../formats/json-object.ts";
import { messageOf } from "../formats/message.ts";
import { isId } from "../formats/request-id.ts";
import { severityOfJson, severityOfText } from "../formats/severity.ts";
import { is128Bit, isSameTrace } from "../formats/trace-ids.ts";
import type { AnyValue, Attributes, LogRecord, OtlpLogRecord, Slice } from "../telemetry.ts";

/** What is written of a log record; its resource and scope are its group's. */
export type WrittenRecord = Omit<OtlpLogRecord, "resource" | "scope">;

/** As sources have it in front of every message. */
const EVENT = /"id":"((?:[^"\\]|\\.)*)","timestamp":(\d{1,16})/;
/** Where loggers put what was said, the first that is there. */
const MESSAGES = ["message", "msg", "@message", "Message"];
const MILLION = 1_000_000n;

/**
 * The record of a log event. What the line says of itself in OpenTelemetry's terms wins over what is read from it.
 *
 * @param takesApart whether a message that is a JSON object becomes attributes
 */
export function recordOf(
  record: LogRecord,
  slice: Slice,
  observedTimeUnixNano: bigint,
  takesApart: boolean,
): WrittenRecord {
  const [, id = "", timestampMs = "0"] = EVENT.exec(slice.text.slice(record.start, record.message)) ?? [];
  const timeUnixNano = BigInt(timestampMs) * MILLION;
  const ids = idsOf(record);
  const own = { ...(id && { "log.record.uid": id }), ...linkAttributes(record) };
  const said = record.otlp;
  if (said) {
    return {
      ...said,
      timeUnixNano: said.timeUnixNano || timeUnixNano,
      observedTimeUnixNano: said.observedTimeUnixNano || observedTimeUnixNano,
      attributes: { ...own, ...said.attributes },
      ...(!said.traceId && ids),
    };
  }
  const message = messageOf(record, slice);
  const isJson = message.startsWith("{");
  const exact = isJson && takesApart ? readExactObject(message) : undefined;
  const object = exact ?? (isJson ? parsed(message) : undefined);
  const { number, text } = object ? severityOfJson(object) : severityOfText(message);
  const { body, attributes } = exact ? takenApart(exact) : { body: message, attributes: {} };
  return {
    timeUnixNano,
    observedTimeUnixNano,
    severityNumber: number,
    severityText: text,
    body,
    attributes: { ...attributes, ...own },
    droppedAttributesCount: 0,
    flags: object && record.context?.traceId ? flagsIn(object) : 0,
    ...ids,
    eventName: "",
  };
}

/** The message is the body and the other members are attributes; an object without one is the body as it is. */
function takenApart(object: Record<string, AnyValue>): { body: AnyValue; attributes: Attributes } {
  const name = MESSAGES.find((candidate) => Object.hasOwn(object, candidate));
  if (name === undefined) return { body: object, attributes: {} };
  const { [name]: body = null, ...attributes } = object;
  return { body, attributes };
}

/** The trace and span of the line itself, else of its request. */
function idsOf({ context, invocation }: LogRecord): { traceId: string; spanId: string } {
  if (!context?.traceId) return { traceId: invocation?.traceId ?? "", spanId: invocation?.spanId ?? "" };
  // A decimal spelling tells half of the id; the request's spans may tell all of it.
  const isWhole = invocation !== null && is128Bit(invocation.traceId);
  const traceId = isWhole && isSameTrace(invocation.traceId, context.traceId) ? invocation.traceId : context.traceId;
  return { traceId, spanId: context.spanId };
}

/** What ties the record to its request and trace, how that is known, and how many it stands for. */
function linkAttributes({ context, invocation, linkMethod, sampling }: LogRecord): Attributes {
  const requestId = invocation?.requestId || (context?.isRequestIdCertain ? context.requestId : "");
  return {
    ...(isId(requestId) && { "faas.invocation_id": requestId }),
    ...(linkMethod && { "correlation.method": linkMethod }),
    ...(sampling && { "sampling.threshold": sampling.threshold }),
  };
}

/** W3C's flags, as OpenTelemetry's loggers write them beside the ids. */
function flagsIn(object: Readonly<Record<string, unknown>>): number {
  const flags = object.trace_flags ?? object.traceFlags;
  if (typeof flags === "string" && /^[0-9a-f]{2}$/.test(flags)) return Number.parseInt(flags, 16);
  const number = Number(typeof flags === "string" ? Number.NaN : flags);
  return Number.isInteger(number) && number >= 0 && number <= 255 ? number : 0;
}

/** For what numbers need not be exact for; undefined for what is no JSON object. */
function parsed(message: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
