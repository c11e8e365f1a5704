/** Requests that Lambda began again in the same slice, where no START tells which lines are of which attempt. */
import { unixMsAt } from "../formats/event-time.ts";
import type { Invocation, ResourceTelemetry } from "../telemetry.ts";
import type { Findings } from "./findings.ts";
import type { Extents } from "./request-extent.ts";

/**
 * A request has lines of several attempts where some stand long behind its end, and no START between. Where neither its
 * beginning nor its end is here, a long silence may be the time between two attempts.
 *
 * @param longMs less than what Lambda waits before it begins a request again
 */
export function mixedAttempts(
  { logs, slice }: ResourceTelemetry,
  { requests }: Findings,
  extents: Extents,
  longMs: number,
): Set<Invocation> {
  const mixed = new Set<Invocation>();
  /** Of those that neither begin nor end here, and are long: the time of the last line. */
  const lastUnixMs = new Map<Invocation, number>();
  for (const { invocation } of requests) {
    const { begins = false, end = -1, first = -1, last = -1 } = extents.get(invocation) ?? {};
    const from = end === -1 ? first : end;
    if ((end === -1 && begins) || !(unixMsAt(slice, last) - unixMsAt(slice, from) > longMs)) continue;
    if (end === -1) lastUnixMs.set(invocation, unixMsAt(slice, first));
    else mixed.add(invocation);
  }
  if (lastUnixMs.size === 0) return mixed;
  for (const { invocation, message } of logs) {
    if (!invocation) continue;
    const before = lastUnixMs.get(invocation);
    if (before === undefined) continue;
    const unixMs = unixMsAt(slice, message);
    if (unixMs - before > longMs) mixed.add(invocation);
    lastUnixMs.set(invocation, unixMs);
  }
  return mixed;
}
