/** Where a log stream can be cut so that what belongs together stays together. */
import { isStart, runtimeRequestId } from "../formats/lambda-platform.ts";
import type { LogEvent, Slice } from "../telemetry.ts";

/** Escaped. Less than the limit of an event was in its time, 256 KB. */
const LONG_BYTES = 200_000;

/**
 * How many of the events at the front are of requests that are over, so that all that tells of their traces is here: all
 * before the last START of a request. Where a subscription leaves START out, all before the first line with the request
 * id that the last lines have in the runtime's prefix. Where that is the first event, none: its request goes on. Where
 * lines tell no request, all but the long ones at the end: what is cut at the limit of an event goes on in the next.
 */
export function wholeRequests({ text }: Slice, logEvents: readonly LogEvent[]): number {
  let requestId = "";
  let end = logEvents.length;
  for (let index = logEvents.length - 1; index >= 0; index--) {
    const { message, messageEnd } = logEvents[index] as LogEvent;
    if (end === index + 1 && messageEnd - message > LONG_BYTES) end = index;
    if (isStart(text, message)) return index;
    const id = runtimeRequestId(text, message);
    requestId ||= id;
    if (id !== "" && id !== requestId) return end;
    if (id !== "") end = index;
  }
  return requestId === "" ? end : 0;
}
