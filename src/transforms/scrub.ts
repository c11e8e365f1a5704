/**
 * Replaces what rules find in everything that somebody wrote: messages, the fields extracted from them, what spans say,
 * metric lines, and the names of log group and stream. Ids were read before, and what ties things together is left alone, so no link
 * is lost.
 */
import { messageOf } from "../formats/message.ts";
import type { LogContext, LogRecord, Metric, Resource, ResourceTelemetry, Slice, TracePayload } from "../telemetry.ts";
import { scrubJson } from "./scrub-json.ts";
import { scrubOtlpLog, scrubResourceSpans } from "./scrub-otlp.ts";
import { scrubTraces } from "./scrub-traces.ts";

export interface ScrubRule {
  /**
   * A cheap look at the text as it stands inside JSON, once or twice escaped, that may be wrong only in saying yes.
   */
  mayApply(escaped: string): boolean;
  /** The text without what the rule finds; the same text where it finds nothing. */
  apply(text: string): string;
}

const SCRUBBED_ATTRIBUTES = ["aws.log.group.names", "aws.log.stream.names", "faas.instance"];

/** @param rules in the order in which they are applied */
export function scrub(rules: readonly ScrubRule[]) {
  // One object for all slices of a resource, as it was before.
  const resources = new WeakMap<Resource, Resource>();
  const apply = (text: string): string => applyAll(rules, text);
  return (telemetry: ResourceTelemetry): ResourceTelemetry => {
    const resource = resources.get(telemetry.resource) ?? scrubResource(telemetry.resource, rules);
    resources.set(telemetry.resource, resource);
    const { slice, logs } = telemetry;
    const names = new Map<LogContext, LogContext>();
    for (const record of logs) {
      if (record.otlp) Object.assign(record, scrubOtlpLog(record.otlp, apply));
      else scrubMessage(record, slice, rules, resource.hasObjects);
      if (record.context) record.context = scrubNames(record.context, names, apply);
    }
    const tracePayloads = telemetry.tracePayloads.map((payload) => scrubPayload(payload, slice, rules));
    const metrics = telemetry.metrics.map((metric) => (metric.isLine ? scrubMetric(metric, apply) : metric));
    return { ...telemetry, resource, slice: scrubFields(logs, slice, rules), tracePayloads, metrics };
  };
}

function applyAll(rules: readonly ScrubRule[], text: string): string {
  let scrubbed = text;
  for (const rule of rules) scrubbed = rule.apply(scrubbed);
  return scrubbed;
}

function scrubResource(resource: Resource, rules: readonly ScrubRule[]): Resource {
  const attributes = { ...resource.attributes };
  let isChanged = false;
  for (const key of SCRUBBED_ATTRIBUTES) {
    const name = attributes[key];
    if (name === undefined) continue;
    attributes[key] = applyAll(rules, name);
    isChanged ||= attributes[key] !== name;
  }
  return isChanged ? { ...resource, attributes } : resource;
}

/** @param isObject its texts are seen one by one, and then the whole, which may be no JSON any more after that */
function scrubMessage(record: LogRecord, slice: Slice, rules: readonly ScrubRule[], isObject?: boolean): void {
  const mayApply = record.body !== null || rules.some(lookAt(slice, record.message, record.messageEnd));
  if (!mayApply) return;
  const message = messageOf(record, slice);
  const byText = isObject ? scrubJson(message, (text) => applyAll(rules, text)) : message;
  const scrubbed = applyAll(rules, byText);
  if (scrubbed !== message) record.body = scrubbed;
}

/** What a line says of its service: in OpenTelemetry's terms it stands in the resource. */
function scrubNames(
  context: LogContext,
  known: Map<LogContext, LogContext>,
  apply: (text: string) => string,
): LogContext {
  if (!context.service && !context.env && !context.version) return context;
  const { service, env, version } = context;
  const scrubbed = known.get(context) ?? {
    ...context,
    service: apply(service),
    env: apply(env),
    version: apply(version),
  };
  known.set(context, scrubbed);
  return scrubbed;
}

function scrubMetric(metric: Metric, apply: (text: string) => string): Metric {
  return { ...metric, name: apply(metric.name), tags: metric.tags.map(apply) };
}

function lookAt({ text }: Slice, start: number, end: number): (rule: ScrubRule) => boolean {
  const escaped = text.slice(start, end);
  return (rule) => rule.mayApply(escaped);
}

/**
 * The fields that stand behind a message. A record with other fields than before is written anew behind the others, and
 * gets its new place.
 *
 * @returns the slice; longer when fields were changed
 */
function scrubFields(logs: LogRecord[], slice: Slice, rules: readonly ScrubRule[]): Slice {
  const added: Buffer[] = [];
  let length = slice.bytes.length;
  for (const record of logs) {
    const fieldsStart = record.messageEnd + 1;
    if (record.end <= fieldsStart || !rules.some(lookAt(slice, fieldsStart, record.end))) continue;
    const fields = slice.bytes.toString("utf8", fieldsStart, record.end);
    const scrubbed = scrubJson(fields, (text) => applyAll(rules, text));
    if (scrubbed === fields) continue;
    const event = Buffer.concat([slice.bytes.subarray(record.start, fieldsStart), Buffer.from(scrubbed)]);
    const shift = length - record.start;
    record.start += shift;
    record.message += shift;
    record.messageEnd += shift;
    record.end = length + event.length;
    length = record.end;
    added.push(event);
  }
  if (added.length === 0) return slice;
  const tail = Buffer.concat(added);
  return { bytes: Buffer.concat([slice.bytes, tail]), text: slice.text + tail.toString("latin1") };
}

/** Spans of which a rule changes nothing stay as they are noted. Those that are not noted may have been changed before. */
function scrubPayload(payload: TracePayload, slice: Slice, rules: readonly ScrubRule[]): TracePayload {
  const { table, message, messageEnd } = payload;
  if (table && message !== undefined && !rules.some(lookAt(slice, message, messageEnd as number))) return payload;
  const apply = (text: string): string => applyAll(rules, text);
  const resourceSpans = payload.resourceSpans && { resourceSpans: scrubResourceSpans(payload.resourceSpans, apply) };
  // Datadog's form says what the other does, and what follows from it: each is scrubbed once.
  const traces = scrubTraces(payload.decode(), apply);
  return traces
    ? { ...payload, ...resourceSpans, table: null, firstSpan: 0, decode: () => traces }
    : { ...payload, ...resourceSpans };
}
