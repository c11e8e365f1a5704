/**
 * Floor J: floor Z, and Node's own JSON for all that is read and written: parse the delivery and its trace lines, turn
 * the items that the forwarder sent into text and bytes again. Nothing else happens to them. Job:
 * `{event, bodies, iterations}`.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { job, measure, readBodies, readEvent, report } from "./measure.mjs";

const { awslogs } = readEvent(job.event);
const outputs = readBodies(job.bodies).map(({ encoding, raw }) => ({
  isGzip: encoding !== "identity",
  // "[" or "{": JSON; anything else is protobuf, which goes out as it is.
  items: raw[0] === 0x5b || raw[0] === 0x7b ? JSON.parse(raw.toString()) : undefined,
  raw,
}));
let rawBytesIn = 0;
let rawBytesOut = 0;

const measured = await measure(job.iterations, () => {
  const envelope = gunzipSync(Buffer.from(awslogs.data, "base64"));
  rawBytesIn = envelope.length;
  for (const { message } of JSON.parse(envelope.toString()).logEvents) {
    if (message.startsWith('{"traces":')) JSON.parse(message);
  }
  rawBytesOut = 0;
  for (const { isGzip, items, raw } of outputs) {
    const body = items ? Buffer.from(JSON.stringify(items)) : raw;
    if (isGzip) gzipSync(body, { level: 6 });
    rawBytesOut += body.length;
  }
});
report({ ...measured, rawBytesIn, rawBytesOut });
