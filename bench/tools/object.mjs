/**
 * The built function forwards an object of S3 once, whatever its name, from the S3 that the environment names. Job:
 * `{forwarder}`. Reports time, processor time with all threads, the most memory, and the ledger.
 */
import { loadFunction } from "./function.mjs";
import { job, peakMemory, report } from "./measure.mjs";

const EVENT = {
  Records: [
    {
      eventSource: "aws:s3",
      eventName: "ObjectCreated:Put",
      awsRegion: "eu-west-1",
      s3: { bucket: { name: "bench" }, object: { key: "large.gz" } },
    },
  ],
};
/** As long as Lambda gives. */
const TIMEOUT_MS = 900_000;

const { invoke, ledgers } = await loadFunction(job.forwarder, { getRemainingTimeInMillis: () => TIMEOUT_MS });
const startedMs = performance.now();
await invoke(EVENT);
const ms = performance.now() - startedMs;
const { user, system } = process.cpuUsage();
report({ ms, cpuMs: (user + system) / 1000, peakBytes: peakMemory(), ledger: ledgers()[0] });
