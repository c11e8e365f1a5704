/** The registry of destinations: one import and one entry each. */
import type { Forwarder } from "../telemetry.ts";
import { type DatadogLogsSettings, datadogLogs } from "./datadog-logs.ts";
import { type DatadogMetricsSettings, datadogMetrics } from "./datadog-metrics.ts";
import { tagsOf } from "./datadog-tags.ts";
import { type DatadogTracesSettings, datadogTraces } from "./datadog-traces.ts";
import type { Destination } from "./destination.ts";
import type { OtlpDestinationSettings } from "./otlp-destinations.ts";

/** Datadog's. */
export function destinationsFor(
  settings: DatadogLogsSettings & DatadogTracesSettings & DatadogMetricsSettings,
  forwarder: Forwarder,
): Destination[] {
  return [
    datadogLogs(settings, forwarder),
    datadogTraces(settings, forwarder),
    datadogMetrics(settings, (resource) => tagsOf(resource, settings, forwarder, "").ddtags.split(",")),
  ];
}

/** Those of all backends that are configured; what one of them needs alone is loaded only with it. */
export async function allDestinationsFor(
  settings: Parameters<typeof destinationsFor>[0] & {
    sendsToDatadog: boolean;
    otlp: Omit<OtlpDestinationSettings, "tags"> | null;
  },
  forwarder: Forwarder,
): Promise<Destination[]> {
  const { sendsToDatadog, otlp, tags } = settings;
  const ofDatadog = sendsToDatadog ? destinationsFor(settings, forwarder) : [];
  if (!otlp) return ofDatadog;
  const { otlpDestinations } = await import("./otlp-destinations.ts");
  return [...ofDatadog, ...otlpDestinations({ ...otlp, tags }, forwarder)];
}
