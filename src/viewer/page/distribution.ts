import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { type Bar, barsOf, isPicked } from "./distribution-bars.ts";
import { countOf, durationText } from "./units.ts";

interface Props {
  distribution: Bar[];
  minMs: number | undefined;
  maxMs: number | undefined;
  onPick: (picked: { fromMs: number; toMs: number } | undefined) => void;
}

/** How long requests took; a bar, or all bars from one to another, can be picked. */
export function Distribution({ distribution, minMs, maxMs, onPick }: Props) {
  const [start, setStart] = useState<number | undefined>(undefined);
  const [over, setOver] = useState<number | undefined>(undefined);
  const bars = barsOf(distribution);
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const isAnyPicked = minMs !== undefined || maxMs !== undefined;
  const isDragged = start !== undefined && over !== undefined;
  const isOn = (bar: Bar, at: number) =>
    isDragged ? at >= Math.min(start, over) && at <= Math.max(start, over) : isPicked(bar, minMs, maxMs);
  const pick = (from: number, to: number) => {
    const first = bars[Math.min(from, to)];
    const last = bars[Math.max(from, to)];
    if (first && last) onPick({ fromMs: first.fromMs, toMs: last.toMs });
  };
  const extend = (at: number) => {
    const picked = bars.findIndex((bar) => isPicked(bar, minMs, maxMs));
    pick(isAnyPicked && picked >= 0 ? picked : at, at);
  };
  const end = (event: PointerEvent) => {
    if (isDragged && !event.shiftKey) pick(start, over);
    setStart(undefined);
  };
  return html`<section class="distribution" aria-labelledby="distribution">
    <div class="section-head">
      <h2 id="distribution">Latency distribution</h2>
      ${
        isAnyPicked
          ? html`<p>${durationText(minMs ?? 0)} to ${maxMs === undefined ? "any" : durationText(maxMs)} <button type="button" class="quiet" onClick=${() => onPick(undefined)}>Show all</button></p>`
          : html`<p class="muted">Pick a bar, or drag over several, to see its traces.</p>`
      }
    </div>
    <div class="bars" role="group" aria-label="Durations from the shortest to the longest" onPointerLeave=${() => setStart(undefined)} onPointerUp=${end}>
      ${bars.map(
        (bar, at) => html`<button
          key=${bar.fromMs}
          type="button"
          class=${isAnyPicked || isDragged ? (isOn(bar, at) ? "is-on" : "is-off") : ""}
          aria-pressed=${isAnyPicked && isOn(bar, at)}
          aria-label=${`${countOf(bar.count, "request")} from ${durationText(bar.fromMs)} to ${durationText(bar.toMs)}`}
          title=${`${durationText(bar.fromMs)} – ${durationText(bar.toMs)}: ${countOf(bar.count, "request")}`}
          disabled=${bar.count === 0}
          onPointerDown=${(event: PointerEvent) => {
            (event.target as Element).releasePointerCapture?.(event.pointerId);
            setStart(at);
            setOver(at);
          }}
          onPointerEnter=${() => setOver(at)}
          onClick=${(event: MouseEvent) => {
            // A click of a mouse is the end of a pull already.
            if (event.shiftKey) extend(at);
            else if (event.detail === 0) pick(at, at);
          }}
        ><span style=${{ height: `${bar.count === 0 ? 0 : Math.max(4, (bar.count / most) * 100)}%` }}></span></button>`,
      )}
    </div>
    <div class="ends" aria-hidden="true"><span>${durationText(bars[0]?.fromMs ?? 0)}</span><span>${durationText(bars.at(-1)?.toMs ?? 0)}</span></div>
  </section>`;
}
