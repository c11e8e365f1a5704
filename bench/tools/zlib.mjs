/**
 * Floor Z: decompress what comes in and compress what goes out, nothing else. Job: `{event, bodies, iterations, isTuned}`.
 *
 * Plain is how one would write it: `gunzipSync(bytes)`, `gzipSync(body, {level: 6})`. Tuned gives zlib the options with
 * which it is fastest: an output chunk one byte larger than what comes out, and the largest hash table.
 */
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { job, measure, readBodies, readEvent, report } from "./measure.mjs";

const { awslogs } = readEvent(job.event);
const bodies = readBodies(job.bodies);
const gzipOptions = job.isTuned ? { level: 6, memLevel: constants.Z_MAX_MEMLEVEL } : { level: 6 };
let rawBytesIn = 0;
let rawBytesOut = 0;

const measured = await measure(job.iterations, () => {
  const bytes = Buffer.from(awslogs.data, "base64");
  rawBytesIn = gunzip(bytes).length;
  rawBytesOut = 0;
  for (const { encoding, raw } of bodies) {
    if (encoding !== "identity") gzipSync(raw, gzipOptions);
    rawBytesOut += raw.length;
  }
});
report({ ...measured, rawBytesIn, rawBytesOut });

function gunzip(bytes) {
  if (!job.isTuned) return gunzipSync(bytes);
  // A gzip ends with the size of what is in it; with one byte more zlib sees the end without asking for a second chunk.
  return gunzipSync(bytes, { chunkSize: Math.max(64, bytes.readUInt32LE(bytes.length - 4) + 1) });
}
