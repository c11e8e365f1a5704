/**
 * The registry of destinations whose items can be taken out of a stored body: one entry each. What is here is needed only
 * where something was stored, so it is imported by what is loaded then.
 */
import type { Span } from "../telemetry.ts";
import { archiveItemsIn } from "./archive-items.ts";
import { inTime, logOf, logsIn, retried } from "./datadog-stored-logs.ts";
import { leftMetric, seriesIn } from "./datadog-stored-metrics.ts";
import { tracerPayloadsIn, tracesOf } from "./datadog-stored-traces.ts";
import { joinedOtlpLogs, otlpLogsIn, otlpTracesIn } from "./otlp-stored.ts";
import { resourceMetricsIn } from "./otlp-stored-metrics.ts";

export interface StoredItems {
  /** `Destination.form`, or its name. */
  destination: string;
  /**
   * The items of a body, in order. Joined in the framing of the destination, as the same version writes it, they are the
   * body again, byte for byte. They share the body's memory.
   *
   * Only where items begin and end is looked at, so that one that the intake refuses can be told from its neighbours.
   *
   * @throws {Error} when that cannot be told: the body is kept for a person
   */
  itemsIn(body: Uint8Array): Uint8Array[];
  /** A body of items, where they are not just joined in the framing of the destination: those of groups bring theirs. */
  join?(items: readonly Uint8Array[]): Uint8Array;
  /**
   * @param elements of the array that a Datadog Forwarder stored
   * @param changeSpan for every span of them
   * @throws {RangeError} when one is nested deeper than can be written again: the object is kept as it is
   */
  leftBehind(elements: readonly unknown[], changeSpan: (span: Span) => Span): LeftBehindItems;
  /**
   * The item with a time that the intake takes: itself, when it has one already.
   *
   * @param item one of `itemsIn` or `leftBehind`
   */
  inTime(item: Uint8Array, nowUnixMs: number): Uint8Array;
  /** The item with the mark that it was sent again, once; itself where items have none. */
  retried(item: Uint8Array): Uint8Array;
}

/** What a Datadog Forwarder left behind, in order. */
export interface LeftBehindItems {
  items: Uint8Array[];
  /** The elements that are no items, each as JSON: joined to an array they can be kept for a person. */
  unreadable: Uint8Array[];
}

/** A Datadog Forwarder left nothing behind for them, and neither OpenTelemetry's backends nor S3 limit age or have a mark. */
const ofOtlp = { leftBehind: leftBehindAs(() => undefined), inTime: itself, retried: itself };

const ALL: readonly StoredItems[] = [
  { destination: "datadog-logs", itemsIn: logsIn, leftBehind: leftBehindAs(logOf), inTime, retried },
  {
    destination: "datadog-traces",
    itemsIn: tracerPayloadsIn,
    leftBehind: leftBehindAs(tracesOf),
    // Another time would tear a span from its trace.
    inTime: (item) => item,
    retried: (item) => item,
  },
  {
    destination: "datadog-metrics",
    itemsIn: seriesIn,
    leftBehind: leftBehindAs(leftMetric),
    // A point at another time would be a wrong one.
    inTime: (item) => item,
    retried: (item) => item,
  },
  { destination: "otlp-logs", itemsIn: otlpLogsIn, join: joinedOtlpLogs, ...ofOtlp },
  { destination: "otlp-traces", itemsIn: otlpTracesIn, ...ofOtlp },
  { destination: "otlp-metrics", itemsIn: resourceMetricsIn, ...ofOtlp },
  { destination: "archive-logs", itemsIn: archiveItemsIn, ...ofOtlp },
  { destination: "archive-traces", itemsIn: archiveItemsIn, ...ofOtlp },
];

/**
 * @param destination `Destination.form`, or its name
 * @throws {Error} when it is no destination of this version
 */
export function storedItemsOf(destination: string): StoredItems {
  const found = ALL.find((items) => items.destination === destination);
  if (!found) throw new Error(`nothing is known of the items of ${destination}`);
  return found;
}

function itself(item: Uint8Array): Uint8Array {
  return item;
}

function leftBehindAs(
  itemOf: (element: unknown, changeSpan: (span: Span) => Span) => Uint8Array | undefined,
): StoredItems["leftBehind"] {
  return (elements, changeSpan) => {
    const items: Uint8Array[] = [];
    const unreadable: Uint8Array[] = [];
    for (const element of elements) {
      const item = itemOf(element, changeSpan);
      if (item) items.push(item);
      else unreadable.push(Buffer.from(JSON.stringify(element)));
    }
    return { items, unreadable };
  };
}
