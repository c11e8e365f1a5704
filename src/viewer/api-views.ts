/** What the store holds, as the API shows it. */
import { decimal, lowHalf } from "../formats/trace-ids.ts";
import { jsonOfAttributes } from "./any-value.ts";
import type {
  ApiFigures,
  ApiFunction,
  ApiLog,
  ApiSpan,
  ApiStatus,
  ApiTrace,
  ApiTraceSpan,
  ApiTraceSummary,
} from "./api-types.ts";
import { type Figures, STEP_MS } from "./figures.ts";
import type { FunctionTotals } from "./function-figures.ts";
import type { ReceivedLog, ReceivedSpan } from "./received.ts";
import { fieldsOf, kindName } from "./searchable.ts";
import { durationMsOf, msOf, startMsOf } from "./span-time.ts";
import { type HeldTrace, receivedTrace } from "./store.ts";
import { shapeOf } from "./trace-shape.ts";
import { traceTimes } from "./trace-times.ts";

/** @param steps how many of the series have passed since the first request of all */
export function viewOfFigures({ requests, errors, latencies }: Figures, steps: number): ApiFigures {
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = latencies.percentiles(0.5, 0.95, 0.99);
  const errorRate = requests > 0 ? errors / requests : 0;
  return { requests, errors, errorRate, requestsPerSecond: requests / ((steps * STEP_MS) / 1000), p50Ms, p95Ms, p99Ms };
}

export function viewOfSpan(span: ReceivedSpan): ApiSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentId: span.parentId,
    service: span.service,
    name: span.name,
    resource: span.resource,
    type: span.type,
    kind: kindName(span.kind) as ApiSpan["kind"],
    status: span.status,
    startMs: startMsOf(span),
    durationMs: durationMsOf(span),
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: (span.startTimeUnixNano + span.durationNano).toString(),
    error: span.error,
    attributes: jsonOfAttributes(span.attributes),
    events: span.events.map(({ timeUnixNano, name, attributes }) => ({
      timeMs: msOf(timeUnixNano),
      timeUnixNano: timeUnixNano.toString(),
      name,
      attributes: jsonOfAttributes(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: jsonOfAttributes(attributes),
    })),
  };
}

export function viewOfLog(log: ReceivedLog, sequence: number): ApiLog {
  const { source, logGroup, logStream, functionName } = log.origin;
  return {
    sequence,
    timeMs: msOf(log.timeUnixNano),
    timeUnixNano: log.timeUnixNano.toString(),
    severity: log.severity,
    message: log.body,
    service: log.service,
    traceId: log.traceId,
    spanId: log.spanId,
    requestId: log.requestId,
    source,
    logGroup,
    logStream,
    functionName,
    attributes: { ...fieldsOf(log.body), ...jsonOfAttributes(log.attributes) },
  };
}

export function viewOfTrace(trace: HeldTrace): ApiTrace {
  const { traceId, spans } = receivedTrace(trace);
  const { services, selfTimesMs, criticalPath } = traceTimes(spans);
  const total = services.reduce((sum, { selfTimeMs }) => sum + selfTimeMs, 0);
  const extent = extentOf(spans);
  return {
    traceId,
    traceIdDecimal: decimal(lowHalf(traceId)),
    ...extent,
    status: statusOf(spans),
    services: services.map(({ service, selfTimeMs }) => {
      const own = spans.filter((span) => span.service === service);
      const errors = own.filter(({ error }) => error).length;
      return { service, selfTimeMs, share: total > 0 ? selfTimeMs / total : 0, spans: own.length, errors };
    }),
    criticalPath,
    spans: spans.map(
      (span): ApiTraceSpan => ({
        ...viewOfSpan(span),
        resourceAttributes: jsonOfAttributes(span.origin.attributes),
        scope: span.origin.scope,
        selfTimeMs: selfTimesMs.get(span.spanId) ?? 0,
      }),
    ),
    logs: [...trace.logs]
      .sort((a, b) =>
        a.log.timeUnixNano < b.log.timeUnixNano
          ? -1
          : a.log.timeUnixNano > b.log.timeUnixNano
            ? 1
            : a.sequence - b.sequence,
      )
      .map(({ log, sequence }) => viewOfLog({ ...log, traceId }, sequence)),
  };
}

/** @param span the one that is told of */
export function viewOfSummary({ traceId, spans, logs }: HeldTrace, span: ReceivedSpan): ApiTraceSummary {
  return {
    traceId,
    spanId: span.spanId,
    service: span.service,
    name: span.name,
    resource: span.resource,
    status: span.status,
    startMs: startMsOf(span),
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    durationMs: durationMsOf(span),
    spans: spans.length,
    logs: logs.length,
    errors: spans.filter(({ error }) => error).length,
    services: [...new Set(spans.map(({ service }) => service))].sort(),
  };
}

export function viewOfFunction(totals: FunctionTotals): ApiFunction {
  const { durationsMs, initDurationsMs, ...told } = totals;
  return {
    ...told,
    errorRate: told.invocations > 0 ? Math.min(1, told.errors / told.invocations) : 0,
    duration: {
      p50Ms: percentile(durationsMs, 0.5),
      p95Ms: percentile(durationsMs, 0.95),
      p99Ms: percentile(durationsMs, 0.99),
      maxMs: durationsMs.at(-1) ?? 0,
    },
    initDuration: { p50Ms: percentile(initDurationsMs, 0.5), maxMs: initDurationsMs.at(-1) ?? 0 },
  };
}

function extentOf(spans: ReceivedSpan[]): { startMs: number; durationMs: number } {
  let start: bigint | undefined;
  let end = 0n;
  for (const { startTimeUnixNano, durationNano } of spans) {
    if (start === undefined || startTimeUnixNano < start) start = startTimeUnixNano;
    if (startTimeUnixNano + durationNano > end) end = startTimeUnixNano + durationNano;
  }
  if (start === undefined) return { startMs: 0, durationMs: 0 };
  return { startMs: msOf(start), durationMs: Number(end - start) / 1e6 };
}

/** Of a trace: its root's, as errors below it may have been dealt with. */
function statusOf(spans: ReceivedSpan[]): ApiStatus {
  return shapeOf(spans).root?.status ?? "unset";
}

/** @param sorted in ascending order */
function percentile(sorted: number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
