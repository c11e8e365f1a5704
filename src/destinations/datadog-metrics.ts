/**
 * Datadog's intake of distribution points. An item is one series: points of one metric with the same tags.
 *
 * Limits: none are documented for this path. 512,000 bytes are the least that was ever documented for metrics, so bodies
 * stay below them. Of encodings the intake takes deflate alone.
 *
 * @see https://docs.datadoghq.com/api/latest/metrics/#submit-distribution-points
 */
import type { Metric, Resource } from "../telemetry.ts";
import { datadogOutcome } from "./datadog-outcome.ts";
import { listed, metricItem } from "./datadog-series.ts";
import type { Destination } from "./destination.ts";

export interface DatadogMetricsSettings {
  site: string;
  /** "" for the site's own. */
  apiUrl: string;
  noSsl: boolean;
}

/** @param logTags the tags of a resource's logs, which its metric lines get too */
export function datadogMetrics(
  settings: DatadogMetricsSettings,
  logTags: (resource: Resource) => string[],
): Destination {
  /** Of the last resource: its slices follow each other. */
  let last: ResourceTags | undefined;
  const base = settings.apiUrl || `${settings.noSsl ? "http" : "https"}://api.${settings.site}`;
  return {
    name: "datadog-metrics",
    backend: "datadog",
    kind: "metrics",
    url: `${base}/api/v1/distribution_points`,
    headers: { "content-type": "application/json" },
    limits: { maxItems: Number.POSITIVE_INFINITY, maxBytes: 500_000 },
    encoding: "deflate",
    framing: { opening: Buffer.from('{"series":['), separator: Buffer.from(","), closing: Buffer.from("]}") },
    encode: ({ metrics, resource }) => {
      const tags = last?.resource === resource ? last : new ResourceTags(resource, logTags);
      last = tags;
      return {
        count: metrics.length,
        write: (index, to) => {
          const metric = metrics[index] as Metric;
          to.utf8(metricItem(metric, tags.of(metric)));
        },
      };
    },
    outcome: datadogOutcome,
  };
}

/** The tags that metrics get from their resource, as they stand in items. */
class ResourceTags {
  readonly resource: Resource;
  readonly #logTags: (resource: Resource) => string[];
  #ofLines: string | undefined;
  #ofFunction: string | undefined;

  constructor(resource: Resource, logTags: (resource: Resource) => string[]) {
    this.resource = resource;
    this.#logTags = logTags;
  }

  of({ isLine }: Metric): string {
    if (isLine) this.#ofLines ??= listed(lineTags(this.resource, this.#logTags));
    else this.#ofFunction ??= listed(ofFunctionTags(this.resource));
    return (isLine ? this.#ofLines : this.#ofFunction) ?? "";
  }
}

/** As the Datadog Forwarder adds them to metric lines. */
function lineTags(resource: Resource, logTags: (resource: Resource) => string[]): string[] {
  const functionArn = resource.attributes["cloud.resource_id"];
  return [...(functionArn ? [`function_arn:${functionArn}`] : []), ...logTags(resource)];
}

/** As the Datadog Forwarder adds them to metrics that it makes of a function's logs. */
function ofFunctionTags({ attributes, functionTags }: Resource): string[] {
  const account = attributes["cloud.account.id"];
  return [
    `region:${attributes["cloud.region"]}`,
    `account_id:${account}`,
    `aws_account:${account}`,
    `functionname:${attributes["faas.name"]}`,
    ...functionTags,
  ];
}
