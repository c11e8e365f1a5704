import { gzipSync } from "node:zlib";

export interface LogStream {
  owner: string;
  logGroup: string;
  logStream: string;
}

export interface LogEvent {
  timestamp: number;
  message: string;
  /** CloudWatch's own, where it is known. */
  id?: string | undefined;
}

/** A Lambda event of a CloudWatch Logs subscription. */
export interface Delivery {
  awslogs: { data: string };
}

/** CloudWatch puts this much into one delivery at most, counted as PutLogEvents counts. */
const maxEvents = 10_000;
const maxBytes = 1_048_576;
const bytesPerEvent = 26;

/**
 * The deliveries by which CloudWatch Logs gives log events of one stream to its subscribers, in order.
 *
 * @param firstSequence how many events of the stream were delivered before; it makes event ids unique
 */
export function deliveriesOf(stream: LogStream, events: LogEvent[], firstSequence = 0): Delivery[] {
  const deliveries: Delivery[] = [];
  let batch: LogEvent[] = [];
  let bytes = 0;
  for (const [at, { timestamp, message, id }] of events.entries()) {
    const size = Buffer.byteLength(message) + bytesPerEvent;
    if (batch.length > 0 && (batch.length === maxEvents || bytes + size > maxBytes)) cut();
    batch.push({ id: id ?? eventId(timestamp, firstSequence + at), timestamp, message });
    bytes += size;
  }
  if (batch.length > 0) cut();
  return deliveries;

  function cut() {
    const envelope = {
      messageType: "DATA_MESSAGE",
      ...stream,
      subscriptionFilters: ["log-trace-forwarder"],
      logEvents: batch,
    };
    deliveries.push({ awslogs: { data: gzipSync(JSON.stringify(envelope)).toString("base64") } });
    batch = [];
    bytes = 0;
  }
}

/** 56 decimal digits: the milliseconds in the high bits, then what tells apart the events of one. */
function eventId(timestamp: number, sequence: number): string {
  return ((BigInt(timestamp) << 144n) + BigInt(sequence)).toString().padStart(56, "0");
}
