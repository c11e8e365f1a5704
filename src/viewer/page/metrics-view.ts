import { html } from "htm/preact";
import type { ApiMetricFigures, ApiMetricSeries, ApiMetrics } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { Crumbs, Heading, Moment, Name, Waiting } from "./parts.ts";
import { askedOf, hrefOf, type Route } from "./route.ts";
import { type Column, SortedTable } from "./sorted-table.ts";
import { clockText, countOf, countText, figureText } from "./units.ts";

type Metric = ApiMetrics["metrics"][number];

/** What metrics came, and of one of them each set of tags. */
export function MetricsView({ route }: { route: Route }) {
  const { name } = route.given;
  return name === undefined ? html`<${AllMetrics} />` : html`<${OneMetric} name=${name} />`;
}

function AllMetrics() {
  const asked = useAnswer<ApiMetrics>("/api/metrics", 2_000);
  const { answer } = asked;
  return html`<${Heading} title="Metrics" />
    <${Waiting} asked=${asked} />
    ${answer?.metrics.length === 0 && html`<p class="notice">No metric has arrived. The forwarder makes some of Lambda's reports and sends those that functions print with Datadog's libraries; OpenTelemetry's come by <code>/v1/metrics</code>.</p>`}
    ${
      answer &&
      answer.metrics.length > 0 &&
      html`<${SortedTable}
      caption="Metrics since the start"
      by="Metric"
      items=${answer.metrics}
      keyOf=${({ name }: Metric) => name}
      columns=${[
        {
          name: "Metric",
          value: ({ name }: Metric) => name,
          show: ({ name }: Metric) => html`<a href=${hrefOf("metrics", { name })}><${Name} text=${name} /></a>`,
        },
        {
          name: "Tags",
          title: "The names of its tags, and how many sets of them there are",
          value: ({ tagNames }: Metric) => tagNames.join(" "),
          show: ({ tagNames, series }: Metric) =>
            html`<span class="tag-names">${namesText(tagNames)}</span>${tagNames.length > 0 && html` <span class="muted">${countOf(series, "set")}</span>`}`,
          isExtra: true,
        },
        ...figureColumns<Metric>(),
      ]} />
      <p class="muted">Since the start, ${countOf(answer.points, "point")}. Values are as they were sent, in units of whoever sent them.</p>`
    }`;
}

function OneMetric({ name }: { name: string }) {
  const asked = useAnswer<ApiMetrics>(askedOf("/api/metrics", { name }), 2_000);
  const { metrics: [metric] = [], named } = asked.answer ?? {};
  const common = commonTags(named?.series ?? []);
  return html`<${Crumbs} links=${[{ text: "Metrics", href: hrefOf("metrics") }]} />
    <${Heading} title=${name} />
    <${Waiting} asked=${asked} />
    ${metric && html`<p class="muted">${[metric.type, metric.unit, countOf(metric.points, "point")].filter(Boolean).join(", ")}, ${countOf(metric.series, "set")} of tags${common.length > 0 && ", of which all have:"}</p>`}
    ${common.length > 0 && html`<div class="common"><${Tags} tags=${common} /></div>`}
    ${
      named &&
      html`<${SortedTable}
      caption=${`${name}, by tags`}
      by="Points"
      items=${named.series}
      keyOf=${({ tags }: ApiMetricSeries) => JSON.stringify(tags)}
      columns=${[
        {
          name: "Tags",
          value: ({ tags }: ApiMetricSeries) => tags.join(" "),
          show: ({ tags }: ApiMetricSeries) => html`<${Tags} tags=${tags.filter((tag) => !common.includes(tag))} />`,
        },
        ...figureColumns<ApiMetricSeries>(),
      ]} />
      ${named.pointsLeftOut > 0 && html`<p class="muted">${countOf(named.pointsLeftOut, "point")} came with tags that are too many to be told apart here; ${metric?.name} has them in its sum.</p>`}`
    }`;
}

/** Those that tell nothing of the sets apart. */
function commonTags(series: readonly ApiMetricSeries[]): string[] {
  const [first, ...others] = series;
  if (!first || others.length === 0) return [];
  const sets = others.map(({ tags }) => new Set(tags));
  return first.tags.filter((tag) => sets.every((tags) => tags.has(tag)));
}

const MOST_NAMES = 6;

function namesText(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return html`<span class="muted">(no more)</span>`;
  return html`<ul class="tags">${tags.map((tag) => {
    const at = tag.indexOf(":");
    return at < 0
      ? html`<li key=${tag}>${tag}</li>`
      : html`<li key=${tag}><span class="muted">${tag.slice(0, at + 1)}</span>${tag.slice(at + 1)}</li>`;
  })}</ul>`;
}

function figureColumns<Item extends ApiMetricFigures>(): Column<Item>[] {
  const figure = (name: string, value: (item: Item) => number, isExtra = true): Column<Item> => ({
    ...{ name, value, isExtra },
    show: (item) => figureText(value(item)),
  });
  return [
    { name: "Points", value: ({ points }) => points, show: ({ points }) => countText(points) },
    figure("Sum", ({ sum }) => sum),
    figure("Average", ({ sum, points }) => sum / points),
    figure("Lowest", ({ min }) => min),
    figure("Highest", ({ max }) => max),
    figure("Last", ({ last }) => last, false),
    {
      name: "Came",
      title: "When the last point came",
      value: ({ lastReceivedAtMs }) => lastReceivedAtMs,
      show: ({ lastReceivedAtMs }) =>
        html`<${Moment} timeMs=${lastReceivedAtMs}>${clockText(lastReceivedAtMs).slice(0, 8)}<//>`,
      isExtra: true,
    },
  ];
}
