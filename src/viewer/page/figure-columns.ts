/** The columns that services, resources and calls have in common. */
import { html } from "htm/preact";
import type { ApiFigures, ApiPoint } from "../api-types.ts";
import { LatencyLine, RequestBars } from "./charts.ts";
import type { Column } from "./sorted-table.ts";
import { countText, durationText, rateText, shareText } from "./units.ts";

export function figureColumns<Item extends ApiFigures>(): Column<Item>[] {
  return [
    { name: "Requests", value: ({ requests }) => requests, show: ({ requests }) => countText(requests) },
    {
      name: "Rate",
      value: ({ requestsPerSecond }) => requestsPerSecond,
      show: ({ requestsPerSecond }) => rateText(requestsPerSecond),
      isExtra: true,
    },
    {
      name: "Errors",
      title: "Share of the requests that ended with an error",
      value: ({ errorRate }) => errorRate,
      show: ({ errorRate }) => html`<span class=${errorRate > 0 ? "bad" : "muted"}>${shareText(errorRate)}</span>`,
    },
    {
      name: "p50",
      title: "Half of the requests took no longer",
      value: ({ p50Ms }) => p50Ms,
      show: ({ p50Ms }) => durationText(p50Ms),
      isExtra: true,
    },
    {
      name: "p95",
      title: "95 % of the requests took no longer",
      value: ({ p95Ms }) => p95Ms,
      show: ({ p95Ms }) => durationText(p95Ms),
    },
    {
      name: "p99",
      title: "99 % of the requests took no longer",
      value: ({ p99Ms }) => p99Ms,
      show: ({ p99Ms }) => durationText(p99Ms),
      isExtra: true,
    },
  ];
}

export function chartColumns<Item extends { name: string; series: ApiPoint[] }>(): Column<Item>[] {
  return [
    {
      name: "Requests and errors",
      value: () => "",
      show: ({ name, series }) =>
        html`<${RequestBars} series=${series} label=${`${name}: requests and errors of the last 15 minutes`} />`,
      isExtra: true,
      isPicture: true,
    },
    {
      name: "Latency",
      value: () => "",
      show: ({ name, series }) =>
        html`<${LatencyLine} series=${series} label=${`${name}: latency of the last 15 minutes`} />`,
      isExtra: true,
      isPicture: true,
    },
  ];
}
