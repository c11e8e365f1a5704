/** The registry of destinations: one import and one entry each. */
import type { Forwarder } from "../telemetry.ts";
import { type DatadogLogsSettings, datadogLogs } from "./datadog-logs.ts";
import { type DatadogMetricsSettings, datadogMetrics } from "./datadog-metrics.ts";
import { tagsOf } from "./datadog-tags.ts";
import { type DatadogTracesSettings, datadogTraces } from "./datadog-traces.ts";
import type { Destination } from "./destination.ts";

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
