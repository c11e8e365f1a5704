/** What is held as OTLP/JSON lines, for a file that can be read again, here or anywhere else. */
import { keyValuesOf } from "./any-value.ts";
import type { Origin, ReceivedLog, ReceivedSpan } from "./received.ts";
import { SEVERITY_NUMBERS } from "./severity.ts";
import { resourceOf } from "./span-facts.ts";
import { type HeldLog, type HeldTrace, receivedTrace } from "./store.ts";

/** One line for each origin of spans, then one for each origin of logs; with their newlines. */
export function* linesOfTrace(trace: HeldTrace): Generator<string> {
  const { spans, logs } = receivedTrace(trace);
  for (const [origin, own] of byOrigin(spans)) yield spansLine(origin, own);
  for (const [origin, own] of byOrigin(logs)) yield logsLine(origin, own);
}

export function lineOfLog({ log }: HeldLog): string {
  return logsLine(log.origin, [log]);
}

function byOrigin<Item extends { origin: Origin }>(items: Item[]): Map<Origin, Item[]> {
  const groups = new Map<Origin, Item[]>();
  for (const item of items) {
    const group = groups.get(item.origin);
    if (group) group.push(item);
    else groups.set(item.origin, [item]);
  }
  return groups;
}

function spansLine(origin: Origin, spans: ReceivedSpan[]): string {
  const scopeSpans = [{ scope: origin.scope, spans: spans.map(otlpSpan) }];
  return `${JSON.stringify({ resourceSpans: [{ resource: resourceAt(origin), scopeSpans }] })}\n`;
}

function logsLine(origin: Origin, logs: ReceivedLog[]): string {
  const scopeLogs = [{ scope: origin.scope, logRecords: logs.map(otlpLog) }];
  return `${JSON.stringify({ resourceLogs: [{ resource: resourceAt(origin), scopeLogs }] })}\n`;
}

function resourceAt({ attributes }: Origin): object {
  return { attributes: keyValuesOf(attributes) };
}

function otlpSpan(span: ReceivedSpan): object {
  const { name, resource, type, service, origin, attributes, error } = span;
  // What a reader could not tell otherwise.
  const said = {
    ...attributes,
    ...(resource !== resourceOf(name, attributes) && { "resource.name": resource }),
    ...(type !== "" && { "span.type": type }),
    ...(service !== origin.service && { "service.name": service }),
  };
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== null && { parentSpanId: span.parentId }),
    name,
    kind: span.kind,
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: (span.startTimeUnixNano + span.durationNano).toString(),
    attributes: keyValuesOf(said),
    events: span.events.map((event) => ({
      timeUnixNano: event.timeUnixNano.toString(),
      name: event.name,
      attributes: keyValuesOf(event.attributes),
    })),
    links: span.links.map((link) => ({ ...link, attributes: keyValuesOf(link.attributes) })),
    status: { code: { unset: 0, ok: 1, error: 2 }[span.status], ...(error && { message: error.message }) },
  };
}

function otlpLog(log: ReceivedLog): object {
  const { attributes, origin, service, requestId } = log;
  const said = {
    ...attributes,
    ...(service !== origin.service && { "service.name": service }),
    ...(requestId !== "" && { "faas.invocation_id": requestId }),
  };
  return {
    timeUnixNano: log.timeUnixNano.toString(),
    severityNumber: SEVERITY_NUMBERS[log.severity],
    severityText: log.severity.toUpperCase(),
    body: { stringValue: log.body },
    attributes: keyValuesOf(said),
    ...(log.traceId !== null && { traceId: log.traceId }),
    ...(log.spanId !== null && { spanId: log.spanId }),
  };
}
