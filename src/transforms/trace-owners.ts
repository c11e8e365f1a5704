/**
 * Whether a trace that shows in a request is that request's own. What a request leaves running goes on in the next one of
 * its environment, and writes there: spans that are over, and logs with the ids of a trace that is not that request's.
 */
import { unixMsAt } from "../formats/event-time.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type { Invocation, ResourceTelemetry, TraceOutline } from "../telemetry.ts";
import type { Findings } from "./findings.ts";
import { Recent } from "./recent.ts";
import type { Extents } from "./request-extent.ts";

/** What is remembered, whatever the number of streams. */
const MAX_TRACES = 2_000;
const MAX_REQUESTS = 2_000;

/** The latest attempt at a request, as far as slices showed it. */
interface Attempt {
  /** Its START, or the first line that was seen. */
  firstUnixMs: number;
  isStartKnown: boolean;
  lastUnixMs: number;
  /** How many attempts at the request were seen before: Lambda begins one that failed again, under the same id. */
  ordinal: number;
}

/** The attempt whose spans name a trace, or that it was first seen in. */
interface Owner {
  /** "" = unknown. */
  attempt: string;
  /** When it was first seen. */
  unixMs: number;
}

export class TraceOwners {
  /** By the low half of the trace id. */
  readonly #owners = new Recent<Owner>(MAX_TRACES);
  readonly #attempts = new Recent<Attempt>(MAX_REQUESTS);

  /**
   * The requests of a slice of which it cannot be told whether the trace is another's: one that another request of the
   * stream is known to have, that showed before the request began, or whose spans were over before that.
   *
   * @param keyOf gives an id of the stream a key of its own
   * @param longMs less than what Lambda waits before it begins a request again
   */
  doubtful(
    { slice, logs }: ResourceTelemetry,
    { requests }: Findings,
    extents: Extents,
    keyOf: (id: string) => string,
    longMs: number,
  ): Set<Invocation> {
    const doubtful = new Set<Invocation>();
    /** Ids that others may have left there, each with the attempt it shows in. */
    const shown: { traceId: string; invocation: Invocation; owner: Owner; isStartKnown: boolean }[] = [];
    for (const { context, invocation, message } of logs) {
      if (!context?.traceId || invocation?.requestId) continue;
      const key = keyOf(lowHalf(context.traceId));
      if (!this.#owners.get(key)) this.#owners.set(key, { attempt: "", unixMs: unixMsAt(slice, message) });
    }
    for (const evidence of requests) {
      const { invocation, named, written, carried } = evidence;
      const { begins = false, first = -1, last = -1 } = extents.get(invocation) ?? {};
      const seen = {
        firstUnixMs: unixMsAt(slice, first),
        lastUnixMs: unixMsAt(slice, last),
        isStartKnown: begins,
        ordinal: 0,
      };
      const { firstUnixMs, isStartKnown, ordinal } = this.#attemptOf(keyOf(invocation.requestId), begins, seen, longMs);
      const owner = { attempt: `${invocation.requestId} ${ordinal}`, unixMs: firstUnixMs };
      // What names a request is another attempt's at most; reading the times of all spans would take long.
      const mayBeEarlier = ordinal > 0 || !begins;
      const earliestUnixMs = ordinal > 0 ? firstUnixMs : firstUnixMs - longMs;
      // A trace stands there once for each span that names the request.
      for (const trace of new Set(named.map(({ trace }) => trace))) {
        this.#owners.set(keyOf(lowHalf(trace.traceId)), owner);
        if (mayBeEarlier && endOf(trace) < earliestUnixMs) doubtful.add(invocation);
      }
      if (named.length > 0) continue;
      for (const trace of written) {
        if (endOf(trace) < firstUnixMs) doubtful.add(invocation);
        else shown.push({ traceId: trace.traceId, invocation, owner, isStartKnown });
      }
      for (const traceId of carried) shown.push({ traceId, invocation, owner, isStartKnown });
    }
    for (const { traceId, invocation, owner, isStartKnown } of shown) {
      const key = keyOf(lowHalf(traceId));
      const known = this.#owners.get(key);
      const isBefore = isStartKnown && known !== undefined && known.unixMs < owner.unixMs;
      if (known?.attempt ? known.attempt !== owner.attempt : isBefore) doubtful.add(invocation);
      else this.#owners.set(key, owner);
    }
    return doubtful;
  }

  /** @param seen what the slice shows of it */
  #attemptOf(key: string, begins: boolean, seen: Attempt, longMs: number): Attempt {
    const known = this.#attempts.get(key);
    let attempt = seen;
    if (known) {
      const isLater = seen.firstUnixMs - (begins ? known.firstUnixMs : known.lastUnixMs) > (begins ? 0 : longMs);
      attempt =
        isLater || known.firstUnixMs - seen.lastUnixMs > longMs
          ? { ...seen, ordinal: known.ordinal + 1 }
          : {
              // Deliveries may come twice, and in any order.
              firstUnixMs: Math.min(known.firstUnixMs, seen.firstUnixMs),
              lastUnixMs: Math.max(known.lastUnixMs, seen.lastUnixMs),
              isStartKnown: known.isStartKnown || seen.isStartKnown,
              ordinal: known.ordinal,
            };
    }
    this.#attempts.set(key, attempt);
    return attempt;
  }
}

function endOf(trace: TraceOutline): number {
  let end = Number.NEGATIVE_INFINITY;
  for (const { endUnixMs } of trace.timedSpans()) end = Math.max(end, endUnixMs);
  return end;
}
