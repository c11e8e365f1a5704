import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { LogDetails, SpanDetails } from "./details.ts";
import type { LiveItem } from "./live-buffer.ts";
import { clear, type Feed, pause, resume, useFeed } from "./live-feed.ts";
import { oneLine } from "./one-line.ts";
import { Clock, Heading, Moment, Service, Severity } from "./parts.ts";
import { hrefOf, type Route } from "./route.ts";
import { SearchBox } from "./search-box.ts";
import { countOf, countText, durationText } from "./units.ts";
import { useRows } from "./use-rows.ts";

const ROW_HEIGHT = 28;
const SHOWN = { all: "Spans and logs", span: "Spans", log: "Logs" } as const;
type Shown = keyof typeof SHOWN;

/** Spans and logs as they arrive, newest on top. */
export function LiveView({ route }: { route: Route }) {
  const feed = useFeed(route.given.query ?? "");
  const { show = "all", item } = route.given;
  const shown: Shown = Object.hasOwn(SHOWN, show) ? (show as Shown) : "all";
  const items = shown === "all" ? feed.buffer.items : feed.buffer.items.filter(({ kind }) => kind === shown);
  const change = (changed: Record<string, string | undefined>) => {
    history.replaceState(history.state, "", hrefOf("live", { ...route.given, ...changed }));
    dispatchEvent(new HashChangeEvent("hashchange"));
  };
  const selected = useSelected(item, feed.buffer.items);
  return html`<${Heading} title="Live"><${FeedState} feed=${feed} /><//>
    <div class="filters">
      <${SearchBox} query=${route.given.query ?? ""} problem=${feed.problem} label="Search spans and logs" onSearch=${(query: string) => change({ query, item: undefined })} />
      <fieldset class="choice"><legend class="visually-hidden">What is shown</legend>
        ${Object.entries(SHOWN).map(([value, text]) => html`<label key=${value}><input type="radio" name="shown" checked=${shown === value} onChange=${() => change({ show: value === "all" ? undefined : value })} /><span>${text}</span></label>`)}
      </fieldset>
      <button type="button" aria-pressed=${feed.isPaused} class=${feed.isPaused ? "is-on" : ""} onClick=${() => (feed.isPaused ? resume() : pause())}>${feed.isPaused ? "Go on" : "Pause"}</button>
      <button type="button" onClick=${clear}>Clear</button>
      <a class="button" href=${`/api/export?query=${encodeURIComponent(route.given.query ?? "")}`} download="telemetry.ndjson">Save</a>
    </div>
    <div class=${selected ? "split has-details" : "split"}>
      <${LiveTable} items=${items} selected=${item} onSelect=${(key: string) => change({ item: key })} />
      ${selected && html`<${ItemDetails} item=${selected} onClose=${() => change({ item: undefined })} />`}
    </div>`;
}

/** What was chosen stays, even when it is no longer among what is held. */
function useSelected(key: string | undefined, items: readonly LiveItem[]): LiveItem | undefined {
  const [kept, keep] = useState<LiveItem | undefined>(undefined);
  if (key === undefined) return undefined;
  if (kept?.key === key) return kept;
  const found = items.find((item) => item.key === key);
  if (found) keep(found);
  return found;
}

function FeedState({ feed: { buffer, isPaused, waiting, state } }: { feed: Feed }) {
  const text =
    state === "lost"
      ? "Not connected"
      : isPaused
        ? `Paused, ${countText(waiting)} waiting`
        : state === "open"
          ? "Following"
          : "Connecting";
  return html`<p class=${`feed-state ${state === "open" && !isPaused ? "is-live" : ""}`}>
    <span role="status">${text}</span>
    <span class="muted"> ${countOf(buffer.spans, "span")}, ${countOf(buffer.logs, "log")}${buffer.dropped > 0 && `; ${countText(buffer.dropped)} more were too fast to show`}</span>
  </p>`;
}

interface TableProps {
  items: readonly LiveItem[];
  selected: string | undefined;
  onSelect: (key: string) => void;
}

function LiveTable({ items, selected, onSelect }: TableProps) {
  const { box, first, end, onScroll } = useRows(items.length, ROW_HEIGHT, ROW_HEIGHT);
  return html`<div class="live" role="region" aria-label="What arrived, newest first" tabindex="0" ref=${box} onScroll=${onScroll}>
    <div role="table" aria-label="Spans and logs" aria-rowcount=${items.length + 1}>
      <div role="row" class="live-row live-head" aria-rowindex="1">
        <span role="columnheader">Time</span><span role="columnheader">Kind</span><span role="columnheader">Service</span>
        <span role="columnheader">What</span><span role="columnheader" class="number">Duration</span><span role="columnheader">Trace</span>
      </div>
      <div role="rowgroup" class="live-rows" style=${{ height: `${items.length * ROW_HEIGHT}px` }}>
        ${items.slice(first, end).map(
          (item, at) => html`<div
          role="row"
          key=${item.key}
          aria-rowindex=${first + at + 2}
          class=${`live-row is-${item.kind}${item.key === selected ? " is-selected" : ""}`}
          style=${{ transform: `translateY(${(first + at) * ROW_HEIGHT}px)` }}
          onClick=${(event: MouseEvent) => (event.target as Element).closest("a") === null && onSelect(item.key)}
        >${cellsOf(item, onSelect)}</div>`,
        )}
      </div>
    </div>
    ${items.length === 0 && html`<p class="notice">Nothing yet. What arrives and matches appears here at once.</p>`}
  </div>`;
}

function cellsOf(item: LiveItem, onSelect: (key: string) => void) {
  const { timeMs } = item;
  const { service, traceId } = item.kind === "span" ? item.span : item.log;
  const text =
    item.kind === "span"
      ? [...new Set([item.span.name, item.span.resource])].filter(Boolean).join(" ")
      : oneLine(item.log.message, 400);
  const error = item.kind === "span" ? item.span.error : null;
  const open = (event: Event) => {
    event.stopPropagation();
    onSelect(item.key);
  };
  return html`
    <span role="cell" class="number"><${Moment} timeMs=${timeMs}><${Clock} timeMs=${timeMs} /><//></span>
    <span role="cell">${item.kind === "log" ? html`<${Severity} severity=${item.log.severity} />` : html`<span class=${`severity is-span${error ? " is-error" : ""}`}>span</span>`}</span>
    <span role="cell"><${Service} name=${service} /></span>
    <span role="cell" class="what"><button type="button" class="plain" onClick=${open}>${text || "(empty)"}</button>${error && html` <span class="bad">${error.type} ${error.message}</span>`}</span>
    <span role="cell" class="number">${item.kind === "span" ? durationText(item.span.durationMs) : ""}</span>
    <span role="cell">${traceId && html`<a href=${traceHref(item)} aria-label=${`Trace of ${oneLine(text, 60)}`}>trace</a>`}</span>`;
}

function traceHref(item: LiveItem): string {
  if (item.kind === "span") return hrefOf("trace", { span: item.span.spanId }, item.span.traceId);
  return hrefOf("trace", { log: item.log.sequence }, item.log.traceId ?? "");
}

function ItemDetails({ item, onClose }: { item: LiveItem; onClose: () => void }) {
  const { traceId } = item.kind === "span" ? item.span : item.log;
  const link = traceId && html`<p class="actions"><a class="button" href=${traceHref(item)}>Open its trace</a></p>`;
  return item.kind === "span"
    ? html`<${SpanDetails} key=${item.key} span=${item.span} onClose=${onClose}>${link}<//>`
    : html`<${LogDetails} key=${item.key} log=${item.log} onClose=${onClose}>${link}<//>`;
}
