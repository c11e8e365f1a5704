/**
 * What went wrong in a span: Datadog says it in attributes of the span, OpenTelemetry in an event named `exception`.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/
 */
import type { Attributes, OtlpSpanEvent } from "../telemetry.ts";
import { textIn } from "./otlp-values.ts";

export const ERROR_TYPE = "error.type";
/** Datadog's tracers write the first, Go's, .NET's and the agent the second. */
export const ERROR_MESSAGE = "error.message";
export const ERROR_MSG = "error.msg";
export const ERROR_STACK = "error.stack";

const EXCEPTION = "exception";
export const EXCEPTION_TYPE = "exception.type";
export const EXCEPTION_MESSAGE = "exception.message";
export const EXCEPTION_STACK = "exception.stacktrace";
const NO_MORE_THAN = new Set([EXCEPTION_TYPE, EXCEPTION_MESSAGE, EXCEPTION_STACK]);

/** What is said of an error; "" = not said. */
export interface SpanError {
  type: string;
  message: string;
  stack: string;
}

export function isException({ name }: { name: string }): boolean {
  return name.toLowerCase() === EXCEPTION;
}

export function errorIn(event: OtlpSpanEvent): SpanError {
  return {
    type: textIn(event.attributes, EXCEPTION_TYPE),
    message: textIn(event.attributes, EXCEPTION_MESSAGE),
    stack: textIn(event.attributes, EXCEPTION_STACK),
  };
}

export function exceptionOf({ type, message, stack }: SpanError, timeUnixNano: bigint): OtlpSpanEvent {
  const attributes: Attributes = {};
  if (type !== "") attributes[EXCEPTION_TYPE] = type;
  if (message !== "") attributes[EXCEPTION_MESSAGE] = message;
  if (stack !== "") attributes[EXCEPTION_STACK] = stack;
  return { timeUnixNano, name: EXCEPTION, attributes, droppedAttributesCount: 0 };
}

/** Whether an event says what `exceptionOf` would of a span that ended then, and no more. */
export function isOnlyAnError(event: OtlpSpanEvent, endTimeUnixNano: bigint): boolean {
  const entries = Object.entries(event.attributes);
  return (
    event.name === EXCEPTION &&
    event.timeUnixNano === endTimeUnixNano &&
    entries.length > 0 &&
    entries.every(([key, value]) => NO_MORE_THAN.has(key) && typeof value === "string" && value !== "")
  );
}
