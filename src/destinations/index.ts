/** The registry of destinations: one import and one entry each. */
import type { Forwarder } from "../telemetry.ts";
import { type DatadogLogsSettings, datadogLogs } from "./datadog-logs.ts";
import { type DatadogTracesSettings, datadogTraces } from "./datadog-traces.ts";
import type { Destination } from "./destination.ts";

export function destinationsFor(
  settings: DatadogLogsSettings & DatadogTracesSettings,
  forwarder: Forwarder,
): Destination[] {
  return [datadogLogs(settings, forwarder), datadogTraces(settings, forwarder)];
}
