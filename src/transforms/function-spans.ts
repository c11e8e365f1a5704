/**
 * Makes a span of what the platform's lines tell of a request, where no tracer made one, and ties the request's logs to it.
 *
 * A function that shows any sign of a tracer (a trace line, ids or names of a tracer in its logs, a tracer's extension)
 * gets none, and is remembered for it: two spans for one request are worse than none. So a request gets one only when its
 * REPORT is here and its START was seen by this process, or when the process has seen whole requests of the function and
 * no sign of a tracer.
 */
import { tracesOf } from "../formats/datadog-of-otlp.ts";
import { unixMsAt } from "../formats/event-time.ts";
import { clearerError, type LambdaError, LambdaErrors, TIMEOUT } from "../formats/lambda-error.ts";
import { type LambdaLine, mayBeInit, readLambdaLine, type XRayContext } from "../formats/lambda-lines.ts";
import { messageOf } from "../formats/message.ts";
import { isId } from "../formats/request-id.ts";
import { outlineOf } from "../formats/trace-outline.ts";
import type { LogContext, LogRecord, ResourceTelemetry, TracePayload } from "../telemetry.ts";
import { functionSpansOf, type Init, type Request } from "./function-span.ts";
import { Recent } from "./recent.ts";

/** What is remembered, whatever the number of functions: about a megabyte together. */
const MAX_FUNCTIONS = 1_000;
const MAX_ENVIRONMENTS = 1_000;
const MAX_OPEN_REQUESTS = 2_000;

/** Longer than Lambda lets any request take. What says more is somebody's text. */
const MAX_DURATION_MS = 24 * 60 * 60 * 1_000;
/** An environment that was ready for longer was made in advance (provisioned concurrency), and nobody waited for it. */
const MAX_READY_MS = 10_000;
const NANO_PER_MS = 1_000_000n;

/** Lambda's streams have the version of the function in them: `YYYY/MM/DD/[<version>]<32 hex>`. */
const VERSION_IN_STREAM = /\[(\$LATEST(?:\.PUBLISHED)?|\d{1,20})\]/;
/** Extensions that send the spans of a function themselves, by the names of their files. */
const EXTENSION =
  /^(?:EXTENSION\\tName: |\{\\"time\\":[^{]{1,100}\\"platform\.extension\\".{1,20}\{\\"name\\":\\")(?:datadog-agent|collector)(?![\w-])/;

/** What is known of a request whose REPORT is to come. */
interface OpenRequest {
  startUnixMs: number;
  functionVersion: string;
  /** What X-Ray calls its trace, as far as lines told; "" = unknown. */
  xrayTraceId: string;
  error: LambdaError | undefined;
}

/** The environment of a log stream, from its beginning to the end of its first request. */
interface Environment {
  /** NaN = unknown. */
  startUnixMs: number;
  durationMs: number | undefined;
  errorType: string;
  /** The request that it began for; "" = none yet. */
  requestId: string;
}

/** One run of a request in one slice. Lambda runs one that failed again under the same id. */
interface Attempt extends OpenRequest {
  requestId: string;
  records: LogRecord[];
  /** Whether its START was seen, here or before. */
  isWhole: boolean;
  /** What the platform's lines here say; what was remembered gives no ids, so that the same lines give the same. */
  xray: XRayContext | undefined;
  /** NaN = unknown. */
  endUnixMs: number;
  reported: { line: LambdaLine; record: LogRecord; unixMs: number } | undefined;
  environment: Environment | undefined;
}

/** @returns a transform that remembers from slice to slice, and from delivery to delivery */
export function functionSpans(): (telemetry: ResourceTelemetry) => ResourceTelemetry {
  const memory = new FunctionMemory();
  return (telemetry) => (telemetry.resource.attributes["faas.name"] ? withSpans(telemetry, memory) : telemetry);
}

function withSpans(telemetry: ResourceTelemetry, memory: FunctionMemory): ResourceTelemetry {
  const stream = memory.of(telemetry);
  if (stream.isTraced || showsTracer(telemetry)) {
    stream.isTraced = true;
    return telemetry;
  }
  const attempts = attemptsIn(telemetry, stream);
  if (attempts.some(isTraced)) {
    stream.isTraced = true;
    return telemetry;
  }
  const isKnown = stream.isUntraced;
  const added: TracePayload[] = [];
  for (const attempt of attempts) {
    if (!attempt.reported) stream.keep(attempt);
    else if (attempt.isWhole || isKnown) {
      const request = requestOf(attempt, telemetry);
      if (!request) continue;
      added.push(spansFor(attempt, request));
      if (attempt.isWhole) stream.isUntraced = true;
    }
  }
  if (added.length === 0) return telemetry;
  return { ...telemetry, tracePayloads: [...telemetry.tracePayloads, ...added] };
}

/** Whether a tracer is at work in the function: its spans may be here, elsewhere, or still to come. */
function showsTracer({ logs, tracePayloads, slice: { text } }: ResourceTelemetry): boolean {
  if (tracePayloads.length > 0) return true;
  return logs.some(({ context, invocation, message, messageEnd }) => {
    if (context && (context.traceId || context.service || context.env || context.version)) return true;
    if (invocation?.spanId) return true;
    const mayBeExtension = text.startsWith("EXTENSION", message) || (!context && text.startsWith("{", message));
    return mayBeExtension && EXTENSION.test(text.slice(message, Math.min(messageEnd, message + 300)));
  });
}

/** Whether the request is known to be of another trace than X-Ray's. */
function isTraced({ records, xrayTraceId }: Attempt): boolean {
  const traceId = records[0]?.invocation?.traceId;
  if (!traceId || traceId === xrayTraceId) return false;
  return records.every(({ context }) => context?.xrayTraceId !== traceId);
}

/** The requests of a slice, in the order in which they begin in it. */
function attemptsIn({ logs, slice }: ResourceTelemetry, stream: StreamMemory): Attempt[] {
  const attempts: Attempt[] = [];
  const latest = new Map<string, Attempt>();
  const errors = new LambdaErrors(slice);
  for (const record of logs) {
    const { context, message, messageEnd } = record;
    const isPlatform = isBoundary(context) || mayBeInit(slice.text, message, messageEnd);
    const line = isPlatform ? readLambdaLine(messageOf(record, slice)) : undefined;
    if (line && line.requestId === "") {
      noteEnvironment(line, unixMsAt(slice, message), stream);
      continue;
    }
    const requestId = line?.requestId ?? record.invocation?.requestId;
    if (!requestId) continue;
    const attempt = attemptOf(requestId, line?.kind === "start");
    attempt.records.push(record);
    attempt.xrayTraceId = context?.xrayTraceId || attempt.xrayTraceId;
    if (line) noteLine(line, record, attempt);
    else attempt.error = clearerError(attempt.error, errors.of(record));
  }
  return attempts;

  function attemptOf(requestId: string, isStart: boolean): Attempt {
    const known = latest.get(requestId);
    if (known && !(isStart && (known.isWhole || known.reported))) return known;
    const before = isStart ? undefined : stream.openRequest(requestId);
    const attempt: Attempt = {
      startUnixMs: Number.NaN,
      functionVersion: "",
      xrayTraceId: "",
      error: undefined,
      ...before,
      xray: undefined,
      requestId,
      records: [],
      isWhole: before !== undefined,
      endUnixMs: Number.NaN,
      reported: undefined,
      environment: undefined,
    };
    latest.set(requestId, attempt);
    attempts.push(attempt);
    return attempt;
  }

  function noteLine(line: LambdaLine, record: LogRecord, attempt: Attempt): void {
    const unixMs = unixMsAt(slice, record.message);
    attempt.xray = line.xray ?? attempt.xray;
    if (line.kind === "start") {
      attempt.isWhole = true;
      attempt.startUnixMs = unixMs;
      attempt.functionVersion = line.functionVersion;
      stream.begin(attempt.requestId);
      return;
    }
    attempt.error = clearerError(attempt.error, errorOf(line));
    if (line.kind === "end") attempt.endUnixMs = unixMs;
    else if (line.report && !attempt.reported) {
      attempt.reported = { line, record, unixMs };
      attempt.environment = stream.environmentOf(attempt.requestId);
    }
  }
}

function isBoundary(context: LogContext | null): boolean {
  return context !== null && context.platform !== "";
}

/** What the platform says of a request that failed. A line of the runtime tells more, but of how it ended. */
function errorOf({ status, errorType }: LambdaLine): LambdaError | undefined {
  if ((status === "" || status === "success") && errorType === "") return undefined;
  if (status === TIMEOUT) return { type: TIMEOUT, message: "", rank: 2 };
  return { type: errorType || status, message: "", rank: errorType ? 2 : 1 };
}

function noteEnvironment(line: LambdaLine, unixMs: number, stream: StreamMemory): void {
  if (line.kind === "initStart") {
    stream.environment = { startUnixMs: unixMs, durationMs: undefined, errorType: "", requestId: "" };
  } else if (stream.environment) {
    const isGood = line.status === "" || line.status === "success";
    stream.environment = {
      ...stream.environment,
      durationMs: line.initDurationMs,
      errorType: isGood ? "" : line.errorType || line.status,
    };
  }
}

/** Undefined where the lines tell no id or time, or one that cannot be. */
function requestOf(attempt: Attempt, { resource }: ResourceTelemetry): Request | undefined {
  const { line, unixMs: reportUnixMs } = attempt.reported as NonNullable<Attempt["reported"]>;
  const report = line.report as NonNullable<LambdaLine["report"]>;
  const { durationMs } = report;
  if (!isId(attempt.requestId)) return undefined;
  if (Number.isNaN(reportUnixMs) || durationMs === undefined || durationMs > MAX_DURATION_MS) return undefined;
  const durationNano = nano(durationMs);
  const isStartKnown = attempt.startUnixMs <= reportUnixMs;
  const endUnixMs = attempt.endUnixMs <= reportUnixMs ? attempt.endUnixMs : reportUnixMs;
  const startUnixNano = isStartKnown ? nano(attempt.startUnixMs) : nano(endUnixMs) - durationNano;
  if (startUnixNano < 0n) return undefined;
  return {
    requestId: attempt.requestId,
    resource,
    functionVersion:
      attempt.functionVersion || VERSION_IN_STREAM.exec(resource.attributes["aws.log.stream.names"] ?? "")?.[1] || "",
    startUnixNano,
    endUnixNano: startUnixNano + durationNano,
    reportUnixMs,
    report,
    xray: attempt.xray ?? xrayIn(attempt),
    error: attempt.error,
    init: initOf(line, startUnixNano, attempt.environment),
  };
}

/** The trace that the request's logs here say X-Ray has for it; undefined where there is none, or several. */
function xrayIn({ records }: Attempt): XRayContext | undefined {
  const traceIds = new Set(records.flatMap(({ context }) => context?.xrayTraceId || []));
  const [traceId] = traceIds;
  return traceId && traceIds.size === 1 ? { traceId, spanId: "", parentSpanId: "", isSampled: true } : undefined;
}

/**
 * Undefined where the environment did not begin for the request.
 *
 * @param startUnixNano of the request
 */
function initOf(line: LambdaLine, startUnixNano: bigint, environment: Environment | undefined): Init | undefined {
  const durationMs = line.initDurationMs ?? environment?.durationMs;
  if (durationMs === undefined || durationMs > MAX_DURATION_MS) return undefined;
  const { isRestore } = line;
  const durationNano = nano(durationMs);
  const knownStart = environment && !isRestore && !Number.isNaN(environment.startUnixMs);
  const initUnixNano = knownStart ? nano(environment.startUnixMs) : startUnixNano - durationNano;
  const endUnixNano = initUnixNano + durationNano;
  if (initUnixNano < 0n || startUnixNano - endUnixNano > nano(MAX_READY_MS)) return undefined;
  return { startUnixNano: initUnixNano, endUnixNano, isRestore, errorType: environment?.errorType ?? "" };
}

/** Exact for milliseconds with up to six decimals, which is what the platform writes. */
function nano(ms: number): bigint {
  return Number.isSafeInteger(ms) ? BigInt(ms) * NANO_PER_MS : BigInt(Math.round(ms * 1e6));
}

function spansFor({ records, reported }: Attempt, request: Request): TracePayload {
  const { resourceSpans, span } = functionSpansOf(request);
  // Not written into the one that is there: what it says of the request is what the request's own lines say.
  const invocation = {
    requestId: request.requestId,
    traceId: span.traceId,
    spanId: span.spanId,
    service: "",
    env: "",
    version: "",
  };
  for (const record of records) {
    record.invocation = invocation;
    record.linkMethod = "function-span";
  }
  const traces = tracesOf(resourceSpans);
  return {
    index: (reported as NonNullable<Attempt["reported"]>).record.index,
    traces: traces.map(outlineOf),
    table: null,
    firstSpan: 0,
    decode: () => traces,
    resourceSpans,
    isDerived: true,
  };
}

/** What is known of functions, of the environments of their streams, and of requests that have begun. */
class FunctionMemory {
  /** By function and version: whether it has a tracer. */
  readonly functions = new Recent<boolean>(MAX_FUNCTIONS);
  readonly environments = new Recent<Environment>(MAX_ENVIRONMENTS);
  readonly openRequests = new Recent<OpenRequest>(MAX_OPEN_REQUESTS);

  of({ resource: { attributes } }: ResourceTelemetry): StreamMemory {
    const { "cloud.account.id": account = "", "aws.log.group.names": group = "" } = attributes;
    const stream = attributes["aws.log.stream.names"] ?? "";
    const version = VERSION_IN_STREAM.exec(stream)?.[1] ?? stream;
    return new StreamMemory(
      this,
      [account, group, attributes["faas.name"], version].join("\n"),
      [account, group, stream].join("\n"),
    );
  }
}

/** The same for one log stream. */
class StreamMemory {
  readonly #memory: FunctionMemory;
  readonly #function: string;
  readonly #stream: string;

  constructor(memory: FunctionMemory, ofFunction: string, stream: string) {
    this.#memory = memory;
    this.#function = ofFunction;
    this.#stream = stream;
  }

  get isTraced(): boolean {
    return this.#memory.functions.get(this.#function) === true;
  }

  set isTraced(isTraced: boolean) {
    this.#memory.functions.set(this.#function, isTraced);
  }

  /** Whether requests of the function were seen whole, and none with a sign of a tracer. */
  get isUntraced(): boolean {
    return this.#memory.functions.get(this.#function) === false;
  }

  set isUntraced(isUntraced: boolean) {
    this.#memory.functions.set(this.#function, !isUntraced);
  }

  get environment(): Environment | undefined {
    return this.#memory.environments.get(this.#stream);
  }

  set environment(environment: Environment) {
    this.#memory.environments.set(this.#stream, environment);
  }

  /** The first request that begins is the one that an environment began for. */
  begin(requestId: string): void {
    const { environment } = this;
    if (environment?.requestId === "") this.environment = { ...environment, requestId };
  }

  environmentOf(requestId: string): Environment | undefined {
    const { environment } = this;
    return environment?.requestId === requestId ? environment : undefined;
  }

  openRequest(requestId: string): OpenRequest | undefined {
    return this.#memory.openRequests.get(`${this.#stream}\n${requestId}`);
  }

  /** Also once it has ended: Lambda may hand in its end again. */
  keep({ requestId, isWhole, startUnixMs, functionVersion, xrayTraceId, error }: Attempt): void {
    if (!isWhole) return;
    this.#memory.openRequests.set(`${this.#stream}\n${requestId}`, {
      startUnixMs,
      functionVersion: copyOf(functionVersion),
      xrayTraceId: copyOf(xrayTraceId),
      error: error && { ...error, type: copyOf(error.type), message: copyOf(error.message) },
    });
  }
}

/** A text that was cut from a line keeps the line. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
