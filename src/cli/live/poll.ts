import { awsProblem, isDenied, isWithoutAccount, reasonOf } from "./aws-problem.ts";
import { type Following, pause } from "./follow.ts";
import type { LogGroup } from "./log-group.ts";
import { readEvents } from "./read-events.ts";

/** CloudWatch Logs answers five such calls a second in most regions. */
const GROUPS_AT_ONCE = 3;

/**
 * Follows log groups by reading again and again what they have, until the signal. A log group that goes away is left out.
 *
 * @param coveredMs since 1970, from when on nothing was read yet
 * @throws {CommandError} when it may not be read
 */
export async function followByPolling(groups: readonly LogGroup[], coveredMs: number, world: Following): Promise<void> {
  const { clients, say, signal, timing } = world;
  const client = await clients.logs();
  const followed = new Map(groups.map((group) => [group, coveredMs - timing.overlapMs]));
  let problem = "";
  let failures = 0;
  try {
    while (!signal.aborted && followed.size > 0) {
      const waiting = [...followed.keys()];
      const problems: string[] = [];
      const worker = async (): Promise<void> => {
        for (let group = waiting.shift(); group && !signal.aborted; group = waiting.shift()) {
          const found = await readOne(group);
          if (found) problems.push(found);
        }
      };
      await Promise.all(Array.from({ length: GROUPS_AT_ONCE }, worker));
      const first = problems[0] ?? "";
      if (first && first !== problem && !signal.aborted) say(`${first}; trying again`);
      problem = first;
      failures = first ? failures + 1 : 0;
      await pause(timing.pollMs * Math.min(16, 2 ** failures), signal);
    }
  } finally {
    client.destroy();
  }

  /** @returns what went wrong, "" = nothing */
  async function readOne(group: LogGroup): Promise<string> {
    const beganMs = Date.now();
    try {
      await readEvents(group, followed.get(group) ?? beganMs, client, world);
      followed.set(group, Math.max(followed.get(group) ?? 0, beganMs - timing.overlapMs));
      return "";
    } catch (error) {
      if (signal.aborted) return "";
      if (isDenied(error) || isWithoutAccount(error)) {
        throw awsProblem(`cannot read ${group.name}`, "logs:FilterLogEvents", error);
      }
      if ((error as Error).name === "ResourceNotFoundException") {
        followed.delete(group);
        say(`${group.name} is there no more`);
        return "";
      }
      return `cannot read ${group.name}: ${reasonOf(error)}`;
    }
  }
}
