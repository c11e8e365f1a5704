/** Runs the forwarder's own pipeline on an event, and tells of each log event what became of it. Nothing is sent. */
import type { Config } from "../../config.ts";
import type { Destination } from "../../destinations/destination.ts";
import { allDestinationsFor } from "../../destinations/index.ts";
import { messageIn } from "../../formats/message.ts";
import { loadTransforms } from "../../handlers/transforms.ts";
import { obfuscation, readTelemetry } from "../../pipeline.ts";
import { readEvent } from "../../sources/index.ts";
import type { LoadReach, Part } from "../../sources/source.ts";
import type {
  Forwarder,
  LogEvent,
  LogEventBatch,
  LogRecord,
  ResourceTelemetry,
  Slice,
  TracePayload,
} from "../../telemetry.ts";
import { enhance } from "../../transforms/enhance.ts";
import { wholeRequests } from "../../transforms/request-boundary.ts";
import { isMetricLine, loadFormats, whyDropped, whyLog, whyTraceLine } from "./classification.ts";
import type { Explanation, Sent } from "./explanation.ts";
import { itemsOf } from "./items.ts";
import { requestOf, traceOf } from "./links.ts";
import { originOf } from "./origin.ts";
import { type Watched, watched } from "./watched-transforms.ts";

const REASONS: Readonly<Record<string, string>> = {
  controlMessage: "CloudWatch Logs checks the subscription by it",
  noNewObject: "it tells of no new object",
  header: "it says what stands in the other lines, and no more",
  emptyRecord: "it is a record of Kafka that deletes others",
  ownLogGroup: "it is of the forwarder's own log group",
  forwarderLoop: "it is of a forwarder that forwards forwarders' logs",
  unfinishedSpan: "the span has not ended: it is written again when it has",
  joinedLine: "it goes on with the line before it, or its parts are explained with it",
  unreadableOtlp: "its payload cannot be read, and the headers beside it must not leave",
};

/** An event whose log waits for what later slices tell of its request. */
interface Waiting {
  base: Explanation;
  batch: LogEventBatch;
  logEvent: LogEvent;
}

/**
 * In the order of the log events.
 *
 * @throws {UnreadableEventError}
 */
export async function* explanationsOf(
  event: unknown,
  config: Config,
  forwarder: Forwarder,
  loadReach?: LoadReach,
): AsyncGenerator<Explanation> {
  await loadFormats();
  const { transforms, batches } = watched([obfuscation(config).telemetry, ...(await loadTransforms(config))]);
  const destinations = await allDestinationsFor(readable(config), forwarder);
  // The same parts, read beside the pipeline: it does not hand on the events themselves.
  const parts = readEvent(event, wholeRequests, loadReach)[Symbol.asyncIterator]();
  /** From the first event that waits on, in order. */
  const later: (Explanation[] | Waiting)[] = [];
  let read = 0;
  const options = { transforms, source: config.source, loadReach };
  for await (const reading of readTelemetry(event, forwarder, [], options)) {
    const seen = batches.splice(0);
    const { value: part, done } = (await parts.next()) as IteratorResult<Part>;
    if (done) {
      await explainWaiting(seen, reading.telemetry);
      break;
    }
    const reason = Object.keys(reading.dropped).find((name) => Object.hasOwn(REASONS, name)) ?? "";
    const explanations: (Explanation[] | Waiting)[] = [];
    // Those that its source left out stand in no batch.
    const leftOut = part.events - part.batches.reduce((sum, { logEvents }) => sum + logEvents.length, 0);
    if (leftOut > 0) {
      explanations.push([droppedEvents(leftOut, reason)]);
      read += leftOut;
    }
    for (const batch of part.batches) {
      const own = seen[0] && isOf(seen[0].before, batch) ? seen.shift() : undefined;
      const after = own && reading.telemetry.shift();
      if (own && after) explanations.push(...(await explained(batch, own, after, read + 1)));
      else {
        for (const [index, logEvent] of batch.logEvents.entries()) {
          explanations.push([dropped(basis(batch, logEvent, read + 1 + index), reason)]);
        }
      }
      read += batch.logEvents.length;
    }
    for (const each of explanations) {
      if (later.length > 0 || !Array.isArray(each)) later.push(each);
      else yield* each;
    }
  }
  for (const each of later) if (Array.isArray(each)) yield* each;

  /** One for each log event, in order; several explanations where it became several logs. */
  async function explained(
    batch: LogEventBatch,
    seen: Watched,
    after: ResourceTelemetry,
    first: number,
  ): Promise<(Explanation[] | Waiting)[]> {
    const sent = await itemsOf(destinations, after);
    const { repaired = {} } = seen.before;
    const payloads = new Map<number, TracePayload[]>();
    for (const payload of after.tracePayloads.filter(({ isDerived }) => !isDerived)) {
      payloads.set(payload.index, [...(payloads.get(payload.index) ?? []), payload]);
    }
    const metricLines = after.metrics.filter(({ isLine }) => isLine);
    const logs = new Map<number, LogRecord[]>();
    for (const record of seen.records) logs.set(record.index, [...(logs.get(record.index) ?? []), record]);
    const numberOf = (index: number): number => first + index;
    const explanations: (Explanation[] | Waiting)[] = [];
    for (const [index, logEvent] of batch.logEvents.entries()) {
      const base = { ...basis(batch, logEvent, numberOf(index)), changes: seen.changes.get(index) ?? [] };
      const found = payloads.get(index);
      const dropReason = found || logs.has(index) ? "" : whyDropped(logEvent, batch.slice);
      if (found) {
        const ofTraces = found.map((payload): Explanation => {
          const traces = payload.traces.map(({ traceId, spanCount, naming }) => {
            const requestIds = [...new Set(naming.map(({ requestId }) => requestId))];
            return { traceId, spans: spanCount, requestIds };
          });
          const why = whyTraceLine(logEvent, batch.slice, payload);
          return {
            ...base,
            kind: "trace line",
            why,
            traces,
            leftOut: leftOutOf("traces"),
            sent: sent.get(payload) ?? [],
          };
        });
        const ofLogs = logs.has(index) ? await explainedLogs(base, logEvent, batch.slice, logs.get(index) ?? []) : [];
        explanations.push([...ofTraces, ...ofLogs]);
      } else if (logs.has(index)) {
        explanations.push(await explainedLogs(base, logEvent, batch.slice, logs.get(index) ?? []));
      } else if (dropReason) {
        explanations.push([dropped(base, dropReason)]);
      } else if (metricLines[0] && isMetricLine(logEvent, batch.slice)) {
        const metric = metricLines.shift() as (typeof metricLines)[number];
        const why = [`a metric line: ${metric.name}`];
        const leftOut = leftOutOf("metrics");
        explanations.push([{ ...base, kind: "metric line", why, leftOut, sent: sent.get(metric) ?? [] }]);
      } else if (Object.keys(repaired).length > 0) {
        explanations.push([dropped(base, "joinedLine")]);
      } else {
        explanations.push({ base, batch, logEvent });
      }
    }
    return explanations;

    async function explainedLogs(
      base: Explanation,
      logEvent: LogEvent,
      slice: Slice,
      records: LogRecord[],
    ): Promise<Explanation[]> {
      const made = after.tracePayloads.filter(
        ({ isDerived, index }) => isDerived && index === records[0]?.index && records[0]?.context?.platform,
      );
      const ofSpans = made.flatMap((payload) => sent.get(payload) ?? []);
      return Promise.all(
        records.map(async (record, position) => {
          const { before } = seen;
          const given = before.logs[seen.records.indexOf(record)] as LogRecord;
          const items = sent.get(record) ?? [];
          const derived = await derivedMetrics(destinations, { ...before, resource: after.resource, logs: [given] });
          const ofDatadog = items.find(({ destination }) => destination === "datadog-logs");
          return {
            ...base,
            log: records.length > 1 ? position + 1 : 0,
            logs: records.length,
            changes: [...base.changes, ...(seen.recordChanges.get(record) ?? [])],
            why: [
              ...whyLog(logEvent, slice, given, records.length),
              ...(made.length > 0 ? ["a span is made of it and the other lines of its request"] : []),
            ],
            request: requestOf(record),
            trace: traceOf(record, { ...before, logs: seen.records, tracePayloads: after.tracePayloads }, numberOf),
            origin: originOf(before.resource, ofDatadog?.item, config),
            leftOut: seen.leftOut.get(record) ?? leftOutOf("logs"),
            sent: [...(config.forwardLog ? items : []), ...(position === 0 ? [...derived, ...ofSpans] : [])],
          };
        }),
      );
    }
  }

  /** What the pipeline held back until the event was read, a slice for each stream. */
  async function explainWaiting(seen: Watched[], released: ResourceTelemetry[]): Promise<void> {
    for (const [at, own] of seen.entries()) {
      const after = released[at] as ResourceTelemetry;
      const sources = new Map(own.before.logs.map((log) => [textOf(log, own.before.slice), log.index]));
      for (const [place, waiting] of later.entries()) {
        if (Array.isArray(waiting)) continue;
        const { base, batch, logEvent } = waiting;
        const index = sources.get(textOf(logEvent, batch.slice));
        if (index === undefined) continue;
        const logEvents = own.before.logs.filter((log) => log.index === index);
        const alone = { ...batch, slice: own.before.slice, logEvents };
        const records = own.records.filter((record) => record.index === index);
        for (const record of records) record.index = 0;
        const only: Watched = { ...own, before: { ...own.before, logs: logEvents }, records };
        const [explanations] = await explained(alone, only, after, base.event);
        if (Array.isArray(explanations)) later[place] = explanations.map((it) => ({ ...it, event: base.event }));
      }
    }
  }

  /** Why nothing is sent of a kind of telemetry; "" = it is sent. */
  function leftOutOf(kind: Destination["kind"]): string {
    if (kind === "logs" && !config.forwardLog) return "DD_FORWARD_LOG=false";
    return destinations.some((destination) => destination.kind === kind) ? "" : `no endpoint for ${kind}`;
  }
}

/** OpenTelemetry's items in JSON, which says the same as protobuf. */
function readable(config: Config): Config {
  if (!config.otlp) return config;
  const signals = config.otlp.signals.map((signal) => ({ ...signal, protocol: "http/json" as const }));
  return { ...config, otlp: { ...config.otlp, signals } };
}

/** The metrics that are made of one log, which stays a log. */
async function derivedMetrics(destinations: readonly Destination[], telemetry: ResourceTelemetry): Promise<Sent[]> {
  if (telemetry.resource.attributes["faas.name"] === undefined) return [];
  const { metrics } = await enhance({ ...telemetry, tracePayloads: [], metrics: [] });
  const items = await itemsOf(destinations, { ...telemetry, logs: [], tracePayloads: [], metrics });
  return [...items.values()].flat();
}

/** Whether some telemetry was made of a batch: both are slices of the same event. */
function isOf(
  { resource, slice, repaired }: ResourceTelemetry,
  { logGroup, logStream, slice: own }: LogEventBatch,
): boolean {
  const { "aws.log.group.names": group = "", "aws.log.stream.names": stream = "" } = resource.attributes;
  // A slice with lines that were repaired is written anew.
  return group === logGroup && stream === logStream && (slice.text === own.text || repaired !== undefined);
}

/** The log event as it stands in its slice. */
function textOf({ start, end }: LogEvent, { text }: Slice): string {
  return text.slice(start, end);
}

function droppedEvents(events: number, reason: string): Explanation {
  return dropped({ ...nothing(), message: `(${events} log events)` }, reason);
}

function dropped(base: Explanation, reason: string): Explanation {
  return { ...base, kind: "dropped", leftOut: reason, why: [REASONS[reason] ?? reason] };
}

function basis({ logGroup, logStream, owner, slice }: LogEventBatch, logEvent: LogEvent, event: number): Explanation {
  const { id, timestamp, message } = decodedEvent(logEvent, slice);
  return { ...nothing(), event, id, timestampUnixMs: timestamp, message, logGroup, logStream, owner };
}

/** Whoever made the event by hand may have made its message no JSON. */
function decodedEvent(event: LogEvent, slice: Slice): { id: string; timestamp: number | null; message: string } {
  const message = messageIn(event, slice);
  try {
    const { id = "", timestamp = null } = JSON.parse(`${slice.bytes.toString("utf8", event.start, event.end)}}`);
    return { id, timestamp, message };
  } catch {
    return { id: "", timestamp: null, message };
  }
}

function nothing(): Explanation {
  return {
    event: 0,
    log: 0,
    logs: 0,
    id: "",
    timestampUnixMs: null,
    message: "",
    logGroup: "",
    logStream: "",
    owner: "",
    kind: "log",
    why: [],
    request: { is: null, by: "" },
    trace: { is: null, by: "" },
    traces: [],
    origin: null,
    changes: [],
    leftOut: "",
    sent: [],
  };
}
