import { html } from "htm/preact";
import { moved, type TimeRange, zoomed } from "./time-range.ts";
import { axisText, durationText } from "./units.ts";

interface Props {
  range: TimeRange | undefined;
  durationMs: number;
  onZoom: (range: TimeRange | undefined) => void;
}

/** For whoever does not drag; and says what is shown. */
export function ZoomControls({ range, durationMs, onZoom }: Props) {
  const { fromMs, toMs } = range ?? { fromMs: 0, toMs: durationMs };
  const middle = (fromMs + toMs) / 2;
  const text = (ms: number) => axisText(ms, (toMs - fromMs) / 100, toMs);
  const button = (label: string, sign: string, next: () => TimeRange | undefined, isOff: boolean) =>
    html`<button type="button" aria-label=${label} title=${label} disabled=${isOff} onClick=${() => onZoom(next())}>${sign}</button>`;
  return html`<div class="zoom" role="group" aria-label="The part of the time that is shown">
    ${button("Zoom in", "+", () => zoomed(range, 2, middle, durationMs), false)}
    ${button("Zoom out", "−", () => zoomed(range, 0.5, middle, durationMs), !range)}
    ${button("Earlier", "‹", () => range && moved(range, -0.5, durationMs), !range || fromMs <= 0)}
    ${button("Later", "›", () => range && moved(range, 0.5, durationMs), !range || toMs >= durationMs)}
    <span role="status" class="muted">${range ? `${text(fromMs)} to ${text(toMs)} of ${durationText(durationMs)}` : ""}</span>
    ${range ? html`<button type="button" class="quiet" onClick=${() => onZoom(undefined)}>Show all</button>` : html`<span class="muted hint">Drag over the time to zoom</span>`}
  </div>`;
}
