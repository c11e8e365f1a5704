/** The bars of a latency distribution: of one width where durations are drawn by their logarithm. */

export interface Bar {
  fromMs: number;
  toMs: number;
  count: number;
}

/** So that a few bars do not look like many. */
const MIN_BARS = 16;

/** Bars as the API gives them have gaps where nothing is; a picture needs the empty ones too, and some on both sides. */
export function barsOf(distribution: readonly Bar[]): Bar[] {
  const bars = withoutGaps(distribution);
  const ratio = bars.reduce((widest, { fromMs, toMs }) => (fromMs > 0 ? Math.max(widest, toMs / fromMs) : widest), 1.2);
  while (bars.length > 0 && bars.length < MIN_BARS) {
    const { fromMs } = bars[0] as Bar;
    if (fromMs > 0) bars.unshift({ fromMs: fromMs / ratio, toMs: fromMs, count: 0 });
    const { toMs } = bars.at(-1) as Bar;
    bars.push({ fromMs: toMs, toMs: toMs * ratio, count: 0 });
  }
  return bars;
}

function withoutGaps(distribution: readonly Bar[]): Bar[] {
  const bars: Bar[] = [];
  for (const bar of distribution) {
    const before = bars.at(-1);
    if (before && bar.fromMs > before.toMs * 1.001 && bar.fromMs > 0) {
      const ratio = bar.toMs / bar.fromMs;
      const missing = Math.min(200, Math.round(Math.log(bar.fromMs / before.toMs) / Math.log(ratio)));
      for (let at = 0; at < missing; at++) {
        const fromMs = before.toMs * ratio ** at;
        bars.push({ fromMs, toMs: at === missing - 1 ? bar.fromMs : fromMs * ratio, count: 0 });
      }
    }
    bars.push({ ...bar });
  }
  return bars;
}

/** Whether a bar lies in what was picked. Undefined ends are open. */
export function isPicked({ fromMs, toMs }: Bar, minMs: number | undefined, maxMs: number | undefined): boolean {
  // The API takes durations with nine decimals.
  return (minMs === undefined || toMs > minMs + 1e-9) && (maxMs === undefined || fromMs < maxMs - 1e-9);
}
