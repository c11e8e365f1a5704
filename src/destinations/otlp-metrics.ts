/**
 * Metrics over OTLP/HTTP. An item is one metric with its resource: one `ResourceMetrics`, which a request has any number of.
 *
 * Limits: the protocol names none below 64 MiB. 4 MiB is the least that receivers have as their default.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#otlphttp
 */
import type { GivenAttributes } from "../formats/otlp-resource.ts";
import type { Forwarder } from "../telemetry.ts";
import type { Destination, Items } from "./destination.ts";
import { otlpOutcome } from "./otlp-outcome.ts";
import { OTLP_HEADERS, type OtlpSettings } from "./otlp-settings.ts";

type MetricWriter = typeof import("./otlp-metric-items.ts");

/** Loaded by the first delivery with a metric. */
let writer: MetricWriter | undefined;

const NO_ITEMS: Items = { count: 0, write: () => undefined };

/** @param forwarder what the metrics come from, as their instrumentation scope */
export function otlpMetrics(
  { name, backend, url, protocol }: OtlpSettings,
  given: GivenAttributes,
  forwarder: Forwarder,
): Destination {
  const isJson = protocol === "http/json";
  const [opening, separator, closing] = isJson ? ['{"resourceMetrics":[', ",", "]}"] : ["", "", ""];
  return {
    name,
    backend,
    kind: "metrics",
    url,
    headers: OTLP_HEADERS[protocol],
    limits: { maxItems: Number.POSITIVE_INFINITY, maxBytes: 4 * 1024 * 1024 },
    framing: { opening: Buffer.from(opening), separator: Buffer.from(separator), closing: Buffer.from(closing) },
    prepare: ({ metrics }) => (writer || metrics.length === 0 ? undefined : loadWriter()),
    encode: (telemetry) =>
      // Loaded by now, where there is a metric.
      telemetry.metrics.length === 0 ? NO_ITEMS : (writer as MetricWriter).itemsOf(telemetry, isJson, given, forwarder),
    outcome: otlpOutcome,
  };
}

async function loadWriter(): Promise<void> {
  writer ??= await import("./otlp-metric-items.ts");
}
