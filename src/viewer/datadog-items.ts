import { isJsonObject } from "../formats/json-object.ts";
import { spanIdFromDatadog, traceIdFromDatadog, withHighHalf } from "../formats/trace-ids.ts";
import type { AnyValue, Attributes } from "../telemetry.ts";
import type { AgentPayload, AgentSpan, TraceChunk, TracerPayload } from "./agent-payload.ts";
import { attributesOfJson, integerOf } from "./any-value.ts";
import { textPool } from "./interned.ts";
import { requestIdOf, withoutNewlines } from "./lambda-line.ts";
import { linkOfLog } from "./log-link.ts";
import { originOf } from "./origin.ts";
import type { Origin, ReceivedEvent, ReceivedLink, ReceivedLog, ReceivedMetric, ReceivedSpan } from "./received.ts";
import { severityOfLevel, severityOfText } from "./severity.ts";
import { errorOf, kindOfDatadog } from "./span-facts.ts";

const pooled = textPool();

/** @throws {Error} when a span has no trace id or span id */
export function spansOf(payload: AgentPayload): ReceivedSpan[] {
  return payload.tracerPayloads.flatMap((tracer) => {
    const origins = new Map<string, Origin>();
    return tracer.chunks.flatMap((chunk) => {
      const highs = highHalves(chunk);
      return chunk.spans.map((span) => {
        const origin = origins.get(span.service) ?? originOfTracer(payload, tracer, span.service);
        origins.set(span.service, origin);
        return receivedSpan(span, highs.get(span.traceID) ?? unknownHigh, origin);
      });
    });
  });
}

/** @param nowMs the time of logs that do not tell theirs */
export function receivedLog(item: Record<string, unknown>, nowMs: number): ReceivedLog {
  const { dd, service, message } = item;
  const ddService = (dd as { service?: unknown } | null | undefined)?.service;
  const json = isJsonObject(message) ? message : jsonIn(message);
  const text = typeof message === "string" ? message : JSON.stringify(message ?? item);
  return {
    ...(linkOfLog({ dd, message: json ?? message }) ?? { traceId: null, spanId: null }),
    service: pooled(String(ddService ?? service ?? "")),
    body: withoutNewlines(text),
    timeUnixNano: timeOf(item.timestamp) ?? timeOf(item.date) ?? BigInt(Math.trunc(nowMs)) * 1_000_000n,
    severity:
      severityOfLevel(item.status) ||
      (json ? severityOfLevel(json.level ?? json.severity ?? json.status) : severityOfText(text)),
    requestId: requestIdOf(text, json),
    attributes: attributesOf(item),
    origin: originOfItem(item),
  };
}

/** Undefined where it is no series of points. */
export function receivedMetric(series: unknown): ReceivedMetric | undefined {
  if (!isJsonObject(series) || !Array.isArray(series.points)) return undefined;
  const values = series.points.flatMap((point) => (Array.isArray(point) ? [point[1]].flat() : []));
  const given = Array.isArray(series.tags) ? series.tags.filter((tag) => typeof tag === "string") : [];
  const tags = typeof series.host === "string" && series.host !== "" ? [`host:${series.host}`, ...given] : given;
  return {
    name: String(series.metric ?? ""),
    unit: "",
    type: typeof series.type === "string" ? series.type : "distribution",
    points: values.filter((value) => typeof value === "number").map((value) => ({ value, tags })),
  };
}

function receivedSpan(span: AgentSpan, high: string, origin: Origin): ReceivedSpan {
  const traceId = traceIdFromDatadog(span.traceID);
  const spanId = spanIdFromDatadog(span.spanID);
  if (!traceId || !spanId) throw new Error(`span "${span.name}" has no trace id or no span id`);
  const events = span.spanEvents.map(receivedEvent);
  const attributes = attributesOfSpan(span);
  return {
    traceId: withHighHalf(traceId, high),
    spanId,
    parentId: spanIdFromDatadog(span.parentID) ?? null,
    service: origin.service,
    name: pooled(span.name),
    resource: pooled(span.resource),
    type: pooled(span.type),
    kind: kindOfDatadog(span.meta["span.kind"] ?? "", span.type),
    status: span.error === 0 ? "unset" : "error",
    startTimeUnixNano: notNegative(span.start),
    durationNano: notNegative(span.duration),
    error: span.error === 0 ? null : errorOf(attributes, events, ""),
    attributes,
    origin,
    events,
    links: span.spanLinks.map(receivedLink).filter((link) => link !== undefined),
  };
}

function notNegative(decimal: string): bigint {
  return decimal.startsWith("-") ? 0n : BigInt(decimal);
}

/** Datadog's `metrics`, `meta` and structured meta together. */
function attributesOfSpan({ meta, metrics, metaStruct }: AgentSpan): Attributes {
  const entries: [string, AnyValue][] = Object.entries(metrics);
  for (const [key, value] of Object.entries(meta)) entries.push([key, pooled(value)]);
  // MessagePack, which nobody here looks into.
  for (const [key, value] of Object.entries(metaStruct ?? {})) entries.push([key, new Uint8Array(value)]);
  return Object.fromEntries(entries);
}

function receivedEvent({ timeUnixNano, name, attributes }: AgentSpan["spanEvents"][number]): ReceivedEvent {
  const values = Object.entries(attributes).map(([key, value]): [string, AnyValue] => [key, eventValueOf(value)]);
  return { timeUnixNano: BigInt(timeUnixNano), name, attributes: Object.fromEntries(values) };
}

/** Datadog's `AttributeAnyValue`, as protobufjs names its fields. */
function eventValueOf(value: Record<string, unknown>): AnyValue {
  switch (value.type) {
    case "STRING_VALUE":
      return String(value.stringValue);
    case "BOOL_VALUE":
      return value.boolValue === true;
    case "INT_VALUE":
      return integerOf(value.intValue) ?? null;
    case "DOUBLE_VALUE":
      return Number(value.doubleValue);
    default: {
      const { values = [] } = (value.arrayValue ?? {}) as { values?: Record<string, unknown>[] };
      return values.map(eventValueOf);
    }
  }
}

function receivedLink(link: AgentSpan["spanLinks"][number]): ReceivedLink | undefined {
  const traceId = traceIdFromDatadog(link.traceID);
  const spanId = spanIdFromDatadog(link.spanID);
  if (!traceId || !spanId) return undefined;
  const high = spanIdFromDatadog(link.traceIDHigh) ?? unknownHigh;
  return { traceId: withHighHalf(traceId, high), spanId, attributes: { ...link.attributes } };
}

const unknownHigh = "0".repeat(16);

/** For each trace id of a chunk the 16 hex digits of `_dd.p.tid`, which a tracer writes on the first span only. */
function highHalves({ spans, tags }: TraceChunk): Map<string, string> {
  const highs = new Map<string, string>();
  for (const { traceID, meta } of spans) {
    const high = meta["_dd.p.tid"] ?? tags["_dd.p.tid"];
    if (high !== undefined && /^[0-9a-fA-F]{16}$/.test(high)) highs.set(traceID, high.toLowerCase());
  }
  return highs;
}

function originOfTracer({ hostName, tags }: AgentPayload, tracer: TracerPayload, service: string): Origin {
  const named = {
    "service.name": service,
    "deployment.environment.name": tracer.env,
    "service.version": tracer.appVersion,
    "host.name": tracer.hostname || hostName,
    "telemetry.sdk.language": tracer.languageName,
    "process.runtime.version": tracer.languageVersion,
  };
  const said = Object.entries(named).filter(([, value]) => value !== "");
  const attributes = Object.fromEntries([...Object.entries(tags), ...Object.entries(tracer.tags), ...said]);
  return originOf(attributes, { name: "datadog", version: tracer.tracerVersion });
}

/** Keys of an item that stand elsewhere in the log. */
const TAKEN = new Set(["message", "dd", "service", "ddsource", "ddtags", "hostname", "host", "aws", "timestamp", "id"]);

function attributesOf(item: Record<string, unknown>): Attributes {
  const entries: [string, AnyValue][] = typeof item.id === "string" ? [["log.record.uid", item.id]] : [];
  for (const key of Object.keys(item)) {
    if (TAKEN.has(key)) continue;
    entries.push(...Object.entries(attributesOfJson({ [key]: item[key] })));
  }
  return Object.fromEntries(entries);
}

const MAX_ORIGINS = 2_000;
/** By all that it is made of: the logs of one stream come in many requests. */
let origins = new Map<string, Origin>();

function originOfItem({ service, ddsource, ddtags, hostname, host = hostname, aws }: Record<string, unknown>): Origin {
  const awslogs = (aws as { awslogs?: unknown } | null | undefined)?.awslogs;
  const { logGroup, logStream, owner } = (awslogs ?? {}) as Record<string, unknown>;
  const parts = [service, ddsource, host, logGroup, logStream, owner, ddtags].map((part) =>
    typeof part === "string" ? part : "",
  ) as [string, string, string, string, string, string, string];
  const key = parts.join("\n");
  const known = origins.get(key);
  if (known) return known;
  if (origins.size >= MAX_ORIGINS) origins = new Map();
  const [serviceName, source, hostName, group, stream, account, tags] = parts;
  const tagEntries = tags.split(",").filter(Boolean).map(tagEntry);
  const { functionname } = Object.fromEntries(tagEntries);
  const named: Record<string, string> = {
    "service.name": serviceName,
    ddsource: source,
    "host.name": hostName,
    "aws.log.group.names": group,
    "aws.log.stream.names": stream,
    "cloud.account.id": account,
    ...(functionname !== undefined && { "faas.name": functionname }),
  };
  const said = Object.entries(named).filter(([, value]) => value !== "");
  const origin = originOf(Object.fromEntries([...tagEntries, ...said]));
  origins.set(key, origin);
  return origin;
}

function tagEntry(tag: string): [string, string] {
  const colon = tag.indexOf(":");
  return colon < 0 ? [tag, ""] : [tag.slice(0, colon), tag.slice(colon + 1)];
}

function jsonIn(message: unknown): Record<string, unknown> | undefined {
  if (typeof message !== "string" || !message.startsWith("{")) return undefined;
  try {
    const json: unknown = JSON.parse(message);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds as a number or text, or a date as text. */
function timeOf(value: unknown): bigint | undefined {
  if (typeof value === "string" && value.length > 40) return undefined;
  const ms =
    typeof value === "number" ? value : typeof value === "string" ? Number(value) || Date.parse(value) : Number.NaN;
  // 9999 is the last year that people write.
  return ms > 0 && ms < 253_402_300_800_000 ? BigInt(Math.round(ms * 1000)) * 1000n : undefined;
}
