/**
 * What earlier slices told of requests, sorted, and how it is used: as if everything had stood in one slice. The
 * stronger evidence decides, and equally strong evidence of two traces decides nothing.
 */
import { unixMsAt } from "../formats/event-time.ts";
import { detached } from "../formats/id-reader.ts";
import { highHalf, is128Bit, isSameTrace, lowHalf, withHighHalf } from "../formats/trace-ids.ts";
import type { AtOnce, Invocation, LogRecord, RememberedRequest, Resource, ResourceTelemetry } from "../telemetry.ts";
import type { Evidence, Findings } from "./findings.ts";
import { HeldLogs } from "./held-logs.ts";
import { mixedAttempts } from "./mixed-attempts.ts";
import { type Part, Recent } from "./recent.ts";
import { type Extents, extentsIn } from "./request-extent.ts";
import { tieToOpenSpans } from "./span-time.ts";
import { HANDLER, NAMED, NOTHING, strengthOf, XRAY } from "./strength.ts";
import { type StreamOwners, TraceOwners } from "./trace-owners.ts";

/** Memory that other processes share, as one delivery uses it. Nothing here rejects. */
export interface SharedMemory {
  /** What is known of requests; none where that cannot be told in time. */
  recall(stream: string, requestIds: string[]): Promise<RememberedRequest[]>;
  /** Takes what others may lack. */
  remember(request: RememberedRequest): void;
  /** Whether logs of requests that go on are to wait at the end of the delivery. */
  holds: boolean;
  /** Asks until something is known of all of them, or that takes too long. */
  await(stream: string, requestIds: string[]): Promise<RememberedRequest[]>;
  /** Hands on what was to be remembered. */
  settle(): Promise<void>;
}

/** What a process keeps of requests. It is loaded by the first slice that tells any trace. */
export interface RequestMemory {
  recollection?: Recollection;
  /** Undefined where there is none. Of the delivery that is being read. */
  shared?: SharedMemory | undefined;
}

/** What Lambda runs again has the same request id, and begins a minute after the first attempt ended. */
const SAME_ATTEMPT_MS = 30_000;
const MAX_REQUESTS = 2_000;
const MAX_CHARACTERS = 1_000_000;

/** What differs between the streams of one version of a function: the day, and the environment. */
const DAY_OR_ENVIRONMENT = /^\d{4}\/\d\d\/\d\d\/|[0-9a-f]{32}$/g;

/** What becomes of the logs that were tied to an invocation. */
interface Change {
  invocation: Invocation;
  request: RememberedRequest;
}

/** What is remembered of one log stream. */
interface Stream extends StreamOwners {
  /** Account, log group and log stream. */
  name: string;
  /** By request id. */
  requests: Part<RememberedRequest>;
  /** By low half; "" = two were claimed. */
  highHalves: Part<string>;
}

export class Recollection {
  readonly #requests = new Recent<RememberedRequest>(Number.POSITIVE_INFINITY);
  readonly #highHalves = new Recent<string>(MAX_REQUESTS);
  readonly #streams = new Map<string, Stream>();
  readonly #owners = new TraceOwners();
  /** By version of a function: that is what decides it. */
  readonly #atOnce = new Recent<AtOnce>(MAX_REQUESTS);
  #characters = 0;
  #held = new HeldLogs();

  /** Before the first slice of a delivery: nothing is held from one to the next. */
  begin(): void {
    this.#held = new HeldLogs();
  }

  /** How many requests the environments of a function work on at a time, as far as slices told. */
  atOnceIn(resource: Resource): AtOnce {
    return this.#atOnce.get(versionOf(resource)) ?? 0;
  }

  /**
   * Gives the logs and traces of a slice what earlier ones told of their requests, and keeps what this one tells.
   *
   * @param name account, log group and log stream
   * @param goesOn whether more of the stream follows in the delivery: logs of requests that go on wait for it
   */
  async take(
    name: string,
    telemetry: ResourceTelemetry,
    findings: Findings,
    goesOn: boolean,
    shared: SharedMemory | undefined,
  ): Promise<void> {
    if (findings.atOnce) this.#atOnce.set(versionOf(telemetry.resource), findings.atOnce);
    const stream = this.#streamOf(name);
    const extents = extentsIn(telemetry, findings);
    this.#takeBackDoubtful(stream, telemetry, findings, extents);
    const unknown = shared ? this.#unknown(stream, findings, extents) : [];
    if (shared && unknown.length > 0) this.#learnShared(stream, await shared.recall(name, unknown));
    this.#completeIds(stream, findings);
    this.#relink(stream, telemetry, findings);
    this.#remember(stream, telemetry, findings, extents, shared);
    tieToOpenSpans(telemetry, findings);
    if (goesOn || shared?.holds) this.#held.take(name, telemetry, findings, extents);
  }

  /** After the last slice of a delivery: the logs that waited, tied where their trace is known by now. */
  async release(shared: SharedMemory | undefined): Promise<ResourceTelemetry[]> {
    const released = this.#held.release();
    for (const [name, telemetry, findings] of released) {
      const stream = this.#streamOf(name);
      const unknown = shared?.holds ? this.#unknown(stream, findings, extentsIn(telemetry, findings)) : [];
      if (shared && unknown.length > 0) this.#learnShared(stream, await shared.await(name, unknown));
      this.#relink(stream, telemetry, findings);
    }
    return released.map(([, telemetry]) => telemetry);
  }

  /** Takes the links back of requests whose trace may be that of another request, or of another attempt. */
  #takeBackDoubtful(stream: Stream, telemetry: ResourceTelemetry, findings: Findings, extents: Extents): void {
    const doubtful = this.#owners.doubtful(telemetry, findings, extents, stream, SAME_ATTEMPT_MS);
    for (const invocation of mixedAttempts(telemetry, findings, extents, SAME_ATTEMPT_MS)) doubtful.add(invocation);
    if (doubtful.size === 0) return;
    for (const evidence of findings.requests) {
      const { invocation } = evidence;
      if (!doubtful.has(invocation)) continue;
      Object.assign(invocation, { traceId: "", spanId: "", service: "", env: "", version: "" });
      Object.assign(evidence, { named: [], written: [], carried: [], xray: [] });
    }
    for (const record of telemetry.logs)
      if (record.invocation && doubtful.has(record.invocation) && !record.context?.traceId) record.linkMethod = "";
  }

  /** The requests that others may know more of. */
  #unknown(stream: Stream, { requests }: Findings, extents: Extents): string[] {
    const unknown = requests.filter((evidence) => {
      const extent = extents.get(evidence.invocation);
      // All that a request said is here when it begins and ends here.
      return !(extent?.begins && extent.ends) && this.#isAskedFor(stream, evidence);
    });
    return [...new Set(unknown.map(({ invocation }) => invocation.requestId))];
  }

  /**
   * Two processes that told different traces of a request did not know of each other, so only what leaves no doubt alone
   * is taken for the request's trace: spans that name it, and X-Ray's id. The rest completes ids.
   */
  #learnShared(stream: Stream, requests: RememberedRequest[]): void {
    for (const request of requests) {
      if (request.strength >= NAMED || request.strength === XRAY) this.#learn(stream, request);
      else this.#learnId(stream, request.traceId);
    }
  }

  #remember(
    stream: Stream,
    { slice, tracePayloads }: ResourceTelemetry,
    { requests }: Findings,
    extents: Extents,
    shared: SharedMemory | undefined,
  ): void {
    for (const evidence of requests) {
      const { requestId, traceId, spanId, service, env, version } = evidence.invocation;
      const strength = strengthOf(evidence);
      const extent = extents.get(evidence.invocation);
      if (strength === NOTHING || !extent) continue;
      const known = stream.requests.get(requestId)?.value;
      const request: RememberedRequest = {
        stream: stream.name,
        // An id may be a part of its slice's text, and keep all of it.
        requestId: stream.attempts.get(requestId)?.value.requestId ?? detached(requestId),
        traceId: known?.traceId === traceId ? known.traceId : detached(traceId),
        spanId,
        service,
        env,
        version,
        strength,
        fromUnixMs: unixMsAt(slice, extent.first),
        toUnixMs: unixMsAt(slice, extent.last),
      };
      // Of a request that is over there is nothing to tell others.
      if (!extent.begins || !extent.ends) shared?.remember(request);
      this.#learn(stream, request);
    }
    for (const { traces } of tracePayloads) for (const { traceId } of traces) this.#learnId(stream, detached(traceId));
  }

  #isAskedFor({ requests }: Stream, evidence: Evidence): boolean {
    const { invocation } = evidence;
    const traceId = requests.get(invocation.requestId)?.value.traceId ?? "";
    return strengthOf(evidence) < HANDLER ? traceId === "" : !is128Bit(invocation.traceId) && !is128Bit(traceId);
  }

  #completeIds(stream: Stream, { halves, requests }: Findings): void {
    for (const half of halves) complete(half, stream);
    for (const { invocation } of requests) complete(invocation, stream);
  }

  #relink(stream: Stream, { logs, slice }: ResourceTelemetry, { requests }: Findings): void {
    const changes = new Map<Invocation, Change>();
    for (const evidence of requests) {
      const request = stream.requests.get(evidence.invocation.requestId)?.value;
      const invocation = request && combined(evidence, request);
      if (invocation) changes.set(evidence.invocation, { invocation, request });
    }
    if (changes.size === 0) return;
    for (const record of logs) {
      const change = record.invocation && changes.get(record.invocation);
      if (change) relink(record, change, unixMsAt(slice, record.message));
    }
  }

  /** Keeps a copy: where objects of one place in the code live long, V8 makes all of them in memory that it seldom cleans. */
  #learn(stream: Stream, request: RememberedRequest): void {
    const { requestId, traceId } = request;
    if (traceId) this.#learnId(stream, traceId);
    const known = this.#requests.get(requestId, stream.requests);
    if (known) this.#characters -= charactersOf(known);
    const kept = known ? merged(known, request) : { ...request };
    this.#requests.set(requestId, kept, stream.requests);
    this.#characters += charactersOf(kept);
    while (this.#requests.size > MAX_REQUESTS || this.#characters > MAX_CHARACTERS) {
      this.#characters -= charactersOf(this.#requests.forgetOldest() as RememberedRequest);
    }
  }

  /** @param traceId is kept: no part of a slice's text */
  #learnId({ highHalves }: Stream, traceId: string): void {
    if (!is128Bit(traceId)) return;
    const [low, high] = [lowHalf(traceId), highHalf(traceId)];
    const known = this.#highHalves.get(low, highHalves);
    if (known === undefined) this.#highHalves.set(low, high, highHalves);
    else if (known !== high) this.#highHalves.set(low, "", highHalves);
  }

  #streamOf(name: string): Stream {
    let stream = this.#streams.get(name);
    if (!stream) {
      // What was remembered of those that are forgotten here is out of reach, and goes in its turn.
      if (this.#streams.size >= MAX_REQUESTS) this.#streams.clear();
      stream = { name, requests: new Map(), highHalves: new Map(), owners: new Map(), attempts: new Map() };
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

/** Fills in the high half that the stream told. */
function complete(item: { traceId: string }, { highHalves }: Stream): void {
  const { traceId } = item;
  if (!traceId || is128Bit(traceId)) return;
  const high = highHalves.get(lowHalf(traceId))?.value;
  if (high) item.traceId = withHighHalf(traceId, high);
}

function versionOf({ attributes }: Resource): string {
  const { "cloud.account.id": account, "aws.log.group.names": group, "faas.instance": stream = "" } = attributes;
  return [account, group, stream.replace(DAY_OR_ENVIRONMENT, "")].join("\n");
}

function charactersOf({ service, env, version, requestId }: RememberedRequest): number {
  return 200 + requestId.length + service.length + env.length + version.length;
}

/** What two slices told of one request; what is known is changed for it. */
function merged(known: RememberedRequest, request: RememberedRequest): RememberedRequest {
  const gapMs = Math.max(request.fromUnixMs - known.toUnixMs, known.fromUnixMs - request.toUnixMs);
  // Another attempt; also where there are no times.
  if (!(gapMs <= SAME_ATTEMPT_MS)) return request.fromUnixMs < known.fromUnixMs ? known : { ...request };
  const [strong, weak] = request.strength > known.strength ? [{ ...request }, known] : [known, request];
  if (strong.strength === weak.strength) keepCommon(strong, weak);
  strong.fromUnixMs = Math.min(known.fromUnixMs, request.fromUnixMs);
  strong.toUnixMs = Math.max(known.toUnixMs, request.toUnixMs);
  return strong;
}

/** Leaves of the trace what both tell, where both are equally sure. */
function keepCommon(one: RememberedRequest, other: RememberedRequest): void {
  if (!one.traceId || !other.traceId || !isSameTrace(one.traceId, other.traceId)) {
    one.traceId = "";
    one.spanId = "";
    return;
  }
  if (!is128Bit(one.traceId)) one.traceId = other.traceId;
  if (one.spanId !== other.spanId) one.spanId = "";
}

/** What the slice and the memory say together, where that is something else than what the slice says alone. */
function combined(evidence: Evidence, request: RememberedRequest): Invocation | undefined {
  const { invocation } = evidence;
  const strength = strengthOf(evidence);
  if (request.strength < strength) return undefined;
  const { requestId } = invocation;
  const { traceId, spanId, service, env, version } = request;
  const isSame = invocation.traceId !== "" && isSameTrace(invocation.traceId, traceId);
  if (request.strength > strength) return { requestId, traceId, spanId, service, env, version, told: "remembered" };
  return isSame ? undefined : { ...invocation, traceId: "", spanId: "", service: "", env: "", version: "" };
}

function relink(record: LogRecord, { invocation, request }: Change, unixMs: number): void {
  const isOfAttempt = unixMs >= request.fromUnixMs - SAME_ATTEMPT_MS && unixMs <= request.toUnixMs + SAME_ATTEMPT_MS;
  if (!isOfAttempt) return;
  // The lines of one attempt may go on for as long as they follow each other.
  request.toUnixMs = Math.max(request.toUnixMs, unixMs);
  const own = record.context?.traceId;
  if (own) {
    if (isSameTrace(invocation.traceId, own)) record.invocation = invocation;
    return;
  }
  record.invocation = invocation;
  record.linkMethod = invocation.traceId ? "remembered" : "";
}
