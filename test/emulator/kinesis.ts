import { createHash } from "node:crypto";
import type { Iam } from "./iam.ts";
import { answerJson } from "./protocols.ts";
import { type AwsCall, AwsError, NotEmulated, type Place, type Properties, type Service } from "./service.ts";

export interface StreamRecord {
  sequenceNumber: string;
  partitionKey: string;
  data: Buffer;
  arrivedUnixMs: number;
}

export interface Shard {
  shardId: string;
  /** Partition keys are hashed to 128 bits; the shard takes those from here to there, both included. */
  startingHashKey: bigint;
  endingHashKey: bigint;
  /** In the order of their sequence numbers. */
  records: StreamRecord[];
}

interface Stream {
  name: string;
  arn: string;
  properties: Properties;
  shards: Shard[];
  created: Date;
}

export interface Kinesis extends Service {
  /** @throws {AwsError} ResourceNotFoundException */
  shards(streamArn: string): readonly Shard[];
  /** Hears of each call that put records into a stream, when all of them are there. */
  onPut(listener: (streamArn: string) => void): void;
}

const HASH_KEYS = 2n ** 128n;
const MAX_SHARDS = 1_000;
/** What a record may have, its partition key included. A stream can be set to take larger ones. */
const MAX_RECORD_BYTES = 1_048_576;
const MAX_RECORDS_A_PUT = 500;
const MAX_BYTES_A_PUT = 5_242_880;
const MAX_RECORDS_A_GET = 10_000;
const MAX_BYTES_A_GET = 10_485_760;

/**
 * Streams of provisioned shards, which exist as soon as they are made, keep everything and are never throttled.
 *
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/
 */
export function kinesis({ region, accountId }: Place, iam: Iam): Kinesis {
  const streams = new Map<string, Stream>();
  const listeners: ((streamArn: string) => void)[] = [];
  let lastSequence = 49_544_985_256_653_700_230n * 10n ** 36n;

  // biome-ignore lint/suspicious/noExplicitAny: each operation reads its own input
  const operations: Record<string, (input: any, call: AwsCall) => unknown> = {
    CreateStream({ StreamName, ...properties }, { accessKeyId }) {
      iam.authorize(accessKeyId, "kinesis:CreateStream", arnOf(StreamName));
      create(StreamName, properties);
    },

    DescribeStream(input, call) {
      const { name, arn, shards, properties, created } = authorized(call, "DescribeStream", input);
      return {
        StreamDescription: {
          ...{
            StreamName: name,
            StreamARN: arn,
            StreamStatus: "ACTIVE",
            EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
          },
          ...{ Shards: shards.map(described), HasMoreShards: false, StreamCreationTimestamp: unixSeconds(created) },
          RetentionPeriodHours: retentionOf(properties),
        },
      };
    },

    DescribeStreamSummary(input, call) {
      const { name, arn, shards, properties, created } = authorized(call, "DescribeStreamSummary", input);
      return {
        StreamDescriptionSummary: {
          ...{
            StreamName: name,
            StreamARN: arn,
            StreamStatus: "ACTIVE",
            EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
          },
          ...{ OpenShardCount: shards.length, ConsumerCount: 0, StreamCreationTimestamp: unixSeconds(created) },
          RetentionPeriodHours: retentionOf(properties),
        },
      };
    },

    ListShards(input, call) {
      return { Shards: authorized(call, "ListShards", input).shards.map(described) };
    },

    PutRecord(input, call) {
      const stream = authorized(call, "PutRecord", input);
      const { shardId, sequenceNumber } = put(stream, checked(input));
      for (const listener of listeners) listener(stream.arn);
      return { ShardId: shardId, SequenceNumber: sequenceNumber };
    },

    PutRecords(input, call) {
      const stream = authorized(call, "PutRecords", input);
      const entries: Properties[] = input.Records ?? [];
      if (entries.length < 1 || entries.length > MAX_RECORDS_A_PUT) {
        throw new AwsError("ValidationException", `Records must have between 1 and ${MAX_RECORDS_A_PUT} members.`);
      }
      const records = entries.map(checked);
      const bytes = records.reduce((sum, record) => sum + bytesOf(record), 0);
      if (bytes > MAX_BYTES_A_PUT) throw invalid(`Records size exceeds ${MAX_BYTES_A_PUT} bytes.`);
      const Records = records.map((record) => {
        const { shardId, sequenceNumber } = put(stream, record);
        return { ShardId: shardId, SequenceNumber: sequenceNumber };
      });
      for (const listener of listeners) listener(stream.arn);
      return { FailedRecordCount: 0, Records };
    },

    GetShardIterator(input, call) {
      const { name, shards } = authorized(call, "GetShardIterator", input);
      const { records } = shardIn(name, shards, input.ShardId);
      return { ShardIterator: written({ name, shardId: input.ShardId, next: placeOf(input, records) }) };
    },

    GetRecords({ ShardIterator, Limit = MAX_RECORDS_A_GET }, call) {
      const { name, shardId, next } = readIterator(ShardIterator);
      if (!(Limit >= 1 && Limit <= MAX_RECORDS_A_GET)) throw invalid(`Limit must be 1 to ${MAX_RECORDS_A_GET}.`);
      const { shards } = authorized(call, "GetRecords", { StreamName: name });
      const { records } = shardIn(name, shards, shardId);
      let [end, bytes] = [next, 0];
      for (; end < records.length && end - next < Limit; end++) {
        bytes += bytesOf(records[end] as StreamRecord);
        if (bytes > MAX_BYTES_A_GET) break;
      }
      const oldestUnread = records[end];
      return {
        Records: records.slice(next, end).map(({ sequenceNumber, partitionKey, data, arrivedUnixMs }) => ({
          ...{ SequenceNumber: sequenceNumber, PartitionKey: partitionKey, Data: data.toString("base64") },
          ApproximateArrivalTimestamp: arrivedUnixMs / 1_000,
        })),
        NextShardIterator: written({ name, shardId, next: end }),
        MillisBehindLatest: oldestUnread ? Math.max(Date.now() - oldestUnread.arrivedUnixMs, 1) : 0,
      };
    },
  };

  return {
    contents: () => [...streams.keys()].map((name) => `stream ${name}`),
    answer: (call) => answerJson(call, operations),
    shards: (streamArn) => find({ StreamARN: streamArn }).shards,
    onPut: (listener) => void listeners.push(listener),
    resourceTypes: {
      "AWS::Kinesis::Stream": {
        create(properties, generatedName) {
          const name: string = properties.Name ?? generatedName.slice(0, 128);
          return { physicalId: name, attributes: { Arn: create(name, properties).arn } };
        },
        replacedFor: ["Name"],
        delete(physicalId) {
          streams.delete(physicalId);
        },
      },
    },
  };

  function create(name: string, properties: Properties): Stream {
    if (properties.StreamModeDetails?.StreamMode === "ON_DEMAND") throw new NotEmulated("streams on demand");
    const count = Number(properties.ShardCount ?? 1);
    if (!(count >= 1 && count <= MAX_SHARDS)) throw invalid(`ShardCount must be 1 to ${MAX_SHARDS}.`);
    if (streams.has(name)) throw new AwsError("ResourceInUseException", `Stream ${name} already exists.`);
    const shards = Array.from({ length: count }, (_, index) => ({
      shardId: `shardId-${String(index).padStart(12, "0")}`,
      startingHashKey: (HASH_KEYS * BigInt(index)) / BigInt(count),
      endingHashKey: (HASH_KEYS * BigInt(index + 1)) / BigInt(count) - 1n,
      records: [],
    }));
    const stream = { name, arn: arnOf(name), properties, shards, created: new Date() };
    streams.set(name, stream);
    return stream;
  }

  function put({ shards }: Stream, { hashKey, ...record }: CheckedRecord): { shardId: string; sequenceNumber: string } {
    const shard = shards.find(({ endingHashKey }) => hashKey <= endingHashKey) as Shard;
    const sequenceNumber = String(++lastSequence);
    shard.records.push({ ...record, sequenceNumber, arrivedUnixMs: Date.now() });
    return { shardId: shard.shardId, sequenceNumber };
  }

  function authorized({ accessKeyId }: AwsCall, action: string, input: Properties): Stream {
    const stream = find(input);
    iam.authorize(accessKeyId, `kinesis:${action}`, stream.arn);
    return stream;
  }

  function find({ StreamName, StreamARN }: Properties): Stream {
    const name: string = StreamName ?? String(StreamARN).split(":stream/")[1];
    const stream = streams.get(name);
    if (stream) return stream;
    throw new AwsError("ResourceNotFoundException", `Stream ${name} under account ${accountId} not found.`);
  }

  function arnOf(name: string): string {
    return `arn:aws:kinesis:${region}:${accountId}:stream/${name}`;
  }
}

interface CheckedRecord {
  partitionKey: string;
  data: Buffer;
  hashKey: bigint;
}

function checked({ PartitionKey, ExplicitHashKey, Data }: Properties): CheckedRecord {
  if (typeof PartitionKey !== "string" || PartitionKey === "" || PartitionKey.length > 256) {
    throw new AwsError("ValidationException", "PartitionKey must have between 1 and 256 characters.");
  }
  const hashKey =
    ExplicitHashKey === undefined
      ? BigInt(`0x${createHash("md5").update(PartitionKey).digest("hex")}`)
      : BigInt(ExplicitHashKey);
  if (hashKey < 0n || hashKey >= HASH_KEYS) throw invalid("ExplicitHashKey must be 0 to 2^128 - 1.");
  const record = { partitionKey: PartitionKey, data: Buffer.from(Data ?? "", "base64"), hashKey };
  if (bytesOf(record) > MAX_RECORD_BYTES) {
    throw new AwsError("ValidationException", `A record must have ${MAX_RECORD_BYTES} bytes at most.`);
  }
  return record;
}

function bytesOf({ partitionKey, data }: { partitionKey: string; data: Buffer }): number {
  return Buffer.byteLength(partitionKey) + data.length;
}

interface Iterator {
  name: string;
  shardId: string;
  /** Position in the shard's records. */
  next: number;
}

function written(iterator: Iterator): string {
  return Buffer.from(JSON.stringify(iterator)).toString("base64");
}

function readIterator(text: string): Iterator {
  try {
    return JSON.parse(Buffer.from(text, "base64").toString());
  } catch {
    throw invalid("Invalid ShardIterator.");
  }
}

function placeOf({ ShardIteratorType, StartingSequenceNumber }: Properties, records: StreamRecord[]): number {
  if (ShardIteratorType === "TRIM_HORIZON") return 0;
  if (ShardIteratorType === "LATEST") return records.length;
  if (ShardIteratorType === "AT_TIMESTAMP") throw new NotEmulated("iterators at a timestamp");
  const at = records.findIndex(({ sequenceNumber }) => sequenceNumber === StartingSequenceNumber);
  if (at < 0) throw invalid(`StartingSequenceNumber ${StartingSequenceNumber} is invalid.`);
  return ShardIteratorType === "AFTER_SEQUENCE_NUMBER" ? at + 1 : at;
}

function shardIn(name: string, shards: Shard[], shardId: string): Shard {
  const shard = shards.find((candidate) => candidate.shardId === shardId);
  if (shard) return shard;
  throw new AwsError("ResourceNotFoundException", `Could not find shard ${shardId} in stream ${name}.`);
}

function described({ shardId, startingHashKey, endingHashKey, records }: Shard) {
  return {
    ShardId: shardId,
    HashKeyRange: { StartingHashKey: String(startingHashKey), EndingHashKey: String(endingHashKey) },
    SequenceNumberRange: { StartingSequenceNumber: records[0]?.sequenceNumber ?? "0" },
  };
}

function retentionOf({ RetentionPeriodHours = 24 }: Properties): number {
  return Number(RetentionPeriodHours);
}

function unixSeconds(date: Date): number {
  return date.getTime() / 1_000;
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidArgumentException", message);
}
