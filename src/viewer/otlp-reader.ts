/**
 * OpenTelemetry's export requests as what the store keeps: of OTLP/JSON and of decoded protobuf messages alike, which have
 * the same names. An item that cannot be used is counted, and does not cost its neighbours.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { isJsonObject } from "../formats/json-object.ts";
import { spanIdFromHex, traceIdFromHex } from "../formats/trace-ids.ts";
import type { Attributes, SpanKind } from "../telemetry.ts";
import { attributesOfKeyValues, integerOf, textOfValue, valueOfOtlp } from "./any-value.ts";
import { textPool } from "./interned.ts";
import { requestIdOf, withoutNewlines } from "./lambda-line.ts";
import { originOf } from "./origin.ts";
import type { Origin, ReceivedEvent, ReceivedLink, ReceivedLog, ReceivedMetric, ReceivedSpan } from "./received.ts";
import { severityOfLevel, severityOfNumber, severityOfText } from "./severity.ts";
import { errorOf, resourceOf } from "./span-facts.ts";

export interface Read<Item> {
  items: Item[];
  rejected: number;
  /** Why the first of them was rejected; "" = none was. */
  problem: string;
}

const pooled = textPool();

/** @throws {Error} when it is no request of this kind at all */
export function readSpans(request: unknown): Read<ReceivedSpan> {
  return readItems(request, "resourceSpans", "scopeSpans", "spans", spanOf);
}

/** @param nowMs the time of logs that do not tell theirs @throws {Error} when it is no request of this kind at all */
export function readLogs(request: unknown, nowMs: number): Read<ReceivedLog> {
  return readItems(request, "resourceLogs", "scopeLogs", "logRecords", (record, origin) =>
    logOf(record, origin, nowMs),
  );
}

/** @throws {Error} when it is no request of this kind at all */
export function readMetrics(request: unknown): Read<ReceivedMetric> {
  return readItems(request, "resourceMetrics", "scopeMetrics", "metrics", metricOf);
}

type Fields = Record<string, unknown>;

/** @param read gives the item, or why it cannot be used */
function readItems<Item>(
  request: unknown,
  byResource: string,
  byScope: string,
  name: string,
  read: (item: Fields, origin: Origin) => Item | string,
): Read<Item> {
  const result: Read<Item> = { items: [], rejected: 0, problem: "" };
  for (const group of listIn(request, byResource)) {
    const resource = isJsonObject(group) && isJsonObject(group.resource) ? group.resource : {};
    const attributes = attributesOfKeyValues(resource.attributes);
    for (const scoped of listIn(group, byScope)) {
      const origin = originOf(attributes, scopeOf(scoped));
      for (const item of listIn(scoped, name)) {
        const taken = isJsonObject(item) ? read(item, origin) : `one of ${name} is no object`;
        if (typeof taken !== "string") {
          result.items.push(taken);
          continue;
        }
        result.rejected++;
        result.problem ||= taken;
      }
    }
  }
  return result;
}

/** @throws {Error} where something else stands in the list's place */
function listIn(parent: unknown, name: string): unknown[] {
  if (!isJsonObject(parent)) throw new Error(`${name} is not where it should be`);
  const list = parent[name] ?? [];
  if (!Array.isArray(list)) throw new Error(`${name} is not a list`);
  return list;
}

function scopeOf(scoped: unknown): Origin["scope"] {
  const scope = isJsonObject(scoped) && isJsonObject(scoped.scope) ? scoped.scope : {};
  return { name: textIn(scope.name), version: textIn(scope.version) };
}

function spanOf(span: Fields, origin: Origin): ReceivedSpan | string {
  const traceId = traceIdFromHex(hexOf(span.traceId));
  const spanId = spanIdFromHex(hexOf(span.spanId));
  if (!traceId || !spanId) return "a span has no trace id or no span id";
  const start = timeOf(span.startTimeUnixNano);
  const end = timeOf(span.endTimeUnixNano);
  if (start === undefined || end === undefined) return "a span has a time that is no time";
  const {
    "resource.name": named,
    "span.type": type,
    "service.name": service,
    ...attributes
  } = attributesOfKeyValues(span.attributes);
  const events = list(span.events).map(eventOf);
  const status = isJsonObject(span.status) ? span.status : {};
  const isError = status.code === 2;
  const name = pooled(textIn(span.name));
  return {
    traceId,
    spanId,
    parentId: spanIdFromHex(hexOf(span.parentSpanId)) ?? null,
    service: pooled(service === undefined ? origin.service : textOfValue(service)),
    name,
    resource: pooled(named === undefined ? resourceOf(name, attributes) : textOfValue(named)),
    type: pooled(textOfValue(type)),
    kind: kindOf(span.kind),
    status: isError ? "error" : status.code === 1 ? "ok" : "unset",
    startTimeUnixNano: start,
    durationNano: end > start ? end - start : 0n,
    error: isError ? errorOf(attributes, events, textIn(status.message)) : null,
    attributes: compact(attributes),
    origin,
    events,
    links: list(span.links)
      .map(linkOf)
      .filter((link) => link !== undefined),
  };
}

function eventOf(event: Fields): ReceivedEvent {
  return {
    timeUnixNano: timeOf(event.timeUnixNano) ?? 0n,
    name: pooled(textIn(event.name)),
    attributes: attributesOfKeyValues(event.attributes),
  };
}

function linkOf(link: Fields): ReceivedLink | undefined {
  const traceId = traceIdFromHex(hexOf(link.traceId));
  const spanId = spanIdFromHex(hexOf(link.spanId));
  return traceId && spanId ? { traceId, spanId, attributes: attributesOfKeyValues(link.attributes) } : undefined;
}

function logOf(record: Fields, origin: Origin, nowMs: number): ReceivedLog | string {
  const time = timeOf(record.timeUnixNano);
  const observed = timeOf(record.observedTimeUnixNano);
  if (time === undefined || observed === undefined) return "a log record has a time that is no time";
  const body = withoutNewlines(textOfValue(valueOfOtlp(record.body)));
  const {
    "faas.invocation_id": invocationId,
    "service.name": service,
    ...attributes
  } = attributesOfKeyValues(record.attributes);
  const eventName = textIn(record.eventName);
  return {
    traceId: traceIdFromHex(hexOf(record.traceId)) ?? null,
    spanId: spanIdFromHex(hexOf(record.spanId)) ?? null,
    service: pooled(service === undefined ? origin.service : textOfValue(service)),
    body,
    timeUnixNano: time || observed || BigInt(Math.trunc(nowMs)) * 1_000_000n,
    severity: severityOfNumber(record.severityNumber) || severityOfLevel(record.severityText) || severityOfText(body),
    requestId: textOfValue(invocationId).toLowerCase() || requestIdOf(body, undefined),
    attributes: compact(eventName === "" ? attributes : { ...attributes, "event.name": eventName }),
    origin,
  };
}

function metricOf(metric: Fields, { service }: Origin): ReceivedMetric | string {
  const name = textIn(metric.name);
  if (name === "") return "a metric has no name";
  const type = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"].find((key) =>
    isJsonObject(metric[key]),
  );
  if (type === undefined) return "a metric has no points";
  const points = list((metric[type] as Fields).dataPoints)
    .map((point) => ({ value: numberOf(point), tags: tagsOf(point, service) }))
    .filter(({ value }) => Number.isFinite(value));
  return { name, unit: textIn(metric.unit), type, points };
}

function tagsOf({ attributes }: Fields, service: string): string[] {
  const own = Object.entries(attributesOfKeyValues(attributes)).map(([key, value]) => `${key}:${textOfValue(value)}`);
  return service === "" ? own : [`service.name:${service}`, ...own];
}

function numberOf(point: Fields): number {
  // A decoded message has a default for what was not said.
  if (Object.hasOwn(point, "asInt")) return Number(integerOf(point.asInt) ?? Number.NaN);
  if (Object.hasOwn(point, "asDouble")) return typeof point.asDouble === "number" ? point.asDouble : Number.NaN;
  const count = Number(integerOf(point.count) ?? 0n);
  return count > 0 && typeof point.sum === "number" ? point.sum / count : Number.NaN;
}

/** OTLP/JSON has ids as hex digits. */
function hexOf(id: unknown): string {
  if (typeof id === "string") return id;
  return id instanceof Uint8Array ? Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("hex") : "";
}

/** Nanoseconds; 0 where nothing is said; undefined where something else is. */
function timeOf(value: unknown): bigint | undefined {
  const time = value === undefined || value === "" ? 0n : integerOf(value);
  return time !== undefined && time >= 0n && time < 2n ** 64n ? time : undefined;
}

function kindOf(kind: unknown): SpanKind {
  return typeof kind === "number" && [1, 2, 3, 4, 5].includes(kind) ? (kind as SpanKind) : 0;
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Texts that come again and again are kept once. */
function compact(attributes: Attributes): Attributes {
  for (const [key, value] of Object.entries(attributes)) if (typeof value === "string") attributes[key] = pooled(value);
  return attributes;
}
