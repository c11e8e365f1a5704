/** Node itself: nothing is done. Reports the moment, monotonic time in ms, and the most memory in bytes. */
import { peakMemory, report } from "./measure.mjs";

report({ atMs: Number(process.hrtime.bigint()) / 1e6, peakBytes: peakMemory() });
