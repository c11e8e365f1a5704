/** A load second by second: how much waits, and how long, when more comes than there are executions for. */
import { QUOTAS } from "./prices.mjs";

/**
 * @param deliveriesPerSecond what comes when nothing is the matter
 * @param durationMs of one
 * @param limit the most executions at the same time
 * @param intakePerSecond how many deliveries a stream takes; Infinity without one
 * @param gainPerSecond how many more there can be each second; Infinity for a stream, whose readers are all there
 * @param burst factor: how many times as much comes; seconds: for so long, after a minute
 * @param horizonSeconds when looking ends
 * @returns the most that waited, the longest that one did, and the second in which nothing waited any more; Infinity for
 *   never within the horizon
 */
export function simulated({
  intakePerSecond = Number.POSITIVE_INFINITY,
  deliveriesPerSecond,
  durationMs,
  limit,
  gainPerSecond,
  burst,
  horizonSeconds = 6 * 3_600,
}) {
  const eachPerSecond = 1_000 / durationMs;
  const burstEnd = QUIET_SECONDS + burst.seconds;
  let executions = Math.min(limit, deliveriesPerSecond / eachPerSecond);
  let waiting = 0;
  let mostWaiting = 0;
  let longestWaitSeconds = 0;
  for (let second = 0; second < horizonSeconds; second++) {
    const isBurst = second >= QUIET_SECONDS && second < burstEnd;
    const comes = deliveriesPerSecond * (isBurst ? burst.factor : 1);
    const wanted = (waiting + comes) / eachPerSecond;
    executions = Math.min(limit, wanted, executions + gainPerSecond);
    const done = Math.min(waiting + comes, intakePerSecond, executions * eachPerSecond);
    waiting += comes - done;
    mostWaiting = Math.max(mostWaiting, waiting);
    if (done > 0) longestWaitSeconds = Math.max(longestWaitSeconds, waiting / done);
    // What is left by rounding does not wait.
    if (second >= burstEnd && waiting < 1e-6)
      return { mostWaiting, longestWaitSeconds, caughtUpSeconds: second - burstEnd };
  }
  return { mostWaiting, longestWaitSeconds, caughtUpSeconds: Number.POSITIVE_INFINITY };
}

/** Before the burst. */
const QUIET_SECONDS = 60;

export const SUBSCRIBED_GAIN_PER_SECOND = QUOTAS.moreConcurrencyInTenSeconds / 10;
