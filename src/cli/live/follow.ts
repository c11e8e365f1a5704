import type { AwsClients } from "./aws-clients.ts";
import type { LogGroup } from "./log-group.ts";
import type { FollowedEvent, SeenEvents } from "./seen-events.ts";

/** What following log groups needs of the world. */
export interface Following {
  clients: AwsClients;
  seen: SeenEvents;
  /** Resolves when there is room for more. Only what is new is given. */
  take(group: LogGroup, event: FollowedEvent): Promise<void>;
  /** For what is worth knowing. */
  say(text: string): void;
  signal: AbortSignal;
  /** Since 1970; what is older is not wanted. */
  fromMs: number;
  timing: Timing;
}

export interface Timing {
  /** Live Tail ends a session after three hours. */
  maxSessionMs: number;
  /** It sends something every second. */
  maxSilenceMs: number;
  /** Between two attempts, doubled each time. */
  retryMs: number;
  /** After the beginning of a session, to read what came before it. */
  gapReadsAfterMs: readonly number[];
  /** Between two readings of the same log group. */
  pollMs: number;
  /** Between two looks for log groups that were made since. */
  lookMs: number;
  /** How much is read again: events are found a little after they were written. */
  overlapMs: number;
}

export const TIMING: Timing = {
  maxSessionMs: 175 * 60_000,
  maxSilenceMs: 30_000,
  retryMs: 1_000,
  gapReadsAfterMs: [0, 10_000],
  pollMs: 2_000,
  lookMs: 30_000,
  overlapMs: 20_000,
};

/** Ends at the signal as well. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
