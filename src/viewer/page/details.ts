/** All that is known of one span or one log, beside the list that it was chosen from. */
import { html } from "htm/preact";
import type { ComponentChildren } from "preact";
import type { ApiLog, ApiSpan, ApiTrace, ApiTraceSpan } from "../api-types.ts";
import { oneLine } from "./one-line.ts";
import { Attributes, CopyButton, Moment, Service, Severity, Status } from "./parts.ts";
import { hrefOf } from "./route.ts";
import { durationText, offsetText, shareText } from "./units.ts";

interface PanelProps {
  title: string;
  onClose: () => void;
  children?: ComponentChildren;
}

function Panel({ title, onClose, children }: PanelProps) {
  return html`<aside class="details" aria-label=${title} tabindex="-1">
    <div class="section-head"><h3>${title}</h3><button type="button" class="quiet" onClick=${onClose}>Close</button></div>
    ${children}
  </aside>`;
}

interface SpanProps {
  span: ApiTraceSpan | ApiSpan;
  /** The one it is of, where that is known. */
  trace?: ApiTrace;
  /** What addresses say of the part of the time that is shown. */
  zoom?: { from?: string; to?: string };
  onZoom?: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

export function SpanDetails({ span, trace, zoom = {}, onZoom, onClose, children }: SpanProps) {
  const {
    service,
    name,
    resource,
    type,
    kind,
    status,
    startMs,
    durationMs,
    spanId,
    parentId,
    error,
    attributes,
    events,
    links,
  } = span;
  const logs = trace?.logs.filter((log) => log.spanId === spanId) ?? [];
  return html`<${Panel} title=${resource || name || "(no name)"} onClose=${onClose}>
    ${children}
    ${
      error &&
      html`<section class="error-box" aria-label="Error">
      <p><strong>${error.type || "Error"}</strong>${error.message && `: ${error.message}`}</p>
      ${error.stack && html`<pre tabindex="0" aria-label="Stack">${error.stack}</pre>`}
    </section>`
    }
    <dl class="facts is-narrow">
      <div><dt>Service</dt><dd><${Service} name=${service} /></dd></div>
      <div><dt>Name</dt><dd>${name}</dd></div>
      <div><dt>Status</dt><dd><${Status} status=${status} /></dd></div>
      <div><dt>Kind</dt><dd>${[kind, type].filter(Boolean).join(" · ") || "–"}</dd></div>
      <div><dt>Began</dt><dd>${trace ? offsetText(startMs - trace.startMs) : html`<${Moment} timeMs=${startMs} />`}</dd></div>
      <div><dt>Duration</dt><dd>${durationText(durationMs)}${trace && trace.durationMs > 0 && html` <span class="muted">${shareText(durationMs / trace.durationMs)}</span>`}</dd></div>
      ${"selfTimeMs" in span && html`<div><dt>Of its own</dt><dd>${durationText(span.selfTimeMs)}</dd></div>`}
      <div><dt>Span id</dt><dd class="id">${spanId}</dd></div>
      <div><dt>As a decimal</dt><dd class="id">${decimalOf(spanId)}</dd></div>
      ${parentId !== null && html`<div><dt>Parent</dt><dd class="id">${trace ? html`<a href=${hrefOf("trace", { span: parentId, ...zoom }, trace.traceId)}>${parentId}</a>` : parentId}</dd></div>`}
    </dl>
    ${trace && html`<p class="actions"><${CopyButton} label="Copy link" text=${() => `${location.origin}${location.pathname}${hrefOf("trace", { span: spanId, ...zoom }, trace.traceId)}`} />${onZoom && html`<button type="button" class="quiet" onClick=${onZoom}>Zoom to it</button>`}</p>`}
    ${
      trace &&
      logs.length > 0 &&
      html`<section aria-label="Logs of this span"><h4>Logs</h4><ol class="log-list">${logs.slice(0, 200).map(
        (log) => html`<li key=${log.sequence}><a href=${hrefOf("trace", { log: log.sequence, ...zoom }, trace.traceId)}>
        <span class="number">${offsetText(log.timeMs - trace.startMs)}</span> <${Severity} severity=${log.severity} /> <span class="message">${oneLine(log.message, 300)}</span>
      </a></li>`,
      )}</ol></section>`
    }
    <${Attributes} caption="Attributes" attributes=${attributes} />
    ${events.map((event, at) => html`<${Attributes} key=${at} caption=${`Event ${event.name}, ${offsetText(event.timeMs - startMs)}`} attributes=${event.attributes} />`)}
    ${links.length > 0 && html`<h4>Links</h4><ul>${links.map(({ traceId, spanId: linked }) => html`<li key=${linked}><a class="id" href=${hrefOf("trace", { span: linked }, traceId)}>${traceId} ${linked}</a></li>`)}</ul>`}
    ${"resourceAttributes" in span && html`<${Attributes} caption="Resource" attributes=${span.resourceAttributes} />`}
  <//>`;
}

interface LogProps {
  log: ApiLog;
  /** Of its trace, where that is shown. */
  startMs?: number;
  onClose: () => void;
  children?: ComponentChildren;
}

export function LogDetails({ log, startMs, onClose, children }: LogProps) {
  const {
    severity,
    message,
    timeMs,
    service,
    source,
    functionName,
    logGroup,
    logStream,
    requestId,
    traceId,
    spanId,
    attributes,
  } = log;
  const facts = [
    ["Source", source],
    ["Function", functionName],
    ["Log group", logGroup],
    ["Log stream", logStream],
    ["Request", requestId],
    ["Trace id", traceId],
    ["Span id", spanId],
  ].filter(([, value]) => value);
  return html`<${Panel} title="Log" onClose=${onClose}>
    ${children}
    <pre class="log-message" tabindex="0" aria-label="Message">${message}</pre>
    <dl class="facts is-narrow">
      <div><dt>Time</dt><dd><${Moment} timeMs=${timeMs} />${startMs !== undefined && html` <span class="muted">${offsetText(timeMs - startMs)}</span>`}</dd></div>
      <div><dt>Severity</dt><dd><${Severity} severity=${severity} /></dd></div>
      <div><dt>Service</dt><dd><${Service} name=${service} /></dd></div>
      ${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd class="id">${value}</dd></div>`)}
    </dl>
    <${Attributes} caption="Attributes and fields" attributes=${attributes} />
  <//>`;
}

function decimalOf(spanId: string): string {
  return /^[0-9a-f]{1,16}$/.test(spanId) ? BigInt(`0x${spanId}`).toString() : "–";
}
