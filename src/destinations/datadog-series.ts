import type { Metric, MetricPoint } from "../telemetry.ts";

/**
 * A metric as an item of Datadog's intake of distribution points.
 *
 * @param resourceTags follow its own: `listed`
 */
export function metricItem({ name, points, tags }: Metric, resourceTags: string): string {
  const own = listed(tags);
  const all = own && resourceTags ? `${own},${resourceTags}` : own + resourceTags;
  return `{"metric":${JSON.stringify(name)},"points":[${pointItems(points)}],"tags":[${all}],"type":"distribution"}`;
}

/** Texts as they stand in a list of JSON. */
export function listed(texts: readonly string[]): string {
  return JSON.stringify(texts).slice(1, -1);
}

function pointItems(points: readonly MetricPoint[]): string {
  let items = "";
  for (const { timeUnixSeconds, values } of points) {
    if (items !== "") items += ",";
    items += `[${timeUnixSeconds},[${values[0]}`;
    for (let at = 1; at < values.length; at++) items += `,${values[at]}`;
    items += "]]";
  }
  return items;
}
