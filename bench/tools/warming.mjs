/**
 * The built function from its first invocation on, as an execution environment meets it. Job: `{forwarder, event, ends}`:
 * the number of the last invocation of each window. Reports processor time of an invocation in each, the mean.
 */
import { loadFunction } from "./function.mjs";
import { job, readEvent, report } from "./measure.mjs";

const { invoke, ledgers } = await loadFunction(job.forwarder);
const event = readEvent(job.event);
const cpuMs = [];
let done = 0;
for (const end of job.ends) {
  const [first, before] = [done, process.cpuUsage()];
  for (; done < end; done++) await invoke(event);
  const { user, system } = process.cpuUsage(before);
  cpuMs.push((user + system) / 1000 / (end - first));
  ledgers();
}
report({ cpuMs });
