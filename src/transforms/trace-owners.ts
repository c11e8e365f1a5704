/**
 * Whether a trace that shows in a request is that request's own. What a request leaves running goes on in the next one of
 * its environment, and writes there: spans that are over, and logs with the ids of a trace that is not that request's.
 */
import { unixMsAt } from "../formats/event-time.ts";
import { detached } from "../formats/id-reader.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type { Invocation, ResourceTelemetry, TraceOutline } from "../telemetry.ts";
import type { Findings } from "./findings.ts";
import { type Part, Recent } from "./recent.ts";
import type { Extents } from "./request-extent.ts";

/** What is remembered, whatever the number of streams. */
const MAX_TRACES = 2_000;
const MAX_REQUESTS = 2_000;

/** The latest attempt at a request, as far as slices showed it. */
interface Attempt {
  requestId: string;
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
  requestId: string;
  ordinal: number;
  /** When it was first seen. */
  unixMs: number;
}

/** What is remembered of one log stream. */
export interface StreamOwners {
  /** By the low half of the trace id. */
  owners: Part<Owner>;
  /** By request id. */
  attempts: Part<Attempt>;
}

export class TraceOwners {
  readonly #owners = new Recent<Owner>(MAX_TRACES);
  readonly #attempts = new Recent<Attempt>(MAX_REQUESTS);

  /**
   * The requests of a slice of which it cannot be told whether the trace is another's: one that another request of the
   * stream is known to have, that showed before the request began, or whose spans were over before that.
   *
   * @param longMs less than what Lambda waits before it begins a request again
   */
  doubtful(
    { slice, logs }: ResourceTelemetry,
    { requests }: Findings,
    extents: Extents,
    { owners, attempts }: StreamOwners,
    longMs: number,
  ): Set<Invocation> {
    const doubtful = new Set<Invocation>();
    /** Ids that others may have left there, each with the attempt it shows in. */
    const shown: { traceId: string; invocation: Invocation; owner: Owner; isStartKnown: boolean }[] = [];
    for (const { context, invocation, message } of logs) {
      if (!context?.traceId || invocation?.requestId) continue;
      const low = lowHalf(context.traceId);
      if (this.#owners.get(low, owners)) continue;
      this.#owners.set(detached(low), { requestId: "", ordinal: 0, unixMs: unixMsAt(slice, message) }, owners);
    }
    for (const { invocation, named, written, carried } of requests) {
      const { begins = false, first = -1, last = -1 } = extents.get(invocation) ?? {};
      const attempt = this.#attemptOf(attempts, longMs, {
        requestId: invocation.requestId,
        firstUnixMs: unixMsAt(slice, first),
        lastUnixMs: unixMsAt(slice, last),
        isStartKnown: begins,
        ordinal: 0,
      });
      const { requestId, firstUnixMs, isStartKnown, ordinal } = attempt;
      const owner = { requestId, ordinal, unixMs: firstUnixMs };
      // What names a request is another attempt's at most; reading the times of all spans would take long.
      const mayBeEarlier = ordinal > 0 || !begins;
      const earliestUnixMs = ordinal > 0 ? firstUnixMs : firstUnixMs - longMs;
      let previous: TraceOutline | undefined;
      for (const { trace } of named) {
        // It stands there once for each of its spans that names the request.
        if (trace === previous) continue;
        previous = trace;
        const low = lowHalf(trace.traceId);
        this.#setOwner(low, this.#owners.get(low, owners), owner, owners);
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
      const low = lowHalf(traceId);
      const known = this.#owners.get(low, owners);
      const isBefore = isStartKnown && known !== undefined && known.unixMs < owner.unixMs;
      if (known?.requestId ? !isSameAttempt(known, owner) : isBefore) doubtful.add(invocation);
      else this.#setOwner(low, known, owner, owners);
    }
    return doubtful;
  }

  /** Keeps a copy, as `#attemptOf` does: where objects of one place in the code live long, V8 makes all of them old. */
  #setOwner(low: string, known: Owner | undefined, owner: Owner, owners: Part<Owner>): void {
    if (known?.unixMs === owner.unixMs && isSameAttempt(known, owner)) return;
    this.#owners.set(known ? low : detached(low), { ...owner }, owners);
  }

  /** @param seen what the slice shows of it */
  #attemptOf(attempts: Part<Attempt>, longMs: number, seen: Attempt): Attempt {
    const known = this.#attempts.get(seen.requestId, attempts);
    const begins = seen.isStartKnown;
    if (known) {
      const isLater = seen.firstUnixMs - (begins ? known.firstUnixMs : known.lastUnixMs) > (begins ? 0 : longMs);
      if (!isLater && !(known.firstUnixMs - seen.lastUnixMs > longMs)) {
        // Deliveries may come twice, and in any order.
        known.firstUnixMs = Math.min(known.firstUnixMs, seen.firstUnixMs);
        known.lastUnixMs = Math.max(known.lastUnixMs, seen.lastUnixMs);
        known.isStartKnown ||= begins;
        return known;
      }
    }
    // The id may be a part of its slice's text, and keep all of it.
    const requestId = known?.requestId ?? detached(seen.requestId);
    const attempt = { ...seen, requestId, ordinal: known ? known.ordinal + 1 : 0 };
    this.#attempts.set(requestId, attempt, attempts);
    return attempt;
  }
}

function isSameAttempt(one: Owner, other: Owner): boolean {
  return one.requestId === other.requestId && one.ordinal === other.ordinal;
}

function endOf(trace: TraceOutline): number {
  let end = Number.NEGATIVE_INFINITY;
  for (const { endUnixMs } of trace.timedSpans()) end = Math.max(end, endUnixMs);
  return end;
}
