/** What a load takes: deliveries, concurrency, shards and money. */
import { MB_OF_ONE_PROCESSOR, PRICES, QUOTAS, SECONDS_IN_MONTH } from "./prices.mjs";

/** The forwarder has eight requests under way to an intake. */
const REQUESTS_AT_ONCE = 8;

/** What one invocation reads of a shard: templates/kinesis.yml; the bytes are those of 6 MB in base64. */
const BATCH = { records: 100, bytes: 4_500_000 };

/** A stream that is full with the usual load never catches up with what waits. */
const STREAM_HEADROOM = 2;

/** How many deliveries a stream takes in a second. */
export function streamIntake({ shards }, { figure }) {
  return shards * Math.min(QUOTAS.shardRecordsPerSecond, QUOTAS.shardBytesPerSecond / figure.bytesIn);
}

/**
 * @param load eventsPerSecond; figure: one of `measured`; memoryMb; intakeMs, until an intake answers; slowdown, how much
 *   longer Lambda's processor takes than the benchmark's
 * @returns for a function that is subscribed, and for one that reads a stream, where deliveries come together and wait for
 *   the intake together
 */
export function capacity({ eventsPerSecond, figure, memoryMb, intakeMs, slowdown }) {
  const deliveriesPerSecond = eventsPerSecond / figure.events;
  const share = Math.min(1, memoryMb / MB_OF_ONE_PROCESSOR);
  const cpuMs = (figure.cpuMs * slowdown) / share;
  const batch = Math.max(1, Math.min(BATCH.records, Math.floor(BATCH.bytes / figure.bytesIn)));
  const msWith = (deliveries) =>
    cpuMs + (intakeMs * Math.ceil((figure.requests * deliveries) / REQUESTS_AT_ONCE)) / deliveries;
  const durationMs = msWith(1);
  const streamMs = msWith(batch);
  const bytesPerSecond = deliveriesPerSecond * figure.bytesIn;
  const streamConcurrency = (deliveriesPerSecond * streamMs) / 1_000;
  const shards = Math.ceil(
    STREAM_HEADROOM *
      Math.max(
        1 / STREAM_HEADROOM,
        bytesPerSecond / QUOTAS.shardBytesPerSecond,
        deliveriesPerSecond / QUOTAS.shardRecordsPerSecond,
        streamConcurrency / QUOTAS.parallelizationFactor,
      ),
  );
  const concurrency = (deliveriesPerSecond * durationMs) / 1_000;
  return { deliveriesPerSecond, durationMs, streamMs, concurrency, streamConcurrency, bytesPerSecond, shards, batch };
}

/** USD a month: of Lambda, subscribed or reading full batches of a stream, of the stream itself, of what goes out. */
export function monthlyCost(needs, { memoryMb, figure }) {
  const { deliveriesPerSecond, durationMs, streamMs, bytesPerSecond, shards, batch } = needs;
  const deliveries = deliveriesPerSecond * SECONDS_IN_MONTH;
  const lambda = (ms, invocations) =>
    deliveries * (ms / 1_000) * (memoryMb / 1_024) * PRICES.lambdaGbSecond +
    (invocations / 1e6) * PRICES.lambdaMillionRequests;
  const putUnits = deliveries * Math.ceil(figure.bytesIn / PRICES.putUnitBytes);
  return {
    subscribed: lambda(durationMs, deliveries),
    reading: lambda(streamMs, deliveries / batch),
    stream: shards * PRICES.shardHour * (SECONDS_IN_MONTH / 3_600) + (putUnits / 1e6) * PRICES.millionPutUnits,
    egress: ((bytesPerSecond * figure.outPerIn * SECONDS_IN_MONTH) / 1e9) * PRICES.egressGb,
  };
}

/** Which way a load wants: one function that is subscribed, one with a higher quota, or streams. */
export function wayFor({ concurrency }) {
  // Half is left to other functions and to bursts.
  if (concurrency <= QUOTAS.concurrency / 2) return "one function";
  return concurrency <= QUOTAS.concurrency * 5 ? "one function, quota raised" : "Kinesis";
}
