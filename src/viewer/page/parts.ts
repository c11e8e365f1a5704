/** Small pieces that many views are made of. */
import { html } from "htm/preact";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ApiLog, ApiStatus } from "../api-types.ts";
import type { Asked } from "./ask.ts";
import { colourOf } from "./service-colours.ts";
import { clockText, dayText, isoText } from "./units.ts";

/** The title of a view. It gets the focus, so that a screen reader says where one is. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // With the title on the page, not after it.
  useLayoutEffect(() => {
    document.title = `${title} · log-trace-forwarder`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return html`<div class="heading"><h1 tabindex="-1" ref=${heading}><${Name} text=${title} /></h1>${children}</div>`;
}

/** A name that may be long: it is broken between its parts, where it must be. */
export function Name({ text }: { text: string }) {
  return html`${text.split(/(?<=[._/:])(?=\w)/).map((part, at) => html`${at > 0 && html`<wbr />`}${part}`)}`;
}

export function Crumbs({ links }: { links: { text: string; href: string }[] }) {
  return html`<nav class="crumbs" aria-label="Where you are">
    <ol>${links.map(({ text, href }) => html`<li key=${href}><a href=${href}>${text}</a></li>`)}</ol>
  </nav>`;
}

export function Service({ name }: { name: string }) {
  return html`<span class="service"><span class=${`dot ${colourOf(name)}`} aria-hidden="true"></span><span class="service-name">${name || "(no service)"}</span></span>`;
}

export function Status({ status }: { status: ApiStatus }) {
  return status === "error"
    ? html`<span class="badge is-error">error</span>`
    : html`<span class="badge is-ok">ok</span>`;
}

export function Severity({ severity }: { severity: ApiLog["severity"] }) {
  return html`<span class=${`severity is-${severity || "none"}`}>${severity || "log"}</span>`;
}

export function Moment({ timeMs, children }: { timeMs: number; children?: ComponentChildren }) {
  const iso = isoText(timeMs);
  return html`<time datetime=${iso} title=${iso}>${children ?? html`<span class="day">${dayText(timeMs)} </span><${Clock} timeMs=${timeMs} />`}</time>`;
}

/** The time of the day; where there is little room, to the second. */
export function Clock({ timeMs }: { timeMs: number }) {
  const text = clockText(timeMs);
  return html`${text.slice(0, 8)}<span class="fraction">${text.slice(8)}</span>`;
}

/** What stands where an answer is not there, or is not new. */
export function Waiting({ asked, children }: { asked: Asked<unknown>; children?: ComponentChildren }) {
  if (asked.problem) return html`<p class="notice is-error" role="alert">${asked.problem}</p>`;
  return asked.answer === undefined ? html`<p class="notice" role="status">Loading…</p>` : (children ?? null);
}

/** Copies a text. Says so for a moment. */
export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return undefined;
    const timer = setTimeout(() => say(""), 2_000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () => {
    // Only pages of this machine and of https may use the clipboard.
    const copied = navigator.clipboard?.writeText(text()) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => say("copied"),
      () => say("the browser does not allow it"),
    );
  };
  return html`<button type="button" class="quiet" onClick=${copy}>${label}<span class="said" role="status">${said && ` – ${said}`}</span></button>`;
}

/** Attributes by name. Everything is text: nothing that a program logged is ever taken for HTML. */
export function Attributes({ attributes, caption }: { attributes: Record<string, unknown>; caption: string }) {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return null;
  return html`<table class="attributes">
    <caption>${caption}</caption>
    <tbody>${names.map((name) => html`<tr key=${name}><th scope="row">${name}</th><td>${valueText(attributes[name])}</td></tr>`)}</tbody>
  </table>`;
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
