/** Metrics as items of an OTLP request, in protobuf and in JSON. */
import { type GivenAttributes, resourceAttributesOf, scopeOfForwarder } from "../formats/otlp-resource.ts";
import type { Attributes, Forwarder, Metric, ResourceTelemetry } from "../telemetry.ts";
import type { Items } from "./destination.ts";
import { otlpMetricOf } from "./otlp-metric.ts";
import { jsonOfMetric } from "./otlp-metric-json.ts";
import { writeMetric } from "./otlp-metric-protobuf.ts";

export function itemsOf(
  { metrics, resource }: ResourceTelemetry,
  isJson: boolean,
  given: GivenAttributes,
  { version }: Forwarder,
): Items {
  const attributes: Attributes = resourceAttributesOf(resource, given);
  const scope = scopeOfForwarder(version);
  return {
    count: metrics.length,
    write: (index, to) => {
      const metric = otlpMetricOf(metrics[index] as Metric);
      if (isJson) to.utf8(jsonOfMetric(metric, attributes, scope));
      else writeMetric(metric, attributes, scope, to);
    },
  };
}
