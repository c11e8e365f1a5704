/**
 * The built function from the start of the process to the end of its first delivery. Job: `{forwarder, event}`.
 * Reports the moment it is done, monotonic time in ms.
 */
import { loadFunction } from "./function.mjs";
import { job, readEvent, report } from "./measure.mjs";

const { invoke, ledgers } = await loadFunction(job.forwarder);
await invoke(readEvent(job.event));
const atMs = Number(process.hrtime.bigint()) / 1e6;
report({ atMs, ledger: ledgers()[0] });
