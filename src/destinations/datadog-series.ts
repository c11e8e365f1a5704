import type { Metric, MetricPoint } from "../telemetry.ts";

/**
 * A metric as an item of Datadog's intake of distribution points.
 *
 * @param resourceTags follow its own: `listed`
 */
export function metricItem({ name, points, tags }: Metric, resourceTags: string): string {
  const own = listed(tags);
  const all = own && resourceTags ? `${own},${resourceTags}` : own + resourceTags;
  return `{"metric":${JSON.stringify(name)},"points":[${points.map(pointItem).join()}],"tags":[${all}],"type":"distribution"}`;
}

/** Texts as they stand in a list of JSON. */
export function listed(texts: readonly string[]): string {
  return JSON.stringify(texts).slice(1, -1);
}

function pointItem({ timeUnixSeconds, values }: MetricPoint): string {
  return `[${timeUnixSeconds},[${values.join()}]]`;
}
