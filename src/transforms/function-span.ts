/** The spans of one request of a Lambda function that no tracer made any of, in OpenTelemetry's terms. */
import { derivedSpanId, derivedTraceId } from "../formats/derived-ids.ts";
import type { LambdaError } from "../formats/lambda-error.ts";
import type { XRayContext } from "../formats/lambda-lines.ts";
import type { LambdaReport } from "../formats/lambda-report.ts";
import { scopeOfForwarder, streamAttributesOf } from "../formats/otlp-resource.ts";
import type { Attributes, OtlpSpan, Resource, ResourceSpans } from "../telemetry.ts";

/** What the lines of one request tell. */
export interface Request {
  requestId: string;
  resource: Resource;
  /** "" = unknown. */
  functionVersion: string;
  startUnixNano: bigint;
  endUnixNano: bigint;
  /** When its REPORT was written. */
  reportUnixMs: number;
  report: LambdaReport;
  xray: XRayContext | undefined;
  error: LambdaError | undefined;
  /** How its environment began, where it began for this request. */
  init: Init | undefined;
}

export interface Init {
  startUnixNano: bigint;
  endUnixNano: bigint;
  /** Whether the environment was restored from a snapshot. */
  isRestore: boolean;
  /** "" = it went well. */
  errorType: string;
}

const SERVER = 2;
const INTERNAL = 1;
const UNSET = 0;
const ERROR = 2;
/** W3C's. */
const SAMPLED = 1;
const BYTES_PER_MB = 1_048_576n;

/** Names under which Datadog reads what OpenTelemetry has no word for. */
const [OPERATION_KEY, RESOURCE_KEY, TYPE_KEY] = ["operation.name", "resource.name", "span.type"] as const;
/** What Datadog calls the span of a request, that of an environment that begins, and that of one that is restored. */
const [INVOCATION, COLD_START, RESTORE] = [
  "aws.lambda",
  "aws.lambda.cold_start",
  "aws.lambda.snapstart_restore",
] as const;

/**
 * The span of the request, and behind it that of the start of its environment. Ids and parent are X-Ray's where the lines
 * name them, else hashes of what tells the request.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/
 */
export function functionSpansOf(request: Request): { resourceSpans: ResourceSpans[]; span: OtlpSpan } {
  const span = invocationSpan(request);
  const spans = request.init ? [span, initSpan(request, request.init, span)] : [span];
  const scope = scopeOfForwarder("");
  const scopeSpans = [{ scope, schemaUrl: "", spans }];
  const attributes = resourceAttributes(request);
  return { resourceSpans: [{ attributes, droppedAttributesCount: 0, schemaUrl: "", scopeSpans }], span };
}

function resourceAttributes({ resource, functionVersion, report }: Request): Attributes {
  return {
    ...streamAttributesOf(resource),
    ...(functionVersion && { "faas.version": functionVersion }),
    ...(report.memorySizeMB !== undefined && { "faas.max_memory": bytes(report.memorySizeMB) }),
  };
}

function invocationSpan(request: Request): OtlpSpan {
  const { requestId, resource, report, xray, error } = request;
  const functionName = resource.attributes["faas.name"] ?? "";
  const { billedDurationMs, maxMemoryUsedMB } = report;
  return {
    ...aSpan(request),
    spanId: xray?.spanId || spanIdOf(INVOCATION, request),
    parentSpanId: xray?.parentSpanId ?? "",
    name: functionName,
    kind: SERVER,
    startTimeUnixNano: request.startUnixNano,
    endTimeUnixNano: request.endUnixNano,
    attributes: {
      "faas.invocation_id": requestId,
      "faas.coldstart": request.init !== undefined,
      ...(billedDurationMs !== undefined && { "aws.lambda.billed_duration_ms": number(billedDurationMs) }),
      ...(maxMemoryUsedMB !== undefined && { "aws.lambda.max_memory_used_bytes": bytes(maxMemoryUsedMB) }),
      ...(error?.type && { "error.type": error.type }),
      ...datadogNames(INVOCATION, functionName),
    },
    status: error ? { code: ERROR, message: error.message || error.type } : { code: UNSET, message: "" },
  };
}

function initSpan(request: Request, init: Init, parent: OtlpSpan): OtlpSpan {
  const operation = init.isRestore ? RESTORE : COLD_START;
  return {
    ...aSpan(request),
    spanId: spanIdOf(operation, request),
    parentSpanId: parent.spanId,
    name: init.isRestore ? "restore" : "init",
    kind: INTERNAL,
    startTimeUnixNano: init.startUnixNano,
    endTimeUnixNano: init.endUnixNano,
    attributes: {
      ...(init.errorType && { "error.type": init.errorType }),
      ...datadogNames(operation, parent.name),
    },
    status: init.errorType ? { code: ERROR, message: init.errorType } : { code: UNSET, message: "" },
  };
}

/** What all of them share. */
function aSpan({ requestId, xray }: Request) {
  return {
    traceId: xray?.traceId ?? derivedTraceId(requestId),
    traceState: "",
    flags: !xray || xray.isSampled ? SAMPLED : 0,
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
  };
}

function spanIdOf(name: string, { requestId, resource, reportUnixMs }: Request): string {
  return derivedSpanId(name, requestId, resource.attributes["aws.log.stream.names"] ?? "", reportUnixMs);
}

function datadogNames(operation: string, functionName: string): Attributes {
  return { [OPERATION_KEY]: operation, [RESOURCE_KEY]: functionName, [TYPE_KEY]: "serverless" };
}

/** A whole number as OpenTelemetry's int, another as its double. */
function number(value: number): bigint | number {
  return Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** No environment has nearly as much as the most that is taken. */
function bytes(megabytes: number): bigint {
  return BigInt(Math.min(Math.round(megabytes), 2 ** 31)) * BYTES_PER_MB;
}
