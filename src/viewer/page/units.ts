/** Numbers as people read them: three digits where more say nothing, and always a unit. */

/** @param ms of any size; "420 µs", "7.04 ms", "1.2 s", "2 min 5 s" */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms < 0) return `-${durationText(-ms)}`;
  if (ms === 0) return "0 ms";
  if (ms < 0.0009995) return `${Math.round(ms * 1e6)} ns`;
  if (ms < 0.9995) return `${threeDigits(ms * 1000)} µs`;
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Units of an axis, by what is smaller than how many of them. */
const AXIS_UNITS = [
  ["ns", 1e-6, 1_000],
  ["µs", 1e-3, 1_000],
  ["ms", 1, 1_000],
  ["s", 1_000, 60],
] as const;

/**
 * A moment on an axis, with as many digits as tell it from the next: "10 ms", "1.25 s".
 *
 * @param stepMs from one to the next
 * @param lastMs of the axis, as all have one unit
 */
export function axisText(ms: number, stepMs: number, lastMs: number): string {
  const found = AXIS_UNITS.find(([, unitMs, most]) => lastMs < unitMs * most);
  if (!found && stepMs >= 1_000) return durationText(ms);
  const [unit, unitMs] = found ?? AXIS_UNITS[3];
  const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(stepMs / unitMs) - 1e-9)));
  return `${ms === 0 ? "0" : (ms / unitMs).toFixed(digits)} ${unit}`;
}

/** "5.00", "52.1", "521" */
function threeDigits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

/** "12,345" */
export function countText(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** "1 span", "12,345 spans" */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** @param share 0 to 1; what is not nothing is never shown as nothing */
export function shareText(share: number): string {
  if (share === 0) return "0 %";
  if (share < 0.001) return "<0.1 %";
  if (share >= 1) return "100 %";
  return `${Math.min(99.9, share * 100).toFixed(1)} %`;
}

/** "12.3/s", and by the minute where seconds are too short. */
export function rateText(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  return perSecond < 0.5 ? `${threeDigits(perSecond * 60)}/min` : `${threeDigits(perSecond)}/s`;
}

/** "1.2 MB", of a million bytes each. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  if (bytes < 999_500) return `${threeDigits(bytes / 1000)} kB`;
  return bytes < 999_500_000 ? `${threeDigits(bytes / 1e6)} MB` : `${threeDigits(bytes / 1e9)} GB`;
}

/** A value of any size without a unit: "12,345", "1.25", "0.00271", "1.20e-12". */
export function figureText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "–";
  if (size === 0) return "0";
  if (size >= 1e15 || size < 1e-4) return value.toExponential(2);
  const sign = value < 0 ? "−" : "";
  if (size >= 999.5) return `${sign}${countText(size)}`;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return `${sign}${Number(size.toFixed(digits)).toFixed(Number.isInteger(value) ? 0 : digits)}`;
}

/** Small sums in digits that mean something: "$0.0000021". */
export function moneyText(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  const digits = Math.min(12, 1 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(digits)}`;
}

/** The time of the day where the reader is, to the millisecond: "14:03:07.120". */
export function clockText(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** The day where the reader is: "2026-11-21". */
export function dayText(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** For the tooltip of a time. Empty where the time is none a calendar has. */
export function isoText(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : "";
}

/** A moment since the beginning of something: "+12.3 ms". */
export function offsetText(ms: number): string {
  return ms < 0 ? `−${durationText(-ms)}` : `+${durationText(ms)}`;
}
