import { count } from "../trace-tree.ts";
import { awsProblem, isDenied, isWithoutAccount, reasonOf } from "./aws-problem.ts";
import type { Following } from "./follow.ts";
import type { LogGroup } from "./log-group.ts";
import { readEvents } from "./read-events.ts";

/**
 * Reads what the log groups have from the wanted time up to now, one after the other.
 *
 * @param progress how far it is, in words; the last time with `isDone`
 * @throws {CommandError} when they may not be read
 */
export async function readBack(
  groups: readonly LogGroup[],
  world: Following,
  progress: (text: string, isDone: boolean) => void,
): Promise<void> {
  const client = await world.clients.logs();
  let total = 0;
  try {
    for (const [at, group] of groups.entries()) {
      if (world.signal.aborted) return;
      const tell = (lastMs: number): void => {
        const upTo = lastMs > 0 ? `, up to ${new Date(lastMs).toISOString().slice(11, 19)}` : "";
        progress(`reading back log group ${at + 1} of ${groups.length}: ${count(total, "log event")}${upTo}`, false);
      };
      tell(0);
      await readOne(group, (events, lastMs) => {
        total += events;
        tell(lastMs);
      });
    }
    progress(`read back ${count(total, "log event")} of ${count(groups.length, "log group")}`, true);
  } finally {
    client.destroy();
  }

  async function readOne(group: LogGroup, onPage: (events: number, lastMs: number) => void): Promise<void> {
    try {
      await readEvents(group, world.fromMs, client, world, onPage);
    } catch (error) {
      if (world.signal.aborted) return;
      if (isDenied(error) || isWithoutAccount(error)) {
        throw awsProblem(`cannot read ${group.name}`, "logs:FilterLogEvents", error);
      }
      world.say(`not all of ${group.name} was read back: ${reasonOf(error)}`);
    }
  }
}
