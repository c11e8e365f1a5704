/** What sources need besides the event. Loaded by the first that does. */
import { S3Objects } from "../io/s3-objects.ts";
import type { Unfinished } from "../pipeline.ts";
import type { HandlerReach, Invocation } from "./invocation.ts";

/** Kept back for what is under way when no more is read; less where there is little time in all. */
const SETTLE_RESERVE_MS = 15_000;
const MEGABYTE = 1024 * 1024;

/** They stay with the process. */
let objects: S3Objects | undefined;

export async function reachOf(invocation: Invocation): Promise<HandlerReach> {
  const { config, worlds, log } = invocation;
  const { clock } = worlds;
  objects ??= new S3Objects(config.useVpc);
  const s3 = objects;
  const unfinished: Unfinished[] = [];
  const reserveMs = Math.min(SETTLE_RESERVE_MS, clock.msLeft() / 3);
  return {
    openObject: (place, fromByte) => s3.open(place, fromByte, clock.storeDeadlineUnixMs),
    beginsEvent: config.multilinePattern ? await beginning(config.multilinePattern) : undefined,
    maxObjectBytes: config.maxObjectMegabytes * MEGABYTE,
    isLate: () => clock.msLeft() < reserveMs,
    unfinished,
    canResume: config.storeFailedEvents && config.bucket !== "",
    answer: undefined,
    report: (problem) => log("ERROR", problem),
    async end(failure) {
      const objects = unfinished.splice(0);
      if (failure) throw failure;
      if (objects.length === 0) return;
      await (await import("./unfinished.ts")).noteUnfinished(invocation, objects);
    },
  };
}

async function beginning(pattern: string): Promise<(line: string) => boolean> {
  const { compilePattern } = await import("../transforms/pattern.ts");
  const compiled = compilePattern(`^(?:${pattern})`);
  return (line) => compiled.test(line);
}
