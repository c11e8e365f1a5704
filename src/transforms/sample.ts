/**
 * Leaves out the logs of a share of the traces. A trace that has an error, or is slow, keeps all its logs; of the others
 * the trace id decides, so that everybody who samples by it decides alike. A request without a trace is one, under the id
 * that a span made of its lines has. Logs of neither stay.
 *
 * What is decided is what is known when the slice is sent: an error that comes later keeps what comes with it and after it.
 */
import { derivedTraceId } from "../formats/derived-ids.ts";
import { tellsError } from "../formats/error-line.ts";
import { LambdaErrors } from "../formats/lambda-error.ts";
import { type LambdaLine, readLambdaLine } from "../formats/lambda-lines.ts";
import { messageOf } from "../formats/message.ts";
import { isAtLeast, shortThreshold, thresholdOf } from "../formats/sampling-threshold.ts";
import { addFates, type Fate } from "../formats/trace-fate.ts";
import { lowHalf } from "../formats/trace-ids.ts";
import type { LogRecord, LogSampling, ResourceTelemetry } from "../telemetry.ts";
import { Recent } from "./recent.ts";

export interface SamplingSettings {
  /** Which share of the traces keeps its logs: from 0 to less than 1. */
  rate: number;
  /** 0 = none is kept for its duration. */
  keepSlowerThanMs: number;
}

/** Traces and requests that are remembered to be kept: about two megabytes. */
const MAX_REMEMBERED = 10_000;
/** The events that sampling left out, in the ledger. */
const REASON = "logSampling";
const NANO_PER_MS = 1_000_000n;
/** OpenTelemetry's number of the least severe error. */
const OTLP_ERROR = 17;

/** @returns a transform that remembers, from slice to slice and from delivery to delivery, which traces it keeps */
export function sample(settings: SamplingSettings) {
  const threshold = thresholdOf(settings.rate);
  const sampling: LogSampling = { rate: settings.rate, threshold: shortThreshold(threshold ?? "") };
  /** What has a trace of its own, or is a request, that is kept whole. */
  const kept = new Recent<true>(MAX_REMEMBERED);
  return (telemetry: ResourceTelemetry, dropped: Record<string, number>): ResourceTelemetry => {
    noteTraces(telemetry, settings, kept);
    noteLogs(telemetry, settings, kept);
    const drawn = new DrawnRequests(threshold);
    const logs = telemetry.logs.filter((record) => {
      const unit = unitOf(record);
      if (!unit.traceId && !unit.requestId) return true;
      if (isKept(unit, kept)) return true;
      if (!drawn.has(unit)) return false;
      record.sampling = sampling;
      return true;
    });
    const left = telemetry.logs.length - logs.length;
    if (left === 0) return telemetry;
    dropped[REASON] = (dropped[REASON] ?? 0) + left;
    return { ...telemetry, logs };
  };
}

/** What a log is kept or left out with; "" = unknown. */
interface Unit {
  traceId: string;
  requestId: string;
}

function unitOf({ context, invocation, otlp }: LogRecord): Unit {
  return {
    traceId: context?.traceId || otlp?.traceId || invocation?.traceId || "",
    requestId: invocation?.requestId || (context?.isRequestIdCertain ? context.requestId : ""),
  };
}

function keep({ traceId, requestId }: Unit, kept: Recent<true>): void {
  if (traceId) kept.set(lowHalf(traceId), true);
  if (requestId) kept.set(requestId, true);
}

function isKept({ traceId, requestId }: Unit, kept: Recent<true>): boolean {
  return (traceId !== "" && kept.get(lowHalf(traceId)) === true) || (requestId !== "" && kept.get(requestId) === true);
}

/** Keeps the traces, and the requests that their spans name, of which spans say that they failed or were slow. */
function noteTraces({ tracePayloads }: ResourceTelemetry, settings: SamplingSettings, kept: Recent<true>): void {
  if (tracePayloads.length === 0) return;
  const fates = new Map<string, Fate>();
  for (const payload of tracePayloads) addFates(payload, fates);
  for (const { traces } of tracePayloads) {
    for (const { traceId, naming } of traces) {
      const fate = fates.get(lowHalf(traceId));
      if (!fate || !(fate.hasError || isSlow(fate, settings))) continue;
      keep({ traceId, requestId: "" }, kept);
      for (const { requestId } of naming) keep({ traceId: "", requestId }, kept);
    }
  }
}

function isSlow({ startUnixNano, endUnixNano }: Fate, { keepSlowerThanMs }: SamplingSettings): boolean {
  return keepSlowerThanMs > 0 && endUnixNano - startUnixNano > BigInt(keepSlowerThanMs) * NANO_PER_MS;
}

/** Keeps what a log says of its own trace and request: an error, or that the request failed or was slow. */
function noteLogs({ logs, slice }: ResourceTelemetry, settings: SamplingSettings, kept: Recent<true>): void {
  const errors = new LambdaErrors(slice);
  for (const record of logs) {
    const unit = unitOf(record);
    if (!unit.traceId && !unit.requestId) continue;
    const isNotable = record.context?.platform
      ? tellsTrouble(readLambdaLine(messageOf(record, slice)), settings)
      : errors.of(record) !== undefined || isError(record, slice.text);
    if (isNotable) keep(unit, kept);
  }
}

function isError({ otlp, message, messageEnd }: LogRecord, text: string): boolean {
  return otlp?.severityNumber ? otlp.severityNumber >= OTLP_ERROR : tellsError(text, message, messageEnd);
}

/** What the platform says of a request. */
function tellsTrouble(line: LambdaLine | undefined, { keepSlowerThanMs }: SamplingSettings): boolean {
  if (!line) return false;
  if ((line.status !== "" && line.status !== "success") || line.errorType !== "") return true;
  return keepSlowerThanMs > 0 && (line.report?.durationMs ?? 0) > keepSlowerThanMs;
}

/** Which units of a slice the threshold lets pass. The logs of one follow each other. */
class DrawnRequests {
  readonly #threshold: string | undefined;
  #requestId = "";
  #traceId = "";

  /** @param threshold undefined: none */
  constructor(threshold: string | undefined) {
    this.#threshold = threshold;
  }

  has({ traceId, requestId }: Unit): boolean {
    return this.#threshold !== undefined && isAtLeast(this.#threshold, traceId || this.#traceIdOf(requestId));
  }

  #traceIdOf(requestId: string): string {
    if (requestId !== this.#requestId) {
      this.#requestId = requestId;
      this.#traceId = derivedTraceId(requestId);
    }
    return this.#traceId;
  }
}
