import { randomUUID } from "node:crypto";
import type { Kinesis, StreamRecord } from "./kinesis.ts";
import { AwsError, NotEmulated, type Place, type Properties, type Service } from "./service.ts";

interface Mapping {
  properties: Properties;
  counts: MappingCounts;
  shards: { shardId: string; records: readonly StreamRecord[]; next: number; reading: boolean }[];
}

/** Events as the metrics of a mapping count them. */
export interface MappingCounts {
  /** Given up on, with the place that they have in the stream told to the destination for failures. */
  onFailureDestinationDelivered: number;
  /** Given up on, and nobody was told. */
  dropped: number;
}

export interface StreamMappings extends Service {
  /** @param uuid what `Ref` gives of a mapping */
  counts(uuid: string): MappingCounts;
  /** Ends when everything that is in the streams was handed in, or given up on. */
  idle(): Promise<void>;
}

interface Surroundings {
  kinesis: Kinesis;
  /** Rejects with the function's error. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  arnOfFunction(functionName: string): string;
  sendMessage(queueArn: string, body: string): void;
}

/** How Lambda reads streams for functions: a shard's records in their order, one batch after the other. */
export function streamMappings(place: Place, surroundings: Surroundings): StreamMappings {
  const mappings = new Map<string, Mapping>();
  const readings = new Set<Promise<void>>();
  surroundings.kinesis.onPut((streamArn) => {
    for (const mapping of mappings.values()) if (mapping.properties.EventSourceArn === streamArn) read(mapping);
  });

  return {
    contents: () =>
      [...mappings.values()].map(({ properties }) => `event source mapping of ${properties.EventSourceArn}`),
    answer: (call) => Promise.reject(new NotEmulated(`event source mappings by ${call.path}`)),
    counts: (uuid) => (mappings.get(uuid) as Mapping).counts,
    async idle() {
      while (readings.size > 0) await Promise.all(readings);
    },

    resourceTypes: {
      "AWS::Lambda::EventSourceMapping": {
        create(properties) {
          check(properties);
          surroundings.arnOfFunction(properties.FunctionName);
          const isLatest = properties.StartingPosition === "LATEST";
          const shards = surroundings.kinesis.shards(properties.EventSourceArn).map(({ shardId, records }) => ({
            ...{ shardId, records, next: isLatest ? records.length : 0, reading: false },
          }));
          const mapping = { properties, counts: { onFailureDestinationDelivered: 0, dropped: 0 }, shards };
          const uuid = randomUUID();
          mappings.set(uuid, mapping);
          read(mapping);
          return { physicalId: uuid };
        },
        delete(physicalId) {
          mappings.delete(physicalId);
        },
      },
    },
  };

  function read(mapping: Mapping): void {
    for (const shard of mapping.shards.filter(({ reading }) => !reading)) {
      shard.reading = true;
      const reading = readShard(mapping, shard).finally(() => {
        shard.reading = false;
        readings.delete(reading);
      });
      readings.add(reading);
    }
  }

  async function readShard(mapping: Mapping, shard: Mapping["shards"][number]): Promise<void> {
    while (shard.next < shard.records.length && [...mappings.values()].includes(mapping)) {
      const batch = shard.records.slice(shard.next, shard.next + Number(mapping.properties.BatchSize ?? 100));
      await handIn(mapping, shard.shardId, batch, 1);
      shard.next += batch.length;
    }
  }

  /**
   * A batch that failed as a whole comes again, in halves where the mapping says so, which is no retry. What a function
   * gives back in part comes again from the first of it, with all that stands behind.
   *
   * @param attempt this one, from 1
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
   */
  async function handIn(
    mapping: Mapping,
    shardId: string,
    batch: readonly StreamRecord[],
    attempt: number,
  ): Promise<void> {
    const {
      FunctionName,
      FunctionResponseTypes = [],
      BisectBatchOnFunctionError,
      MaximumRetryAttempts,
    } = mapping.properties;
    let functionError: string | null = null;
    let failedFrom: number;
    try {
      const answer = await surroundings.invoke(FunctionName, eventOf(mapping, shardId, batch));
      const isRead = FunctionResponseTypes.includes("ReportBatchItemFailures");
      failedFrom = isRead ? firstFailed(answer, batch) : batch.length;
    } catch {
      // The error is in the function's own log.
      functionError = "Unhandled";
      failedFrom = 0;
    }
    const rest = batch.slice(failedFrom);
    if (rest.length === 0) return;
    if (functionError && BisectBatchOnFunctionError && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      await handIn(mapping, shardId, rest.slice(0, middle), attempt);
      await handIn(mapping, shardId, rest.slice(middle), attempt);
      return;
    }
    if (attempt <= Number(MaximumRetryAttempts)) return handIn(mapping, shardId, rest, attempt + 1);
    giveUp(mapping, shardId, rest, attempt, functionError);
  }

  /** Of a stream, the destination is told where the records stand, and not what is in them. */
  function giveUp(
    { properties, counts }: Mapping,
    shardId: string,
    records: readonly StreamRecord[],
    approximateInvokeCount: number,
    functionError: string | null,
  ): void {
    const queueArn: string | undefined = properties.DestinationConfig?.OnFailure?.Destination;
    if (queueArn === undefined) {
      counts.dropped += records.length;
      return;
    }
    const [first, last] = [records[0], records.at(-1)] as [StreamRecord, StreamRecord];
    const record = {
      requestContext: {
        requestId: randomUUID(),
        functionArn: surroundings.arnOfFunction(properties.FunctionName),
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError },
      version: "1.0",
      timestamp: new Date().toISOString(),
      KinesisBatchInfo: {
        ...{ shardId, startSequenceNumber: first.sequenceNumber, endSequenceNumber: last.sequenceNumber },
        approximateArrivalOfFirstRecord: new Date(first.arrivedUnixMs).toISOString(),
        approximateArrivalOfLastRecord: new Date(last.arrivedUnixMs).toISOString(),
        ...{ batchSize: records.length, streamArn: properties.EventSourceArn },
      },
    };
    try {
      surroundings.sendMessage(queueArn, JSON.stringify(record));
      counts.onFailureDestinationDelivered += records.length;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      counts.dropped += records.length;
    }
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
  function eventOf({ properties }: Mapping, shardId: string, records: readonly StreamRecord[]) {
    return {
      Records: records.map(({ sequenceNumber, partitionKey, data, arrivedUnixMs }) => ({
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey,
          sequenceNumber,
          data: data.toString("base64"),
          approximateArrivalTimestamp: arrivedUnixMs / 1_000,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${shardId}:${sequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: `arn:aws:iam::${place.accountId}:role/forwarder`,
        awsRegion: place.region,
        eventSourceARN: properties.EventSourceArn,
      })),
    };
  }
}

/** Without a maximum, Lambda tries until a record leaves the stream, which here none does. */
function check({ EventSourceArn, MaximumRetryAttempts = -1, StartingPosition, DestinationConfig }: Properties): void {
  if (!String(EventSourceArn).includes(":kinesis:")) throw new NotEmulated(`mappings of ${EventSourceArn}`);
  if (!(MaximumRetryAttempts >= 0)) throw new NotEmulated("mappings of streams without MaximumRetryAttempts");
  if (!["TRIM_HORIZON", "LATEST"].includes(StartingPosition)) throw new NotEmulated(`starting at ${StartingPosition}`);
  const destination: string | undefined = DestinationConfig?.OnFailure?.Destination;
  if (destination && !destination.includes(":sqs:"))
    throw new NotEmulated(`${destination} as a destination for failures`);
}

/**
 * Where the function says that its failures begin: the length of the batch without any, 0 where its answer is none that
 * Lambda understands.
 */
function firstFailed(answer: unknown, batch: readonly StreamRecord[]): number {
  const { batchItemFailures } = (answer ?? {}) as { batchItemFailures?: { itemIdentifier?: unknown }[] | null };
  const places = (batchItemFailures ?? []).map(({ itemIdentifier }) =>
    batch.findIndex(({ sequenceNumber }) => sequenceNumber === itemIdentifier),
  );
  return Math.max(0, Math.min(batch.length, ...places));
}
