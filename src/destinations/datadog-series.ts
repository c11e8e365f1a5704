import type { Metric } from "../telemetry.ts";

/** A metric as an item of Datadog's intake of distribution points. @param resourceTags follow its own */
export function metricItem({ name, points, tags }: Metric, resourceTags: readonly string[]): string {
  return JSON.stringify({
    metric: name,
    points: points.map(({ timeUnixSeconds, values }) => [timeUnixSeconds, values]),
    tags: [...tags, ...resourceTags],
    type: "distribution",
  });
}
