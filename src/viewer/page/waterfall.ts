import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiLog, ApiTrace } from "../api-types.ts";
import { oneLine } from "./one-line.ts";
import { colourOf } from "./service-colours.ts";
import { moved, rangeBetween, type TimeRange, zoomed } from "./time-range.ts";
import { axisText, countOf, durationText, offsetText } from "./units.ts";
import { useRangeDrag } from "./use-range-drag.ts";
import { useRows } from "./use-rows.ts";
import { type LogRow, type Row, type SpanRow, stepOf, ticksOf } from "./waterfall-rows.ts";

const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 28;
/** Deeper ones are not indented further. */
const MAX_INDENT = 16;
/** Of one span, on its line; all of them have lines of their own. */
const MAX_MARKS = 40;

/** The label of a later moment would stand below the next heading. */
const MAX_LABELLED = 0.93;

interface Props {
  trace: ApiTrace;
  rows: Row[];
  /** Of the time that is shown. */
  range: TimeRange | undefined;
  critical: ReadonlySet<string>;
  /** The key of a row. */
  selected: string | undefined;
  onSelect: (given: { span?: string; log?: number }) => void;
  onToggle: (key: string) => void;
  onZoom: (range: TimeRange | undefined) => void;
}

/** A tree for the keyboard and screen readers, a picture of the time for everybody else. */
export function Waterfall({ trace, rows, range, critical, selected, onSelect, onToggle, onZoom }: Props) {
  const { box, first, end, onScroll, show } = useRows(rows.length, ROW_HEIGHT, HEAD_HEIGHT);
  const [active, setActive] = useState<string | undefined>(selected);
  const activeAt = rows.findIndex(({ key }) => key === active);
  const selectedAt = rows.findIndex(({ key }) => key === selected);
  useEffect(() => {
    if (selected === undefined) return;
    setActive(selected);
    if (selectedAt < 0) return;
    show(selectedAt);
    // On small screens the details lie over the rows; a row is drawn when it has come into sight.
    if (!matchMedia("(max-width: 1000px)").matches) return;
    requestAnimationFrame(() => document.getElementById(`row-${selected}`)?.scrollIntoView({ block: "nearest" }));
  }, [selected, selectedAt]);

  const choose = (row: Row) => {
    setActive(row.key);
    onSelect(row.kind === "span" ? { span: row.span.spanId } : { log: row.log.sequence });
  };
  const move = (to: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!row) return;
    setActive(row.key);
    show(rows.indexOf(row));
  };
  const durationMs = Math.max(trace.durationMs, 1e-6);
  const { fromMs, toMs } = range ?? { fromMs: 0, toMs: durationMs };
  const momentOf = (part: number) => fromMs + part * (toMs - fromMs);
  const { drag, handlers } = useRangeDrag(".axis", ({ from, to }) =>
    onZoom(rangeBetween(momentOf(from), momentOf(to), durationMs)),
  );
  const zoomBy = (factor: number) =>
    onZoom(zoomed(range, factor, middleOf(rows[activeAt], trace, fromMs, toMs), durationMs));
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[activeAt];
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const moves: Record<string, () => void> = {
      ArrowDown: () => move(activeAt + 1),
      ArrowUp: () => move(activeAt < 0 ? 0 : activeAt - 1),
      PageDown: () => move(activeAt + page),
      PageUp: () => move(activeAt - page),
      Home: () => move(0),
      End: () => move(rows.length - 1),
      Enter: () => row && choose(row),
      " ": () => row && choose(row),
      Escape: () => (selected === undefined ? onZoom(undefined) : onSelect({})),
      "+": () => zoomBy(2),
      "=": () => zoomBy(2),
      "-": () => zoomBy(0.5),
      "0": () => onZoom(undefined),
      "Shift+ArrowLeft": () => range && onZoom(moved(range, -0.25, durationMs)),
      "Shift+ArrowRight": () => range && onZoom(moved(range, 0.25, durationMs)),
      ArrowRight: () => {
        if (row?.kind !== "span" || row.children === 0) return;
        if (row.isOpen) move(activeAt + 1);
        else onToggle(row.key);
      },
      ArrowLeft: () => {
        if (row?.kind === "span" && row.children > 0 && row.isOpen) onToggle(row.key);
        else if (row) move(rows.slice(0, activeAt).findLastIndex(({ depth }) => depth < row.depth));
      },
    };
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    const action = Object.hasOwn(moves, key) ? moves[key] : undefined;
    if (!action || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  };

  const widthMs = toMs - fromMs;
  const scale = { beginMs: trace.startMs, startMs: trace.startMs + fromMs, durationMs: widthMs, range };
  const stepMs = stepOf(widthMs);
  const ticks = ticksOf(fromMs, toMs, stepMs);
  const partOf = (ms: number) => `${((ms - fromMs) / widthMs) * 100}%`;
  const lines = { "--first": partOf(ticks[0] ?? fromMs), "--tick": `${(stepMs / widthMs) * 100}%` };
  const shown = rows.slice(first, end);
  const isActiveShown = activeAt >= first && activeAt < end;
  return html`<div class=${drag ? "waterfall is-dragged" : "waterfall"} style=${lines} ref=${box} onScroll=${onScroll} ...${handlers}>
    <div class="waterfall-head" aria-hidden="true">
      <span>Span</span>
      <span class="axis" title="Drag to zoom">
        ${ticks.filter((ms) => ms - fromMs < widthMs * MAX_LABELLED).map((ms) => html`<span class="tick" key=${ms} style=${{ left: partOf(ms) }}>${axisText(ms, stepMs, toMs)}</span>`)}
        ${range && html`<span class="overview"><span style=${{ left: `${(fromMs / durationMs) * 100}%`, width: `${(widthMs / durationMs) * 100}%` }}></span></span>`}
      </span>
      <span class="number">Duration</span>
    </div>
    <div
      class="waterfall-rows"
      role="tree"
      tabindex="0"
      aria-label="Spans and logs of the trace"
      aria-activedescendant=${isActiveShown ? `row-${active}` : undefined}
      style=${{ height: `${rows.length * ROW_HEIGHT}px` }}
      onKeyDown=${onKeyDown}
      onFocus=${() => active === undefined && setActive(rows[0]?.key)}
    >
      ${shown.map(
        (row, at) => html`<div
        key=${row.key}
        id=${`row-${row.key}`}
        role="treeitem"
        aria-level=${row.depth + 1}
        aria-posinset=${row.position}
        aria-setsize=${row.siblings}
        aria-selected=${row.key === selected}
        aria-expanded=${row.kind === "span" && row.children > 0 ? row.isOpen : undefined}
        class=${classOf(row, row.key === active)}
        style=${{ transform: `translateY(${(first + at) * ROW_HEIGHT}px)` }}
        onClick=${() => choose(row)}
      >${row.kind === "span" ? spanRow(row, scale, critical, onToggle) : logRow(row, scale)}</div>`,
      )}
      ${
        drag &&
        html`<div class="dragged" aria-hidden="true" style=${{ "--from": drag.from, "--to": drag.to }}>
        <span>${axisText(momentOf(drag.to) - momentOf(drag.from), widthMs / 100, momentOf(drag.to) - momentOf(drag.from))}</span>
      </div>`
      }
    </div>
  </div>`;
}

/** Around what is zoomed by the keyboard: the row that has the focus, where that is shown. */
function middleOf(row: Row | undefined, trace: ApiTrace, fromMs: number, toMs: number): number {
  const [startMs, endMs] =
    row === undefined
      ? [fromMs, toMs]
      : row.kind === "log"
        ? [row.log.timeMs - trace.startMs, row.log.timeMs - trace.startMs]
        : [row.span.startMs - trace.startMs, row.span.startMs + row.span.durationMs - trace.startMs];
  return (Math.max(fromMs, Math.min(toMs, startMs)) + Math.max(fromMs, Math.min(toMs, endMs))) / 2;
}

interface Scale {
  /** Of the trace. */
  beginMs: number;
  /** Of what is shown. */
  startMs: number;
  durationMs: number;
  range: TimeRange | undefined;
}

function placeOf(timeMs: number, { startMs, durationMs }: Scale): number {
  return Math.max(0, Math.min(100, ((timeMs - startMs) / durationMs) * 100));
}

function indent(depth: number) {
  return { paddingInlineStart: `${Math.min(depth, MAX_INDENT) * 14}px` };
}

function classOf(row: Row, isActive: boolean): string {
  const isBad = row.kind === "span" && (row.span.error !== null || row.span.status === "error");
  return [`row is-${row.kind}`, isActive && "is-active", isBad && "has-error"].filter(Boolean).join(" ");
}

/** What the picture shows, for whoever does not see it. */
function unseen({ span, logs }: SpanRow, critical: ReadonlySet<string>): string {
  const { error, status, spanId } = span;
  return [
    error ? `error ${error.type} ${error.message}` : status === "error" ? "error" : "",
    critical.has(spanId) ? "on the critical path" : "",
    logs.length > 0 ? countOf(logs.length, "log") : "",
  ]
    .filter(Boolean)
    .map((text) => `, ${text}`)
    .join("");
}

function spanRow(row: SpanRow, scale: Scale, critical: ReadonlySet<string>, onToggle: (key: string) => void) {
  const { span, depth, children, isOpen, key, logs } = row;
  const { service, name, resource, startMs, durationMs, spanId } = span;
  const left = placeOf(startMs, scale);
  const width = placeOf(startMs + durationMs, scale) - left;
  const isCut = [
    scale.range && startMs < scale.startMs && "is-cut-left",
    scale.range && startMs + durationMs > scale.startMs + scale.durationMs && "is-cut-right",
  ];
  const isShown =
    !scale.range || (startMs <= scale.startMs + scale.durationMs && startMs + durationMs >= scale.startMs);
  const classes = ["span-bar", colourOf(service), critical.has(spanId) && "is-critical", ...isCut];
  const toggle = (event: Event) => {
    event.stopPropagation();
    onToggle(key);
  };
  return html`
    <span class="label" style=${indent(depth)}>
      <span class="toggle" aria-hidden="true" onClick=${children > 0 ? toggle : undefined}>${children === 0 ? "" : isOpen ? "▾" : "▸"}</span>
      <span class=${`dot ${colourOf(service)}`}></span><span class="visually-hidden">${service}: </span>
      <span class="name">${resource || name || "(no name)"}</span>
      <span class="muted rest">${resource && resource !== name ? name : ""}</span><span class="visually-hidden">${unseen(row, critical)}</span>
    </span>
    <span class="lane">
      ${isShown && html`<span class=${classes.filter(Boolean).join(" ")} style=${{ left: `${left}%`, width: `${width}%` }}></span>`}
      ${marksOf(logs, scale)}
    </span>
    <span class="number">${durationText(durationMs)}</span>`;
}

function logRow({ log, depth }: LogRow, scale: Scale) {
  const at = placeOf(log.timeMs, scale) / 100;
  return html`
    <span class="label" style=${{ ...indent(depth), "--at": at }}>
      <span class="toggle"></span>
      <span class=${`severity is-${log.severity || "none"}`}>${log.severity || "log"}</span>
      <span class="message">${oneLine(log.message, 300)}</span>
    </span>
    <span class="lane">${mark(log, scale)}</span>
    <span class="number muted">${offsetText(log.timeMs - scale.beginMs)}</span>`;
}

function marksOf(logs: readonly ApiLog[], scale: Scale) {
  const { range, startMs, durationMs } = scale;
  const shown = range ? logs.filter(({ timeMs }) => timeMs >= startMs && timeMs <= startMs + durationMs) : logs;
  return shown.slice(0, MAX_MARKS).map((log) => mark(log, scale));
}

function mark(log: ApiLog, scale: Scale) {
  return html`<span key=${`m${log.sequence}`} class=${`log-mark is-${log.severity || "none"}`} style=${{ left: `${placeOf(log.timeMs, scale)}%` }}></span>`;
}
