/** The verbs, in order: event → telemetry. Nothing here waits, sends or reads the environment. */
import { readEvent } from "./sources/index.ts";
import type { Forwarder, LogEventBatch, ResourceTelemetry } from "./telemetry.ts";
import { correlate } from "./transforms/correlate.ts";
import { parse } from "./transforms/parse.ts";
import { resourceOf } from "./transforms/resource.ts";
import { split } from "./transforms/split.ts";

/** What a Lambda event became, and how many log events it held. */
export interface Reading {
  events: number;
  /** Events that went no further, by reason. */
  dropped: Record<string, number>;
  telemetry: ResourceTelemetry[];
}

/**
 * @param event what Lambda handed over
 * @throws {UnreadableEventError}
 */
export function readTelemetry(event: unknown, forwarder: Forwarder): Reading {
  const { events, dropped, batches } = readEvent(event);
  // A forwarder that forwards its own log feeds itself.
  const isOwn = ({ logGroup }: LogEventBatch): boolean => logGroup === forwarder.logGroup;
  const own = batches.filter(isOwn).reduce((count, { logEvents }) => count + logEvents.length, 0);
  return {
    events,
    dropped: own > 0 ? { ...dropped, ownLogGroup: own } : dropped,
    telemetry: batches.filter((batch) => !isOwn(batch)).map((batch) => telemetryOf(batch, forwarder)),
  };
}

function telemetryOf(batch: LogEventBatch, forwarder: Forwarder): ResourceTelemetry {
  return correlate(parse(split(batch, resourceOf(batch, forwarder))));
}
