/** The registry of destinations by OpenTelemetry's protocol: one import and one entry each. Loaded only where one is configured. */
import type { Forwarder } from "../telemetry.ts";
import type { Destination } from "./destination.ts";
import { type OtlpLogSettings, otlpLogs } from "./otlp-logs.ts";
import { otlpMetrics } from "./otlp-metrics.ts";
import { MAX_ANSWER_BYTES } from "./otlp-outcome.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { otlpTraces } from "./otlp-traces.ts";

export interface OtlpDestinationSettings extends OtlpLogSettings {
  /** One for each kind of telemetry that is sent. */
  signals: readonly (Omit<OtlpSettings, "name"> & { signal: Destination["kind"]; timeoutMs: number })[];
}

export function otlpDestinations(settings: OtlpDestinationSettings, forwarder: Forwarder): Destination[] {
  const make: Record<Destination["kind"], (to: OtlpSettings) => Destination> = {
    logs: (to) => otlpLogs(to, settings, forwarder),
    traces: (to) => otlpTraces(to, settings),
    metrics: (to) => otlpMetrics(to, settings, forwarder),
  };
  return settings.signals.map(({ signal, timeoutMs, ...to }) => ({
    ...make[signal]({ ...to, name: `otlp-${signal}` }),
    timeoutMs,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  }));
}
