/** Small pictures of figures over time. The figures themselves stand beside them, or in their label. */
import { html } from "htm/preact";
import type { ApiPoint } from "../api-types.ts";
import { clockText, countOf, durationText } from "./units.ts";

const WIDTH = 3;

/** Requests as bars, their errors as the lower part of each. */
export function RequestBars({ series, height = 28, label }: { series: ApiPoint[]; height?: number; label: string }) {
  const most = Math.max(1, ...series.map(({ requests }) => requests));
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * (height - 1)));
  return html`<svg class="chart" viewBox=${`0 0 ${series.length * WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>
    <line class="ground" x1="0" x2=${series.length * WIDTH} y1=${height - 0.5} y2=${height - 0.5} />
    ${series.map(({ timeMs, requests, errors }, at) => {
      if (requests === 0) return null;
      const whole = heightOf(requests);
      const bad = Math.min(whole, heightOf(errors));
      return html`<g key=${timeMs}>
        <rect class="bar" x=${at * WIDTH} width=${WIDTH - 0.6} y=${height - whole} height=${whole - bad} />
        ${errors > 0 && html`<rect class="bar is-error" x=${at * WIDTH} width=${WIDTH - 0.6} y=${height - bad} height=${bad} />`}
        <title>${`${clockText(timeMs).slice(0, 8)}: ${countOf(requests, "request")}, ${countOf(errors, "error")}`}</title>
      </g>`;
    })}
  </svg>`;
}

/** The percentiles of each step, as a line for p95 and a band between p50 and p99. */
export function LatencyLine({ series, height = 28, label }: { series: ApiPoint[]; height?: number; label: string }) {
  const most = Math.max(1e-6, ...series.map(({ p99Ms }) => p99Ms));
  const y = (ms: number) => (height - 1.5 - (ms / most) * (height - 3)).toFixed(2);
  return html`<svg class="chart" viewBox=${`0 0 ${series.length * WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>
    <line class="ground" x1="0" x2=${series.length * WIDTH} y1=${height - 0.5} y2=${height - 0.5} />
    ${series.map(({ timeMs, requests, p50Ms, p95Ms, p99Ms }, at) => {
      if (requests === 0) return null;
      const top = Number(y(p99Ms));
      return html`<g key=${timeMs}>
        <rect class="band" x=${at * WIDTH} width=${WIDTH} y=${top} height=${Math.max(1, Number(y(p50Ms)) - top)} />
        <title>${`${clockText(timeMs).slice(0, 8)}: p50 ${durationText(p50Ms)}, p95 ${durationText(p95Ms)}, p99 ${durationText(p99Ms)}`}</title>
      </g>`;
    })}
    <path class="line" d=${line(series, y)} />
  </svg>`;
}

/** From point to point; steps without requests are gaps, and a point between two gaps is a dot. */
function line(series: ApiPoint[], y: (ms: number) => string): string {
  return series
    .map(({ requests, p95Ms }, at) => {
      if (requests === 0) return "";
      const isBegun = at > 0 && (series[at - 1]?.requests ?? 0) > 0;
      const place = `${(at + 0.5) * WIDTH},${y(p95Ms)}`;
      return isBegun ? `L${place}` : `M${place}h0.01`;
    })
    .join("");
}
