/**
 * OpenTelemetry's consistent probability sampling: a trace is kept where the lowest 56 bits of its id are not below a
 * threshold, so that whoever knows the id decides alike, and what is kept at a rate is kept at any higher one.
 *
 * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */

/** Hex digits of 56 bits. */
const DIGITS = 14;

/**
 * The 14 hex digits of the first id that is kept; undefined where none is.
 *
 * @param rate from 0 to 1; which share of the ids is kept
 */
export function thresholdOf(rate: number): string | undefined {
  const kept = BigInt(Math.round(rate * 2 ** 56));
  return kept === 0n ? undefined : (2n ** 56n - kept).toString(16).padStart(DIGITS, "0");
}

/** @param traceId at least 14 lowercase hex digits */
export function isAtLeast(threshold: string, traceId: string): boolean {
  return traceId.slice(-DIGITS) >= threshold;
}

/** As it is written in `sampling.threshold` and in tracestate: without the zeros at its end. */
export function shortThreshold(threshold: string): string {
  return threshold.replace(/0+$/, "") || "0";
}
