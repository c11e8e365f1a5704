/** How long this process could not run when it should have: on a busy machine its servers answer late. */

const TICK_MS = 20;
/** A timer is never exact. */
const USUAL_MS = 10;
const KEPT_MS = 60_000;

const stalls: { atMs: number; ms: number }[] = [];
let lastTickMs = performance.now();

setInterval(() => {
  const nowMs = performance.now();
  const ms = nowMs - lastTickMs - TICK_MS;
  lastTickMs = nowMs;
  if (ms > USUAL_MS) stalls.push({ atMs: nowMs, ms });
  while (stalls[0] && nowMs - stalls[0].atMs > KEPT_MS) stalls.shift();
}, TICK_MS).unref();

/** In milliseconds. @param sinceMs of `performance.now()`, at most a minute ago */
export function stalledMsSince(sinceMs: number): number {
  return stalls.reduce((sum, { atMs, ms }) => (atMs > sinceMs ? sum + ms : sum), 0);
}
