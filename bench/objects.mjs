/** Large objects of S3, forwarded by the built function in a small heap. They are made of one unit, again and again. */
import { gzipSync } from "node:zlib";
import { FORWARDER, forwarderEnv, runTool } from "./child.mjs";
import { makeDelivery } from "./deliveries.mjs";
import { startEndlessS3 } from "./endless-s3.mjs";
import { textLines } from "./lines/text.mjs";
import { Random } from "./random.mjs";

const MEGABYTE = 1024 * 1024;
const UNIT_BYTES = 4 * MEGABYTE;
const DELIVERIES = 10;
const DELIVERY_BYTES = 50_000;

/** What an object may hold, by name: a unit in gzip, its bytes without it, and its events. */
export const OBJECTS = { lines: unitOfLines, deliveries: unitOfDeliveries };

/** A container's lines, one member of gzip for each 4 MB. */
function unitOfLines() {
  const lines = textLines(new Random(1), { nowMs: Date.UTC(2026, 10, 21) }, {});
  let text = "";
  while (text.length < UNIT_BYTES) text += `${lines.next().value.message.trimEnd()}\n`;
  const raw = Buffer.from(text);
  return { unit: gzipSync(raw), rawBytes: raw.length, events: text.split("\n").filter((line) => line.trim()).length };
}

/** Deliveries of CloudWatch Logs one behind the other, as Firehose writes them. */
function unitOfDeliveries() {
  const made = Array.from({ length: DELIVERIES }, (_, at) =>
    makeDelivery({ kind: "lambda", gzipBytes: DELIVERY_BYTES, seed: at + 1 }),
  );
  const sum = (of) => made.reduce((total, { facts }) => total + of(facts), 0);
  return {
    unit: Buffer.concat(made.map(({ event }) => Buffer.from(event.awslogs.data, "base64"))),
    rawBytes: sum(({ rawBytes }) => rawBytes),
    events: sum(({ events }) => events),
  };
}

/**
 * Forwards one object in a process of its own.
 *
 * @param {{kind: string, megabytes: number, heapMb: number, port: number, settings?: object}} given `megabytes`: without
 *   compression, about; `port`: of an intake
 * @returns {Promise<{rawBytes: number, gzipBytes: number, ms: number, cpuMs: number, peakBytes: number, ledger: object}>}
 * @throws {Error} when not all events were forwarded
 */
export async function forwardObject({ kind, megabytes, heapMb, port, settings }) {
  const { unit, rawBytes, events } = OBJECTS[kind]();
  const times = Math.max(1, Math.round((megabytes * MEGABYTE) / rawBytes));
  const s3 = await startEndlessS3(unit, times);
  try {
    const env = { ...forwarderEnv(port, settings), ...s3.environment };
    env.NODE_OPTIONS += ` --max-old-space-size=${heapMb}`;
    const measured = await runTool("object", { forwarder: FORWARDER }, env);
    const { ledger } = measured;
    if (ledger.events !== events * times) throw new Error(`of ${events * times} events ${ledger.events} were read`);
    return { ...measured, rawBytes: rawBytes * times, gzipBytes: s3.bytes };
  } finally {
    await s3.stop();
  }
}
