/** Follows log groups, each in the way that it can be followed, and those that are made later. */
import { findLaterLogGroups, MAX_LOG_GROUPS } from "./find-log-groups.ts";
import { type Following, pause } from "./follow.ts";
import type { LogGroup } from "./log-group.ts";
import { followByPolling } from "./poll.ts";
import { followByTail, MAX_GROUPS } from "./tail.ts";

export interface Wanted {
  groups: readonly LogGroup[];
  /** Whose log groups are looked for again and again. */
  patterns: readonly string[];
  /** Functions whose log groups are not there yet. */
  awaited: readonly string[];
  /** Whether all are read by FilterLogEvents. */
  poll: boolean;
}

/** So that looking takes a twentieth of the time at most, and of the calls that the account has. */
const PAUSE_PER_LOOK = 20;

/**
 * Until the signal, or until nothing is left to follow.
 *
 * @param coveredMs since 1970, from when on nothing was read yet
 * @throws {CommandError} when they may not be read
 */
export function followAll(
  { groups, patterns, awaited, poll }: Wanted,
  coveredMs: number,
  world: Following,
): Promise<void> {
  const { clients, say, signal, timing } = world;
  return new Promise((resolve, reject) => {
    let open = 0;
    begin(followNow(groups, coveredMs));
    begin([followLater()]);

    function begin(works: Promise<void>[]): void {
      for (const work of works) {
        open++;
        work.then(() => --open === 0 && resolve(), reject);
      }
    }

    function followNow(some: readonly LogGroup[], fromMs: number): Promise<void>[] {
      const polled = some.filter(({ isTailed }) => poll || !isTailed);
      const tailed = some.filter((group) => !polled.includes(group));
      const works = polled.length > 0 ? [followByPolling(polled, fromMs, world)] : [];
      for (let at = 0; at < tailed.length; at += MAX_GROUPS) {
        works.push(followByTail(tailed.slice(at, at + MAX_GROUPS), fromMs, world));
      }
      return works;
    }

    async function followLater(): Promise<void> {
      const known = new Set(groups.map(({ arn }) => arn));
      const missing = new Set(awaited);
      let lookedMs = coveredMs;
      let tookMs = 0;
      let problem = "";
      while (!signal.aborted && patterns.length + missing.size > 0) {
        await pause(Math.max(timing.lookMs, tookMs * PAUSE_PER_LOOK), signal);
        if (signal.aborted) return;
        const beganMs = Date.now();
        try {
          const found = await findLaterLogGroups({ patterns, awaited: [...missing] }, clients);
          const fresh = [...new Map(found.map((group) => [group.arn, group])).values()].filter(
            ({ arn }) => !known.has(arn),
          );
          const taken = fresh.slice(0, MAX_LOG_GROUPS - known.size);
          for (const { arn, name } of taken) {
            known.add(arn);
            missing.delete(name.replace("/aws/lambda/", ""));
            say(`following ${name} too`);
          }
          begin(followNow(taken, lookedMs));
          if (taken.length < fresh.length) {
            return say(`there are more than ${MAX_LOG_GROUPS} log groups now: no more are followed`);
          }
          lookedMs = beganMs;
          problem = "";
        } catch (error) {
          const { message } = error as Error;
          if (message !== problem && !signal.aborted) say(`${message}; looking for new log groups again`);
          problem = message;
        }
        tookMs = Date.now() - beganMs;
      }
    }
  });
}
