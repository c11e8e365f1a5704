/** Trace payload lines as items of Datadog's trace intake. */
import type { ResourceTelemetry } from "../telemetry.ts";
import { NotableKeys } from "./datadog-notable-keys.ts";
import { notedSliceOf } from "./datadog-noted-slice.ts";
import { NotedTraces } from "./datadog-noted-traces.ts";
import { SpanAdditions } from "./datadog-span-additions.ts";
import { writeTracerPayload } from "./datadog-trace-objects.ts";
import { tracerPayloadsOf } from "./datadog-tracer-payload.ts";
import type { Items } from "./destination.ts";

/** What the last slice got; the slices of a log stream, and its deliveries, follow each other. */
let last = madeOf("");

/**
 * The items of a slice. Spans noted by position are copied from the bytes they came in; the result is the same as that of
 * their objects.
 *
 * @param tags those that a log of the resource gets: comma list of `name:value`
 */
export function itemsOf({ tracePayloads, slice }: ResourceTelemetry, tags: string): Items {
  if (last.tags !== tags) last = madeOf(tags);
  const { additions, keys } = last;
  const count = tracePayloads.length;
  const noted = notedSliceOf(tracePayloads, slice, additions.tags.service);
  if (!noted) {
    const lines = tracePayloads.map((payload) => payload.decode());
    const payloads = tracerPayloadsOf(lines, additions);
    return { count, write: (index, to) => writeTracerPayload(payloads[index] as (typeof payloads)[number], to) };
  }
  const writer = new NotedTraces(slice, noted, additions, keys);
  return {
    count,
    write(index, to) {
      const payload = tracePayloads[index] as (typeof tracePayloads)[number];
      writer.write(payload, noted.firstSpans[index] as number, to);
    },
  };
}

function madeOf(tags: string): { tags: string; additions: SpanAdditions; keys: NotableKeys } {
  const additions = new SpanAdditions(tags.split(","));
  return { tags, additions, keys: new NotableKeys(additions) };
}
