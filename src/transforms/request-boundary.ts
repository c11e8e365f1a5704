/** Where a log stream can be cut so that what belongs together stays together. */
import { isStart } from "../formats/lambda-platform.ts";
import type { LogEvent, Slice } from "../telemetry.ts";

/**
 * How many of the events at the front are of requests that are over, so that all that tells of their traces is here: all
 * before the last START of a request. Where only the first event is one, none: its request goes on. Where there is no
 * START, all.
 */
export function wholeRequests({ text }: Slice, logEvents: readonly LogEvent[]): number {
  for (let index = logEvents.length - 1; index >= 0; index--) {
    if (isStart(text, (logEvents[index] as LogEvent).message)) return index;
  }
  return logEvents.length;
}
