/**
 * Makes what CloudWatch Logs hands to a subscribed Lambda function: `{"awslogs":{"data": base64(gzip(JSON))}}`, with
 * lines as functions and containers write them. The same arguments give the same lines on every machine; where a size in
 * gzip bytes is asked for, the version of zlib may shift their number by a few.
 */
import { gzipSync } from "node:zlib";
import { LAMBDA_GROUP, lambdaLines } from "./lines/lambda.mjs";
import { TEXT_GROUP, textLines } from "./lines/text.mjs";
import { traceLines } from "./lines/trace.mjs";
import { Random } from "./random.mjs";

const KINDS = {
  lambda: { lines: lambdaLines, logGroup: LAMBDA_GROUP, shape: { linesPerRequest: [4, 16] } },
  trace: { lines: traceLines, logGroup: LAMBDA_GROUP, shape: { logsPerRequest: [1, 4], spansPerTrace: [5, 60] } },
  text: { lines: textLines, logGroup: TEXT_GROUP, shape: {} },
};

/** Gzip bytes. */
const SIZES = { "1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000 };

/** The deliveries that are measured, by name: every kind in every size. */
export const DELIVERIES = Object.fromEntries(
  Object.keys(KINDS).flatMap((kind) =>
    Object.entries(SIZES).map(([size, gzipBytes]) => [`${kind}-${size}`, { kind, gzipBytes }]),
  ),
);
// A kilobyte is one request with a trace of one span.
DELIVERIES["trace-1k"] = { kind: "trace", requests: 1, logsPerRequest: [0, 0], spansPerTrace: [1, 1] };

/**
 * @typedef {object} Facts
 * @property {number} events log events
 * @property {number} rawBytes of the JSON
 * @property {number} gzipBytes of the JSON, compressed
 * @property {number} traceLines log events that are trace payload lines
 * @property {number} spans in them
 * @property {number} requests whose REPORT is there
 */

/**
 * A delivery of a given number of log events, or of whole requests, or of the size in gzip bytes that it comes nearest to
 * from below.
 *
 * @param {object} given `kind`, `seed`, one of `events`, `requests` and `gzipBytes`, and what the kind's lines take
 * @returns {{event: {awslogs: {data: string}}, facts: Facts}}
 */
export function makeDelivery({ kind, seed = 1, events, requests, gzipBytes, ...shape }) {
  const stream = new LogStream(kind, seed, shape);
  const count = events ?? (requests ? stream.countOfRequests(requests) : stream.countOfGzipBytes(gzipBytes));
  return stream.delivery(count);
}

/** A log stream's events from its first on, made when they are asked for. */
class LogStream {
  #head;
  #lines;
  #ids;
  #clock = { nowMs: 1_795_226_069_832 };
  /** Each with the event's JSON. */
  #made = [];

  constructor(kind, seed, shape) {
    const random = new Random(seed);
    const { lines, logGroup, shape: usual } = KINDS[kind];
    this.#lines = lines(random, this.#clock, { ...usual, ...shape });
    this.#ids = eventIds(new Random(seed + 1));
    this.#ids.next();
    const head = {
      messageType: "DATA_MESSAGE",
      owner: "123456789012",
      logGroup,
      logStream: kind === "text" ? `orders/app/${random.hex(32)}` : `2026/11/21/[$LATEST]${random.hex(32)}`,
      subscriptionFilters: ["log-trace-forwarder"],
      logEvents: [],
    };
    this.#head = JSON.stringify(head).slice(0, -2);
  }

  delivery(count) {
    this.#makeUpTo(count);
    const events = this.#made.slice(0, count);
    const raw = this.#json(count);
    const gzip = gzipSync(raw);
    const total = (of) => events.reduce((sum, event) => sum + of(event), 0);
    return {
      event: { awslogs: { data: gzip.toString("base64") } },
      facts: {
        events: count,
        rawBytes: raw.length,
        gzipBytes: gzip.length,
        traceLines: total(({ isTrace }) => (isTrace ? 1 : 0)),
        spans: total(({ spans = 0 }) => spans),
        requests: total(({ endsRequest }) => (endsRequest ? 1 : 0)),
      },
    };
  }

  /** The number of events up to the end of so many requests. */
  countOfRequests(requests) {
    for (let count = 1, ended = 0; ; count++) {
      this.#makeUpTo(count);
      if (this.#made[count - 1].endsRequest && ++ended === requests) return count;
    }
  }

  /** The largest number of events, to half a percent, that compress to no more than so many bytes; at least one. */
  countOfGzipBytes(target) {
    const size = (count) => gzipSync(this.#json(count)).length;
    let [low, lowSize] = [1, size(1)];
    let [high, highSize] = [2, size(2)];
    while (highSize <= target) {
      [low, lowSize] = [high, highSize];
      high = Math.ceil(high * Math.min(2, (target / highSize) * 1.05 + 0.01));
      high = Math.max(high, low + 1);
      highSize = size(high);
    }
    while (high - low > Math.max(1, low * 0.005)) {
      const guess = low + Math.floor(((high - low) * (target - lowSize)) / (highSize - lowSize));
      const middle = Math.min(high - 1, Math.max(low + 1, guess));
      const middleSize = size(middle);
      if (middleSize <= target) [low, lowSize] = [middle, middleSize];
      else [high, highSize] = [middle, middleSize];
      if (middleSize <= target && middleSize > target * 0.995) break;
    }
    return low;
  }

  #json(count) {
    this.#makeUpTo(count);
    const events = this.#made.slice(0, count).map(({ json }) => json);
    return Buffer.from(`${this.#head}${events.join(",")}]}`);
  }

  #makeUpTo(count) {
    while (this.#made.length < count) {
      const { message, ...facts } = this.#lines.next().value;
      const timestamp = this.#clock.nowMs;
      const json = JSON.stringify({ id: this.#ids.next(timestamp).value, timestamp, message });
      this.#made.push({ json, ...facts });
    }
  }
}

/**
 * 56 digits, as CloudWatch numbers its events: the time in milliseconds, and behind it 144 bits that are one number for
 * each batch that was put, counted up from event to event.
 */
function* eventIds(random) {
  let timestamp = yield "";
  for (;;) {
    let low = BigInt(`0x${random.hex(35)}`);
    for (let left = random.between(1, 60); left > 0; left--) {
      timestamp = yield String((BigInt(timestamp) << 144n) + low);
      low += 1n;
    }
  }
}
