/** Adds the metrics that the logs of a Lambda function tell. The logs stay. */
import { mayBeTimeout, mayTellOutOfMemory } from "../formats/lambda-failure.ts";
import type { ResourceTelemetry } from "../telemetry.ts";

/** Loaded by the first report of a request. */
let maker: typeof import("./enhanced-metrics.ts") | undefined;

/** A cheap look that may be wrong only in saying yes. */
export function mayTellMetrics({ resource, slice, logs }: ResourceTelemetry): boolean {
  if (resource.attributes["faas.name"] === undefined) return false;
  for (const { context, message } of logs) {
    if (context?.platform === "report" || mayBeTimeout(slice.text, message)) return true;
  }
  return mayTellOutOfMemory(slice.text);
}

export async function enhance(telemetry: ResourceTelemetry): Promise<ResourceTelemetry> {
  maker ??= await import("./enhanced-metrics.ts");
  return { ...telemetry, metrics: [...telemetry.metrics, ...maker.enhancedMetrics(telemetry)] };
}
