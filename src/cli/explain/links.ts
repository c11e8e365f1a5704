/** By what a log is tied to its request and trace, found again from what the pipeline left behind. */
import { isSameTrace } from "../../formats/trace-ids.ts";
import type { Invocation, LinkMethod, LogRecord, ResourceTelemetry } from "../../telemetry.ts";
import type { Explanation } from "./explanation.ts";

/** Where the method says all of it. */
const EVIDENCE: Partial<Record<LinkMethod, string>> = {
  "span-time": "the innermost span of its request that was open when the line was written",
  remembered: "an earlier slice told the trace of its request",
  "function-span": "its request has no tracer, and its span was made of the platform's lines",
};

const PLATFORM = { start: "START", end: "END", report: "REPORT" } as const;

export function requestOf({ context, invocation }: LogRecord): Explanation["request"] {
  const requestId = invocation?.requestId;
  if (!requestId && context?.traceId) {
    return { is: null, by: "the line carries the ids of a trace that no request here is known to have" };
  }
  if (!requestId) {
    const by = context?.requestId
      ? `the line says ${context.requestId}, but nothing shows that this is the request that wrote it`
      : "the line names none, and stands in none that is surely the only one at that time";
    return { is: null, by };
  }
  if (context?.requestId !== requestId) return { is: { requestId }, by: "the line stands in that request" };
  if (context.platform) return { is: { requestId }, by: `Lambda's ${PLATFORM[context.platform]} line names it` };
  const by = context.isRequestIdCertain
    ? "the line names it, where the runtime or a Lambda library writes it"
    : "the line names it, and stands in that request";
  return { is: { requestId }, by };
}

/** @param numberOf the number of an event in the delivery, by its index in the slice */
export function traceOf(
  record: LogRecord,
  telemetry: ResourceTelemetry,
  numberOf: (index: number) => number,
): Explanation["trace"] {
  const { context, invocation } = record;
  if (context?.traceId) {
    const { traceId, spanId, isDatadog } = context;
    const by = `${record.linkMethod}: the line carries them, ${isDatadog ? "where Datadog finds them" : "in another spelling than Datadog's"}`;
    return { is: { traceId, spanId }, by };
  }
  if (!invocation) return { is: null, by: "the line carries no ids, and its request is not known" };
  const { traceId, spanId } = invocation;
  if (!traceId) return { is: null, by: whyNone(invocation, telemetry) };
  const { linkMethod } = record;
  const evidence = EVIDENCE[linkMethod] ?? evidenceOf(invocation, telemetry, numberOf);
  return { is: { traceId, spanId }, by: `${linkMethod}: ${evidence}` };
}

function evidenceOf(
  { requestId, traceId, spanId }: Invocation,
  { logs, tracePayloads }: ResourceTelemetry,
  numberOf: (index: number) => number,
): string {
  if (requestId === "") return "the line carries X-Ray's id, and belongs to no known request";
  for (const { traces, index } of tracePayloads) {
    for (const trace of traces.filter((it) => isSameTrace(it.traceId, traceId))) {
      const naming = trace.naming.filter((it) => it.requestId === requestId);
      const span = naming.find((it) => it.spanId === spanId) ?? naming[0];
      if (span) return `span ${span.spanId} (${span.name}) of event ${numberOf(index)} names the request`;
      if (trace.naming.length === 0)
        return `the only trace that was written during the request, in event ${numberOf(index)}`;
    }
  }
  const carrying = logs.find((log) => isOf(log, requestId) && isSameTrace(log.context?.traceId ?? "", traceId));
  if (carrying) return `all ids that the request's lines carry are this one's, as in event ${numberOf(carrying.index)}`;
  const xray = logs.find((log) => isOf(log, requestId) && log.context?.xrayTraceId === traceId);
  return xray ? `X-Ray's id, in event ${numberOf(xray.index)}` : "the request's other lines";
}

function whyNone({ requestId }: Invocation, { logs, tracePayloads }: ResourceTelemetry): string {
  const named = tracePayloads.flatMap(({ traces }) =>
    traces.filter(({ naming }) => naming.some((span) => span.requestId === requestId)),
  );
  // A log that carries the id of another trace than its request's is not said to be in it.
  const first = logs.findIndex((log) => isOf(log, requestId));
  const last = logs.findLastIndex((log) => isOf(log, requestId));
  const carried = logs.slice(first, last + 1).flatMap(({ context }) => context?.traceId ?? []);
  const candidates = new Set([...named.map(({ traceId }) => traceId), ...carried].filter(Boolean));
  return candidates.size > 1
    ? `${candidates.size} traces are possible, and a missing link is better than a wrong one`
    : "nothing that was written during its request tells a trace without doubt";
}

function isOf({ invocation }: LogRecord, requestId: string): boolean {
  return invocation?.requestId === requestId;
}
