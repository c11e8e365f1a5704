import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiPoint, ApiResources, ApiTraceSummary, ApiTraces } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { LatencyLine, RequestBars } from "./charts.ts";
import { Distribution } from "./distribution.ts";
import { OpenFile } from "./open-file.ts";
import { Crumbs, Heading, Moment, Service, Status, Waiting } from "./parts.ts";
import { requestName } from "./request-name.ts";
import { askedOf, hrefOf, type Route } from "./route.ts";
import { SearchBox } from "./search-box.ts";
import { SortedTable } from "./sorted-table.ts";
import { clockText, countOf, countText, durationText } from "./units.ts";
import { Welcome } from "./welcome.ts";

const PAGE = 50;
const MOST = 1_000;

/** Traces, newest first: all of them, or those of a service or a resource. */
export function TracesView({ route }: { route: Route }) {
  const { service, resource, status, query, minDurationMs, maxDurationMs } = route.given;
  const [limit, setLimit] = useState(PAGE);
  const asked = useAnswer<ApiTraces>(
    askedOf("/api/traces", { service, resource, status, query, minDurationMs, maxDurationMs, limit }),
    2_000,
  );
  const [shown, setShown] = useState(asked.answer);
  useEffect(() => setLimit(PAGE), [service, resource, status, query, minDurationMs, maxDurationMs]);
  // While more are asked for, those that are there stay.
  useEffect(() => {
    if (asked.answer || asked.problem) setShown(asked.answer);
  }, [asked.answer, asked.problem]);
  const change = (changed: Record<string, string | number | undefined>) => {
    location.hash = hrefOf("traces", { ...route.given, ...changed });
  };
  const crumbs = [{ text: "Services", href: hrefOf("services") }];
  if (service) crumbs.push({ text: service, href: hrefOf("resources", { service }) });
  const isFiltered = [status, query, minDurationMs].some((given) => given !== undefined);
  return html`
    ${service && html`<${Crumbs} links=${crumbs} />`}
    <${Heading} title=${resource ?? (service ? `Traces of ${service}` : "Traces")}>${service === undefined && html`<${OpenFile} query=${query ?? ""} />`}<//>
    ${service && resource !== undefined && html`<${ResourceFigures} route=${route} change=${change} />`}
    <div class="filters">
      <${SearchBox} query=${query ?? ""} problem=${asked.status === 400 ? asked.problem : undefined} label="Search traces" onSearch=${(text: string) => change({ query: text })} />
      <fieldset class="choice">
        <legend class="visually-hidden">Status</legend>
        ${[
          ["", "All"],
          ["error", "Errors"],
          ["ok", "OK"],
        ].map(
          ([value = "", text]) =>
            html`<label key=${value}><input type="radio" name="status" checked=${(status ?? "") === value} onChange=${() => change({ status: value })} /><span>${text}</span></label>`,
        )}
      </fieldset>
    </div>
    ${asked.status !== 400 && html`<${Waiting} asked=${asked.answer || !shown ? asked : { ...asked, answer: shown }} />`}
    ${shown && shown.traces.length === 0 && (isFiltered ? html`<p class="notice" role="status">No trace matches.</p>` : html`<${Welcome} />`)}
    ${shown && shown.traces.length > 0 && html`<${TraceTable} traces=${shown.traces} />`}
    ${shown?.next && limit < MOST && html`<p><button type="button" onClick=${() => setLimit(Math.min(MOST, limit * 4))}>Show more</button></p>`}`;
}

function TraceTable({ traces }: { traces: ApiTraceSummary[] }) {
  const longest = Math.max(...traces.map(({ durationMs }) => durationMs));
  return html`<${SortedTable}
    caption="Traces, newest first"
    items=${traces}
    keyOf=${({ traceId, spanId }: ApiTraceSummary) => `${traceId}/${spanId}`}
    columns=${[
      {
        name: "Time",
        isLeft: true,
        value: ({ startMs }: ApiTraceSummary) => startMs,
        show: ({ traceId, startMs }: ApiTraceSummary) =>
          html`<a href=${hrefOf("trace", {}, traceId)}><${Moment} timeMs=${startMs} /></a>`,
      },
      {
        name: "Request",
        value: ({ service, resource }: ApiTraceSummary) => `${service} ${resource}`,
        show: ({ service, name, resource }: ApiTraceSummary) =>
          html`<${Service} name=${service} /> <span class="resource">${requestName({ service, name, resource })}</span>`,
      },
      {
        name: "Status",
        value: ({ status }: ApiTraceSummary) => (status === "error" ? 1 : 0),
        show: ({ status, errors }: ApiTraceSummary) =>
          html`<${Status} status=${status} />${status !== "error" && errors > 0 && html` <span class="bad" title="Spans below it with an error">${countOf(errors, "error")}<span class="aside"> inside</span></span>`}`,
        isPicture: true,
      },
      {
        name: "Duration",
        value: ({ durationMs }: ApiTraceSummary) => durationMs,
        show: ({ durationMs }: ApiTraceSummary) =>
          html`<span class="measure"><span class="measure-bar" aria-hidden="true"><span style=${{ width: `${longest > 0 ? (durationMs / longest) * 100 : 0}%` }}></span></span><span class="measured">${durationText(durationMs)}</span></span>`,
      },
      {
        name: "Spans",
        value: ({ spans }: ApiTraceSummary) => spans,
        show: ({ spans }: ApiTraceSummary) => countText(spans),
        isExtra: true,
      },
      {
        name: "Logs",
        value: ({ logs }: ApiTraceSummary) => logs,
        show: ({ logs }: ApiTraceSummary) => countText(logs),
        isExtra: true,
      },
      { name: "Services", value: ({ services }: ApiTraceSummary) => services.length, isExtra: true },
    ]} />`;
}

interface FiguresProps {
  route: Route;
  change: (changed: Record<string, string | number | undefined>) => void;
}

function ResourceFigures({ route, change }: FiguresProps) {
  const { service, resource, minDurationMs, maxDurationMs } = route.given;
  const asked = useAnswer<ApiResources>(askedOf("/api/resources", { service, resource }), 2_000);
  const figures = asked.answer?.resources[0];
  if (!figures) return null;
  const { series, distribution = [], requests, errors, p50Ms, p95Ms, p99Ms } = figures;
  return html`<div class="panels">
    <${Distribution}
      distribution=${distribution}
      minMs=${minDurationMs === undefined ? undefined : Number(minDurationMs)}
      maxMs=${maxDurationMs === undefined ? undefined : Number(maxDurationMs)}
      onPick=${(picked: { fromMs: number; toMs: number } | undefined) =>
        change({ minDurationMs: picked?.fromMs.toFixed(9), maxDurationMs: picked?.toMs.toFixed(9) })} />
    <section class="chart-panel" aria-label="Over time">
      <h2>Requests <span class="muted">${countText(requests)}, ${errors > 0 ? html`<span class="bad">${countText(errors)} with an error</span>` : "none with an error"}</span></h2>
      <${RequestBars} series=${series} height=${44} label="Requests and errors of the last 15 minutes" />
      <${TimeEnds} series=${series} />
      <h2>Latency <span class="muted">p50 ${durationText(p50Ms)} · p95 ${durationText(p95Ms)} · p99 ${durationText(p99Ms)}</span></h2>
      <${LatencyLine} series=${series} height=${44} label="Latency of the last 15 minutes" />
      <${TimeEnds} series=${series} />
    </section>
  </div>`;
}

function TimeEnds({ series }: { series: ApiPoint[] }) {
  const shown = (at: number) => clockText(series.at(at)?.timeMs ?? 0).slice(0, 5);
  return html`<div class="ends" aria-hidden="true"><span>${shown(0)}</span><span>${shown(-1)}</span></div>`;
}
