/**
 * The most memory the built function takes. Job: `{forwarder, event, invocations}`. As in Lambda, each invocation's event
 * is parsed anew from text. Reports bytes.
 */
import { loadFunction } from "./function.mjs";
import { job, peakMemory, readEvent, report } from "./measure.mjs";

const { invoke, ledgers } = await loadFunction(job.forwarder);
for (let done = 0; done < job.invocations; done++) {
  await invoke(readEvent(job.event));
  ledgers();
}
report({ peakBytes: peakMemory() });
