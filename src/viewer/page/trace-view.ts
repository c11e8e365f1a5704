import { html } from "htm/preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ApiLog, ApiTrace, ApiTraceSpan } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { LogDetails, SpanDetails } from "./details.ts";
import { CopyButton, Crumbs, Heading, Moment, Service, Status, Waiting } from "./parts.ts";
import { requestName } from "./request-name.ts";
import { hrefOf, type Route } from "./route.ts";
import { colourOf } from "./service-colours.ts";
import { givenOf, isInRange, rangeBetween, rangeOf, type TimeRange } from "./time-range.ts";
import { countOf, countText, durationText, shareText } from "./units.ts";
import { Waterfall } from "./waterfall.ts";
import { keyOfLog, pathTo, rowsOf, type Shown, treeOf } from "./waterfall-rows.ts";
import { ZoomControls } from "./zoom-controls.ts";

/** One trace: where its time went, its spans, its logs. */
export function TraceView({ route }: { route: Route }) {
  const asked = useAnswer<ApiTrace>(`/api/traces/${encodeURIComponent(route.id)}`, 3_000);
  const trace = asked.answer;
  const root = trace && rootOf(trace);
  const crumbs = [{ text: "Traces", href: hrefOf("traces") }];
  if (root) {
    crumbs.splice(0, 1, { text: "Services", href: hrefOf("services") });
    crumbs.push({ text: root.service, href: hrefOf("resources", { service: root.service }) });
    crumbs.push({
      text: requestName(root),
      href: hrefOf("traces", { service: root.service, resource: root.resource }),
    });
  }
  return html`<${Crumbs} links=${crumbs} />
    <${Heading} title=${root ? `${root.service} · ${requestName(root)}` : "Trace"}>
      ${trace && html`<${Status} status=${trace.status} />`}
    <//>
    <${Waiting} asked=${asked} />
    ${trace && html`<${TraceHead} trace=${trace} /><${TraceBody} trace=${trace} route=${route} />`}`;
}

function rootOf({ spans }: ApiTrace) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.find(({ parentId }) => parentId === null || !ids.has(parentId)) ?? spans[0];
}

function TraceHead({ trace }: { trace: ApiTrace }) {
  const { traceId, traceIdDecimal, startMs, durationMs, services, spans, logs } = trace;
  const errors = services.reduce((sum, service) => sum + service.errors, 0);
  return html`<dl class="facts">
      <div><dt>Time</dt><dd><${Moment} timeMs=${startMs} /></dd></div>
      <div><dt>Duration</dt><dd>${durationText(durationMs)}</dd></div>
      <div><dt>Spans</dt><dd>${countText(spans.length)}${errors > 0 && html` <span class="bad">${countOf(errors, "error")}</span>`}</dd></div>
      <div><dt>Logs</dt><dd>${countText(logs.length)}</dd></div>
      <div><dt>Trace id</dt><dd class="id">${traceId}</dd></div>
      <div><dt>As a decimal</dt><dd class="id">${traceIdDecimal}</dd></div>
    </dl>
    <div class="actions">
      <${CopyButton} label="Copy link" text=${() => `${location.origin}${location.pathname}${hrefOf("trace", {}, traceId)}`} />
      <${CopyButton} label="Copy id" text=${() => traceId} />
      <${CopyButton} label="Copy decimal id" text=${() => traceIdDecimal} />
      <a href=${`/api/export?trace=${traceId}`} download=${`trace-${traceId}.ndjson`}>Save as OTLP/JSON</a>
      <a href=${hrefOf("live", { query: `trace:${traceId}` })}>Follow live</a>
    </div>
    ${services.length > 0 && html`<${ServiceShares} services=${services} />`}`;
}

function ServiceShares({ services }: Pick<ApiTrace, "services">) {
  return html`<section class="shares" aria-labelledby="shares">
    <h2 id="shares">Where the time went</h2>
    <div class="share-bar" aria-hidden="true">${services.map(
      ({ service, share }) =>
        html`<span key=${service} class=${colourOf(service)} style=${{ width: `${share * 100}%` }}></span>`,
    )}</div>
    <ul>${services.map(
      ({ service, share, selfTimeMs, spans, errors }) => html`<li key=${service}>
        <${Service} name=${service} /> <strong>${shareText(share)}</strong>
        <span class="muted">${durationText(selfTimeMs)} of its own in ${countOf(spans, "span")}</span>
        ${errors > 0 && html`<span class="bad">${countOf(errors, "error")}</span>`}
      </li>`,
    )}</ul>
  </section>`;
}

function TraceBody({ trace, route }: { trace: ApiTrace; route: Route }) {
  const tree = useMemo(() => treeOf(trace), [trace]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [hasLogs, setHasLogs] = useState(true);
  const critical = useMemo(() => new Set(trace.criticalPath), [trace]);
  const log =
    route.given.log === undefined ? undefined : trace.logs.find(({ sequence }) => String(sequence) === route.given.log);
  const spanKey = tree.keyBySpanId.get(route.given.span ?? "");
  const selected = log ? keyOfLog(log) : spanKey;
  const span = spanKey === undefined || log ? undefined : trace.spans[Number(spanKey.slice(1))];
  const { durationMs } = trace;
  const isIn = (range: TimeRange | undefined, one: { span?: ApiTraceSpan | undefined; log?: ApiLog | undefined }) => {
    const startMs = (one.log?.timeMs ?? one.span?.startMs ?? trace.startMs) - trace.startMs;
    const isNothing = !one.log && !one.span;
    return isNothing || isInRange(range, startMs, startMs + (one.log ? 0 : (one.span?.durationMs ?? 0)), durationMs);
  };
  const asked = rangeOf(route.given, durationMs);
  // What an address names must be in sight.
  const range = isIn(asked, { span, log }) ? asked : undefined;
  const rows = useMemo(
    () => rowsOf(tree, closed, hasLogs, range && shownOf(range, trace)),
    [tree, closed, hasLogs, range?.fromMs, range?.toMs],
  );
  const aboveKey = log ? tree.keyBySpanId.get(log.spanId ?? "") : spanKey;

  // What an address names must be in sight, whatever is closed.
  useEffect(() => {
    if (log) setHasLogs(true);
    const above = aboveKey === undefined ? [] : [...pathTo(aboveKey, tree), ...(log ? [aboveKey] : [])];
    setClosed((before) =>
      above.some((key) => before.has(key)) ? new Set([...before].filter((key) => !above.includes(key))) : before,
    );
  }, [selected]);

  const go = (given: { span?: string | undefined; log?: string | number | undefined; from?: string; to?: string }) => {
    // Moving about in one trace is not what "back" should undo.
    history.replaceState(history.state, "", hrefOf("trace", given, trace.traceId));
    dispatchEvent(new HashChangeEvent("hashchange"));
  };
  const select = (given: { span?: string; log?: number }) => go({ ...given, ...givenOf(range) });
  const zoom = (next: TimeRange | undefined) => {
    const { span: spanId, log: sequence } = route.given;
    go({ ...(isIn(next, { span, log }) && { span: spanId, log: sequence }), ...givenOf(next) });
  };
  const failed = trace.spans.filter(({ error, status }) => error !== null || status === "error");
  const nextFailed = () => {
    const at = span ? failed.indexOf(span) : -1;
    const next = failed[(at + 1) % failed.length];
    if (next) select({ span: next.spanId });
  };
  const toggle = (key: string) =>
    setClosed((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  return html`<section class="trace-body" aria-labelledby="waterfall">
    <div class="section-head">
      <h2 id="waterfall">Spans and logs</h2>
      <${ZoomControls} range=${range} durationMs=${durationMs} onZoom=${zoom} />
      <div class="actions">
        <label class="check"><input type="checkbox" checked=${hasLogs} onChange=${() => setHasLogs(!hasLogs)} /> Logs under their spans</label>
        ${closed.size > 0 && html`<button type="button" class="quiet" onClick=${() => setClosed(new Set())}>Open all</button>`}
        ${failed.length > 0 && html`<button type="button" class="quiet" onClick=${nextFailed}>Next error</button>`}
        <span class="legend"><span class="legend-critical" aria-hidden="true"></span> critical path</span>
        <span class="legend"><span class="legend-log" aria-hidden="true"></span> log</span>
      </div>
    </div>
    <div class=${selected === undefined ? "split" : "split has-details"}>
      <${Waterfall} trace=${trace} rows=${rows} range=${range} critical=${critical} selected=${selected} onSelect=${select} onToggle=${toggle} onZoom=${zoom} />
      ${
        span &&
        html`<${SpanDetails} key=${span.spanId} span=${span} trace=${trace} zoom=${givenOf(range)} onClose=${() => select({})}
        onZoom=${() => zoom(rangeBetween(span.startMs - trace.startMs, span.startMs + span.durationMs - trace.startMs, durationMs))} />`
      }
      ${
        log &&
        html`<${LogDetails} key=${log.sequence} log=${log} startMs=${trace.startMs} onClose=${() => select({})}>
        <p class="actions">
          ${spanOf(log, trace) && html`<a href=${hrefOf("trace", { span: log.spanId, ...givenOf(range) }, trace.traceId)}>Its span</a>`}
          <a href=${hrefOf("live", { query: `trace:${trace.traceId}` })}>Show in Live</a>
        </p>
      <//>`
      }
    </div>
  </section>`;
}

/** The moments of a range. What lies outside the trace is shown at its ends. */
function shownOf({ fromMs, toMs }: TimeRange, { startMs, durationMs }: ApiTrace): Shown {
  return {
    fromMs: fromMs <= 0 ? Number.NEGATIVE_INFINITY : startMs + fromMs,
    toMs: toMs >= durationMs ? Number.POSITIVE_INFINITY : startMs + toMs,
  };
}

function spanOf(log: ApiLog, { spans }: ApiTrace) {
  return log.spanId === null ? undefined : spans.find(({ spanId }) => spanId === log.spanId);
}
