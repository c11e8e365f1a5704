import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiServerStatus } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { FunctionsView } from "./functions-view.ts";
import { LiveView } from "./live-view.ts";
import { MapView } from "./map-view.ts";
import { MetricsView } from "./metrics-view.ts";
import { Heading } from "./parts.ts";
import { PipelineView } from "./pipeline-view.ts";
import { ResourcesView } from "./resources-view.ts";
import { hrefOf, type Place, type Route, routeOf } from "./route.ts";
import { ServicesView } from "./services-view.ts";
import { TraceView } from "./trace-view.ts";
import { TracesView } from "./traces-view.ts";
import { bytesText, countOf, durationText } from "./units.ts";

const MENU: readonly { place: Place; text: string; also: readonly Place[] }[] = [
  { place: "services", text: "Services", also: ["resources"] },
  { place: "map", text: "Map", also: [] },
  { place: "traces", text: "Traces", also: ["trace"] },
  { place: "live", text: "Live", also: [] },
  { place: "functions", text: "Functions", also: [] },
  { place: "metrics", text: "Metrics", also: [] },
  { place: "pipeline", text: "Pipeline", also: [] },
];

const VIEWS = {
  services: ServicesView,
  map: MapView,
  resources: ResourcesView,
  traces: TracesView,
  trace: TraceView,
  live: LiveView,
  functions: FunctionsView,
  metrics: MetricsView,
  pipeline: PipelineView,
  unknown: UnknownView,
} as const;

export function App() {
  const route = useRoute();
  const View = VIEWS[route.place];
  return html`
    <a class="skip" href="#main" onClick=${(event: Event) => {
      event.preventDefault();
      document.querySelector<HTMLElement>("main h1")?.focus();
    }}>Skip to the content</a>
    <header>
      <a class="brand" href=${hrefOf("services")}><img src="/icon.svg" alt="" width="22" height="22" /> log-trace-forwarder</a>
      <nav aria-label="Views"><ul>${MENU.map(
        ({ place, text, also }) =>
          html`<li key=${place}><a href=${hrefOf(place)} aria-current=${place === route.place ? "page" : also.includes(route.place as Place) ? "true" : undefined}>${text}</a></li>`,
      )}</ul></nav>
      <${Finder} />
    </header>
    <main id="main"><${View} key=${`${route.place}/${route.id}`} route=${route} /></main>
    <${Foot} />`;
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return routeOf(hash);
}

/** Goes to a trace by its id in any spelling, or to what matches. */
function Finder() {
  const input = useRef<HTMLInputElement>(null);
  const find = (event: Event) => {
    event.preventDefault();
    const text = input.current?.value.trim() ?? "";
    if (text === "") return;
    const isId = /^(?:\d{1,20}|[0-9a-f]{16}|[0-9a-f]{32})$/i.test(text);
    location.hash = isId ? hrefOf("trace", {}, text) : hrefOf("traces", { query: text });
    if (input.current) input.current.value = "";
  };
  return html`<form class="finder" role="search" aria-label="Go to a trace" onSubmit=${find}>
    <label><span class="visually-hidden">Trace id, or what to search for</span>
      <input ref=${input} type="search" placeholder="Trace id or search" spellcheck=${false} autocomplete="off" /></label>
  </form>`;
}

/** What is kept, and for how long. */
function Foot() {
  const { answer, problem } = useAnswer<ApiServerStatus>("/api/status", 3_000);
  if (problem && !answer) return html`<footer><p class="bad" role="status">${problem}</p></footer>`;
  if (!answer) return html`<footer></footer>`;
  const { held, limits, evicted, refusals, version } = answer;
  const gone = evicted.traces + evicted.logs;
  return html`<footer>
    <p>${problem && html`<span class="bad" role="status">${problem} </span>`}Holds ${countOf(held.traces, "trace")}, ${countOf(held.spans, "span")}, ${countOf(held.logs, "log")}: ${bytesText(held.bytes)} of ${bytesText(limits.maxBytes)}.
      Kept for ${durationText(limits.maxAgeMs)}, the oldest goes first${gone > 0 && `; ${countOf(evicted.traces, "trace")} and ${countOf(evicted.logs, "log")} are gone`}.</p>
    ${refusals.length > 0 && html`<details class="refusals"><summary>${countOf(refusals.length, "request", "requests")} that came ${refusals.length === 1 ? "was" : "were"} refused</summary><ul>${refusals.map((refusal, at) => html`<li key=${at}>${refusal}</li>`)}</ul></details>`}
    <p class="muted">${version}</p>
  </footer>`;
}

function UnknownView() {
  return html`<${Heading} title="No such view" /><p>The address names no view. <a href=${hrefOf("services")}>Services</a> is where to begin.</p>`;
}
