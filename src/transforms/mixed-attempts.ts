/** Requests that Lambda began again in the same slice, where no START tells which lines are of which attempt. */
import { unixMsAt } from "../formats/event-time.ts";
import type { Invocation, ResourceTelemetry, TraceOutline } from "../telemetry.ts";
import type { Evidence, Findings } from "./findings.ts";
import type { Extents } from "./request-extent.ts";

/**
 * A request has lines of several attempts where some stand long behind its end, and no START between. Where neither its
 * beginning nor its end is here, a long silence may be the time between two attempts.
 *
 * @param longMs less than what Lambda waits before it begins a request again
 */
export function mixedAttempts(
  telemetry: ResourceTelemetry,
  { requests }: Findings,
  extents: Extents,
  longMs: number,
): Set<Invocation> {
  const { slice } = telemetry;
  const mixed = new Set<Invocation>();
  const boundless: Evidence[] = [];
  for (const evidence of requests) {
    const extent = extents.get(evidence.invocation);
    // Without lines there is no time.
    if (!extent) continue;
    const { begins, end, first, last } = extent;
    const from = end === -1 ? first : end;
    if ((end === -1 && begins) || !(unixMsAt(slice, last) - unixMsAt(slice, from) > longMs)) continue;
    if (end === -1) boundless.push(evidence);
    else mixed.add(evidence.invocation);
  }
  if (boundless.length > 0) addSilent(mixed, boundless, telemetry, longMs);
  return mixed;
}

/** Adds the invocations between whose lines is a long silence. */
function addSilent(mixed: Set<Invocation>, requests: Evidence[], telemetry: ResourceTelemetry, longMs: number): void {
  for (const [invocation, times] of timesOf(requests, telemetry)) {
    times.sort((a, b) => a - b);
    if (times.some((time, index) => time - (times[index - 1] ?? time) > longMs)) mixed.add(invocation);
  }
}

/** When the lines of requests were written, logs and spans. */
function timesOf(requests: Evidence[], { logs, tracePayloads, slice }: ResourceTelemetry): Map<Invocation, number[]> {
  const times = new Map(requests.map(({ invocation }): [Invocation, number[]] => [invocation, []]));
  const byTrace = new Map<TraceOutline, Invocation>();
  for (const { invocation, named, written } of requests) {
    for (const trace of [...named.map((it) => it.trace), ...written]) byTrace.set(trace, invocation);
  }
  const add = (invocation: Invocation | null | undefined, message: number): void => {
    if (invocation) times.get(invocation)?.push(unixMsAt(slice, message));
  };
  for (const { invocation, message } of logs) add(invocation, message);
  for (const { traces, message } of tracePayloads) {
    if (message !== undefined) for (const trace of traces) add(byTrace.get(trace), message);
  }
  return times;
}
