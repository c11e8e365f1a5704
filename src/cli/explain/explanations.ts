/** Runs the forwarder's own pipeline on an event, and tells of each log event what became of it. Nothing is sent. */
import type { Config } from "../../config.ts";
import type { Destination } from "../../destinations/destination.ts";
import { destinationsFor } from "../../destinations/index.ts";
import { messageIn } from "../../formats/message.ts";
import { loadTransforms } from "../../handlers/transforms.ts";
import { obfuscation, readTelemetry } from "../../pipeline.ts";
import { readEvent } from "../../sources/index.ts";
import type { Forwarder, LogEvent, LogEventBatch, Metric, ResourceTelemetry, Slice } from "../../telemetry.ts";
import { enhance } from "../../transforms/enhance.ts";
import { wholeRequests } from "../../transforms/request-boundary.ts";
import { loadFormats, whyLog, whyTraceLine } from "./classification.ts";
import type { Explanation, Sent } from "./explanation.ts";
import { itemsOf } from "./items.ts";
import { requestOf, traceOf } from "./links.ts";
import { originOf } from "./origin.ts";
import { type Watched, watched } from "./watched-transforms.ts";

const REASONS: Readonly<Record<string, string>> = {
  controlMessage: "CloudWatch Logs checks the subscription by it",
  ownLogGroup: "it is of the forwarder's own log group",
  forwarderLoop: "it is of a forwarder that forwards forwarders' logs",
};

/**
 * In the order of the log events.
 *
 * @throws {UnreadableEventError}
 */
export async function* explanationsOf(
  event: unknown,
  config: Config,
  forwarder: Forwarder,
): AsyncGenerator<Explanation> {
  await loadFormats();
  const { transforms, batches } = watched([obfuscation(config).telemetry, ...(await loadTransforms(config))]);
  const destinations = destinationsFor(config, forwarder);
  // The same parts, read beside the pipeline: it does not hand on the events themselves.
  const parts = readEvent(event, wholeRequests)[Symbol.asyncIterator]();
  let read = 0;
  for await (const reading of readTelemetry(event, forwarder, [], { transforms, source: config.source })) {
    const seen = batches.splice(0);
    const { value: part } = await parts.next();
    const reason = Object.keys(reading.dropped).find((name) => Object.hasOwn(REASONS, name)) ?? "";
    if (part.batches.length === 0 && part.events > 0) {
      yield droppedEvents(part.events, reason);
      read += part.events;
    }
    for (const batch of part.batches as LogEventBatch[]) {
      const isIt = seen[0] && isOf(seen[0].before, batch);
      const first = read + 1;
      if (isIt) {
        const after = reading.telemetry.shift() as ResourceTelemetry;
        yield* explained(batch, seen.shift() as Watched, after, first);
      } else {
        for (const [index, logEvent] of batch.logEvents.entries()) {
          yield {
            ...basis(batch, logEvent, first + index),
            kind: "dropped",
            leftOut: reason,
            why: [REASONS[reason] ?? reason],
          };
        }
      }
      read += batch.logEvents.length;
    }
  }

  async function* explained(
    batch: LogEventBatch,
    { before, changes, leftOut }: Watched,
    after: ResourceTelemetry,
    first: number,
  ): AsyncGenerator<Explanation> {
    const sent = await itemsOf(destinations, after);
    const logs = new Map(before.logs.map((log) => [log.index, log]));
    const sentLogs = new Map(after.logs.map((log) => [log.index, log]));
    const payloads = new Map(after.tracePayloads.map((payload) => [payload.index, payload]));
    const metricLines = before.metrics.filter(({ isLine }) => isLine);
    const numberOf = (index: number): number => first + index;
    for (const [index, logEvent] of batch.logEvents.entries()) {
      const base = { ...basis(batch, logEvent, numberOf(index)), changes: changes.get(index) ?? [] };
      const log = logs.get(index);
      const payload = payloads.get(index);
      if (payload) {
        const traces = payload.traces.map(({ traceId, spanCount, naming }) => {
          const requestIds = [...new Set(naming.map(({ requestId }) => requestId))];
          return { traceId, spans: spanCount, requestIds };
        });
        const why = whyTraceLine(logEvent, batch.slice, payload);
        yield { ...base, kind: "trace line", why, traces, sent: sent.get(payload) ?? [] };
      } else if (log) {
        const items = sent.get(sentLogs.get(index) ?? {}) ?? [];
        const derived = await derivedMetrics(destinations, { ...before, logs: [log] });
        yield {
          ...base,
          why: whyLog(logEvent, batch.slice, log),
          request: requestOf(log),
          trace: traceOf(log, before, numberOf),
          origin: originOf(before.resource, items[0]?.item, config),
          leftOut: leftOut.get(index) ?? (config.forwardLog ? "" : "DD_FORWARD_LOG=false"),
          sent: [...(config.forwardLog ? items : []), ...derived],
        };
      } else {
        const metric = metricLines.shift() as Metric;
        const why = [`a metric line: ${metric.name}`];
        yield { ...base, kind: "metric line", why, sent: sent.get(metric) ?? [] };
      }
    }
  }
}

/** The metrics that are made of one log, which stays a log. */
async function derivedMetrics(destinations: readonly Destination[], telemetry: ResourceTelemetry): Promise<Sent[]> {
  if (telemetry.resource.attributes["faas.name"] === undefined) return [];
  const { metrics } = await enhance({ ...telemetry, tracePayloads: [], metrics: [] });
  const items = await itemsOf(destinations, { ...telemetry, logs: [], tracePayloads: [], metrics });
  return [...items.values()].flat();
}

/** Whether some telemetry was made of a batch: both are slices of the same event. */
function isOf({ resource, slice }: ResourceTelemetry, { logGroup, logStream, slice: own }: LogEventBatch): boolean {
  const { attributes } = resource;
  return (
    attributes["aws.log.group.names"] === logGroup &&
    attributes["aws.log.stream.names"] === logStream &&
    slice.text === own.text
  );
}

function droppedEvents(events: number, reason: string): Explanation {
  const why = [REASONS[reason] ?? reason];
  return { ...nothing(), kind: "dropped", message: `(${events} log events)`, leftOut: reason, why };
}

function basis({ logGroup, logStream, owner, slice }: LogEventBatch, logEvent: LogEvent, event: number): Explanation {
  const { id, timestamp, message } = decodedEvent(logEvent, slice);
  return { ...nothing(), event, id, timestampUnixMs: timestamp, message, logGroup, logStream, owner };
}

/** Whoever made the event by hand may have made its message no JSON. */
function decodedEvent(event: LogEvent, slice: Slice): { id: string; timestamp: number | null; message: string } {
  const message = messageIn(event, slice);
  try {
    const { id, timestamp } = JSON.parse(`${slice.bytes.toString("utf8", event.start, event.end)}}`);
    return { id, timestamp, message };
  } catch {
    return { id: "", timestamp: null, message };
  }
}

function nothing(): Explanation {
  return {
    event: 0,
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
