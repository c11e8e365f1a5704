/** An invocation that sends stored batches again. Loaded only for one. */
import { redrive } from "../delivery/redrive.ts";
import { openRedriveBooks } from "../delivery/redrive-books.ts";
import { allDestinationsFor } from "../destinations/index.ts";
import type { Forward, Invocation } from "./invocation.ts";

/**
 * @param isAlone whether there is nothing else to do, so that its failure is the invocation's
 * @throws {Error} when it is alone and the store cannot be read
 */
export async function redriveStored(invocation: Invocation, isAlone: boolean, forward: Forward): Promise<void> {
  const { config, forwarder, worlds, openStore, circuits, loadObfuscation, ledger, log } = invocation;
  const store = await openStore();
  if (!store) return log("WARN", "there is no store to redrive: set DD_S3_BUCKET_NAME or DD_SQS_QUEUE_URL");
  if (worlds.cannotPost) return log("ERROR", `no redrive: ${worlds.cannotPost}`);
  const destinations = await allDestinationsFor(config, forwarder);
  const { clock, worldOf } = worlds;
  // Logs that were stored before they were switched off stay until they are switched on.
  const taken = new Set(destinations.map(({ kind }) => kind));
  const kinds = [...taken].filter((kind) => config.forwardLog || kind !== "logs");
  const books = openRedriveBooks(ledger);
  const report = (problem: string): void => log("ERROR", problem);
  try {
    const changeSpan = await loadObfuscation();
    const hasRun = await redrive({ store, kinds, destinations, circuits, clock, worldOf, books, report, changeSpan });
    if (!hasRun) log("INFO", "another redrive is under way");
    await (await import("./unfinished.ts")).resumeUnfinished(invocation, forward);
  } catch (error) {
    if (isAlone) throw error;
    report(error instanceof Error ? error.message : "unknown error");
  }
}
