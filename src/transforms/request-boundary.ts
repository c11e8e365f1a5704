/** Where a log stream can be cut so that what belongs together stays together. */
import { isStart, runtimeRequestId } from "../formats/lambda-platform.ts";
import type { LogEvent, Slice } from "../telemetry.ts";

/**
 * How many of the events at the front are of requests that are over, so that all that tells of their traces is here: all
 * before the last START of a request. Where a subscription leaves START out, all before the first line with the request
 * id that the last lines have in the runtime's prefix. Where that is the first event, none: its request goes on. Where
 * lines tell no request, all.
 */
export function wholeRequests({ text }: Slice, logEvents: readonly LogEvent[]): number {
  let requestId = "";
  let firstOfLast = logEvents.length;
  for (let index = logEvents.length - 1; index >= 0; index--) {
    const { message } = logEvents[index] as LogEvent;
    if (isStart(text, message)) return index;
    const id = runtimeRequestId(text, message);
    requestId ||= id;
    if (id !== "" && id !== requestId) return firstOfLast;
    if (id !== "") firstOfLast = index;
  }
  return requestId === "" ? logEvents.length : 0;
}
