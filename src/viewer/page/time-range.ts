/** Which part of a trace's time is shown, in milliseconds since its beginning. Undefined stands for all of it. */

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Milliseconds since 1970 are exact to a quarter of a microsecond in a browser, so less shows nothing. */
const MIN_MS = 0.01;

/** The range between two moments, in any order: within the trace, and not too short to show something. */
export function rangeBetween(oneMs: number, otherMs: number, durationMs: number): TimeRange | undefined {
  if (!Number.isFinite(oneMs) || !Number.isFinite(otherMs) || !(durationMs > MIN_MS)) return undefined;
  const width = Math.min(durationMs, Math.max(MIN_MS, Math.abs(otherMs - oneMs)));
  const middle = (oneMs + otherMs) / 2;
  const fromMs = Math.max(0, Math.min(durationMs - width, middle - width / 2));
  return width >= durationMs * 0.9999 ? undefined : { fromMs, toMs: fromMs + width };
}

/** What is shown at `factor` times the size, with a moment in the middle where that is possible. */
export function zoomed(
  range: TimeRange | undefined,
  factor: number,
  aroundMs: number,
  durationMs: number,
): TimeRange | undefined {
  const { fromMs, toMs } = range ?? { fromMs: 0, toMs: durationMs };
  const half = (toMs - fromMs) / factor / 2;
  return rangeBetween(aroundMs - half, aroundMs + half, durationMs);
}

/** What is shown a part of its width later, or earlier where it is negative. */
export function moved({ fromMs, toMs }: TimeRange, part: number, durationMs: number): TimeRange | undefined {
  const byMs = (toMs - fromMs) * part;
  return rangeBetween(fromMs + byMs, toMs + byMs, durationMs);
}

/** The range of an address. */
export function rangeOf({ from, to }: Readonly<Record<string, string>>, durationMs: number): TimeRange | undefined {
  const [fromMs, toMs] = [from, to].map((text) => (text === undefined || text === "" ? Number.NaN : Number(text)));
  const isWithin = fromMs !== undefined && toMs !== undefined && fromMs < toMs && toMs > 0 && fromMs < durationMs;
  return isWithin ? rangeBetween(Math.max(0, fromMs), Math.min(durationMs, toMs), durationMs) : undefined;
}

/** How an address names it. */
export function givenOf(range: TimeRange | undefined): { from?: string; to?: string } {
  return range ? { from: exact(range.fromMs), to: exact(range.toMs) } : {};
}

function exact(ms: number): string {
  return String(Number(ms.toFixed(4)));
}

/** Whether something from one moment to another is in the range. What lies outside the trace is at its ends. */
export function isInRange(range: TimeRange | undefined, startMs: number, endMs: number, durationMs: number): boolean {
  if (!range) return true;
  return (range.fromMs <= 0 || endMs >= range.fromMs) && (range.toMs >= durationMs || startMs <= range.toMs);
}
