/** The registry of destinations: one import and one entry each. */
import type { Forwarder } from "../telemetry.ts";
import { type DatadogLogsSettings, datadogLogs } from "./datadog-logs.ts";
import { type DatadogMetricsSettings, datadogMetrics } from "./datadog-metrics.ts";
import { tagsOf } from "./datadog-tags.ts";
import { type DatadogTracesSettings, datadogTraces } from "./datadog-traces.ts";
import type { Destination } from "./destination.ts";
import type { FurtherSettings } from "./further-destinations.ts";

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
  settings: Parameters<typeof destinationsFor>[0] & FurtherSettings & { sendsToDatadog: boolean },
  forwarder: Forwarder,
): Promise<Destination[]> {
  const { sendsToDatadog, otlp, destinations } = settings;
  const ofDatadog = sendsToDatadog ? destinationsFor(settings, forwarder) : [];
  if (!otlp && !destinations[0]) return ofDatadog;
  const { furtherDestinations } = await import("./further-destinations.ts");
  return [...ofDatadog, ...(await furtherDestinations(settings, forwarder, destinationsFor))];
}
