/** The verbs, in order: event → telemetry. Nothing here sends or reads the environment. */
import { createSpanTable } from "./formats/span-table.ts";
import { readEvent } from "./sources/index.ts";
import type { Forwarder, LogEventBatch, Resource, ResourceTelemetry, SpanTable } from "./telemetry.ts";
import { correlate } from "./transforms/correlate.ts";
import { parse } from "./transforms/parse.ts";
import { wholeRequests } from "./transforms/request-boundary.ts";
import { resourceOf } from "./transforms/resource.ts";
import { split } from "./transforms/split.ts";

/** What a part of a Lambda event became, and how many log events it held. */
export interface Reading {
  events: number;
  /** Events that went no further, by reason. */
  dropped: Record<string, number>;
  telemetry: ResourceTelemetry[];
}

/**
 * Reads an event part by part, so that memory does not grow with it. A part is valid until the next is asked for.
 *
 * @param event what Lambda handed over
 * @param freeTables memory for spans that nobody uses; it stays with the process
 * @throws {UnreadableEventError}
 */
export async function* readTelemetry(
  event: unknown,
  forwarder: Forwarder,
  freeTables: SpanTable[],
): AsyncGenerator<Reading> {
  const resources = new Map<string, Resource>();
  const table = freeTables.pop() ?? createSpanTable();
  try {
    for await (const { events, dropped, batches } of readEvent(event, wholeRequests)) {
      const own = batches.filter(isOwn).reduce((count, { logEvents }) => count + logEvents.length, 0);
      yield {
        events,
        dropped: own > 0 ? { ...dropped, ownLogGroup: own } : dropped,
        telemetry: batches.filter((batch) => !isOwn(batch)).map(telemetryOf),
      };
    }
  } finally {
    freeTables.push(table);
  }

  /** A forwarder that forwards its own log feeds itself. */
  function isOwn({ logGroup }: LogEventBatch): boolean {
    return logGroup === forwarder.logGroup;
  }

  function telemetryOf(batch: LogEventBatch): ResourceTelemetry {
    const key = JSON.stringify([batch.owner, batch.logGroup, batch.logStream]);
    const resource = resources.get(key) ?? resourceOf(batch, forwarder);
    resources.set(key, resource);
    return understand(batch, resource, table);
  }
}

/**
 * What the log events of one slice are, each log tied to its request and trace.
 *
 * @param table takes the spans; what it held of a slice before is lost
 */
export function understand(batch: LogEventBatch, resource: Resource, table: SpanTable): ResourceTelemetry {
  return correlate(parse(split(batch, resource, table)));
}
