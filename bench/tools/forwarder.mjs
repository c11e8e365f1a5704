/**
 * The built function, warm. Job: `{forwarder, event, iterations}`, files and a number. Its environment is the function's.
 * Reports processor and wall time of an invocation, and the last ledger.
 */
import { loadFunction } from "./function.mjs";
import { job, measure, readEvent, report } from "./measure.mjs";

const { invoke, ledgers } = await loadFunction(job.forwarder);
const event = readEvent(job.event);
const measured = await measure(job.iterations, () => invoke(event));
const all = ledgers();
if (all.length !== job.iterations) throw new Error(`${all.length} ledgers of ${job.iterations} invocations`);
report({ ...measured, ledger: all.at(-1) });
