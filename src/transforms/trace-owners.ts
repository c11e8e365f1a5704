/**
 * Whether a trace that shows in a request is that request's own. What a request leaves running goes on in the next one of
 * its environment, and writes there: spans that are over, and logs with the ids of a trace that is not that request's.
 */
import { unixMsAt } from "../formats/event-time.ts";
import { detached } from "../formats/id-reader.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type { Invocation, ResourceTelemetry, Slice, TraceOutline } from "../telemetry.ts";
import type { Evidence, Findings } from "./findings.ts";
import { type Part, Recent } from "./recent.ts";
import type { Extents, RequestExtent } from "./request-extent.ts";

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

/** An id that shows in an attempt, of which no span names the request. */
interface ShownId {
  traceId: string;
  invocation: Invocation;
  /** The attempt. */
  owner: Owner;
  isStartKnown: boolean;
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
    telemetry: ResourceTelemetry,
    { requests }: Findings,
    extents: Extents,
    stream: StreamOwners,
    longMs: number,
  ): Set<Invocation> {
    const doubtful = new Set<Invocation>();
    /** Ids that others may have left there. */
    const shown: ShownId[] = [];
    this.#takeIdsOfNone(telemetry, stream.owners);
    for (const evidence of requests) {
      const { invocation } = evidence;
      const seen = anAttempt(invocation.requestId, extents.get(invocation), telemetry.slice);
      const attempt = this.#attemptOf(stream.attempts, longMs, seen);
      const isDoubtful =
        evidence.named.length > 0
          ? this.#takeNamed(evidence, attempt, seen.isStartKnown, stream.owners, longMs)
          : addShown(shown, evidence, attempt);
      if (isDoubtful) doubtful.add(invocation);
    }
    for (const id of shown) if (this.#isOfAnother(id, stream.owners)) doubtful.add(id.invocation);
    return doubtful;
  }

  /** Ids of logs of no known request, whoever they are from. */
  #takeIdsOfNone({ slice, logs }: ResourceTelemetry, owners: Part<Owner>): void {
    for (const { context, invocation, message } of logs) {
      if (!context?.traceId || invocation?.requestId) continue;
      const low = lowHalf(context.traceId);
      if (this.#owners.get(low, owners)) continue;
      this.#owners.set(detached(low), { requestId: "", ordinal: 0, unixMs: unixMsAt(slice, message) }, owners);
    }
  }

  /** Makes the attempt the owner of the traces whose spans name it. Whether they may be an earlier attempt's. */
  #takeNamed({ named }: Evidence, attempt: Attempt, begins: boolean, owners: Part<Owner>, longMs: number): boolean {
    // What names a request is another attempt's at most; reading the times of all spans would take long.
    const mayBeEarlier = attempt.ordinal > 0 || !begins;
    const earliestUnixMs = attempt.ordinal > 0 ? attempt.firstUnixMs : attempt.firstUnixMs - longMs;
    const owner = ownerOf(attempt);
    let isDoubtful = false;
    let previous: TraceOutline | undefined;
    for (const { trace } of named) {
      // It stands there once for each of its spans that names the request.
      if (trace === previous) continue;
      previous = trace;
      const low = lowHalf(trace.traceId);
      this.#setOwner(low, this.#owners.get(low, owners), owner, owners);
      if (mayBeEarlier && endOf(trace) < earliestUnixMs) isDoubtful = true;
    }
    return isDoubtful;
  }

  /** Whether an id is another attempt's; else it is that of the attempt it shows in. */
  #isOfAnother({ traceId, owner, isStartKnown }: ShownId, owners: Part<Owner>): boolean {
    const low = lowHalf(traceId);
    const known = this.#owners.get(low, owners);
    const isBefore = isStartKnown && known !== undefined && known.unixMs < owner.unixMs;
    if (known?.requestId ? !isSameAttempt(known, owner) : isBefore) return true;
    this.#setOwner(low, known, owner, owners);
    return false;
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

/** What a slice shows of an attempt at a request. */
function anAttempt(requestId: string, extent: RequestExtent | undefined, slice: Slice): Attempt {
  return {
    requestId,
    firstUnixMs: unixMsAt(slice, extent ? extent.first : -1),
    lastUnixMs: unixMsAt(slice, extent ? extent.last : -1),
    isStartKnown: extent ? extent.begins : false,
    ordinal: 0,
  };
}

/** Adds the ids that show in an attempt; not those of traces that were over before, of which it says whether there are any. */
function addShown(shown: ShownId[], { invocation, written, carried }: Evidence, attempt: Attempt): boolean {
  const owner = ownerOf(attempt);
  const { isStartKnown } = attempt;
  let isOver = false;
  for (const trace of written) {
    if (endOf(trace) < attempt.firstUnixMs) isOver = true;
    else shown.push({ traceId: trace.traceId, invocation, owner, isStartKnown });
  }
  for (const traceId of carried) shown.push({ traceId, invocation, owner, isStartKnown });
  return isOver;
}

/** As it is now: other lines may tell more of the attempt. */
function ownerOf({ requestId, ordinal, firstUnixMs }: Attempt): Owner {
  return { requestId, ordinal, unixMs: firstUnixMs };
}

function isSameAttempt(one: Owner, other: Owner): boolean {
  return one.requestId === other.requestId && one.ordinal === other.ordinal;
}

function endOf(trace: TraceOutline): number {
  let end = Number.NEGATIVE_INFINITY;
  for (const { endUnixMs } of trace.timedSpans()) end = Math.max(end, endUnixMs);
  return end;
}
