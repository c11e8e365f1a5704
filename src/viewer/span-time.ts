import type { ReceivedSpan } from "./received.ts";

/** Milliseconds since 1970, to about a quarter of a microsecond. */
export function startMsOf({ startTimeUnixNano }: ReceivedSpan): number {
  return msOf(startTimeUnixNano);
}

export function durationMsOf({ durationNano }: ReceivedSpan): number {
  return Number(durationNano) / 1e6;
}

export function msOf(nano: bigint): number {
  return Number(nano / 1000n) / 1000;
}
