/**
 * Records of Kafka, Amazon MSK's or one's own: `{"records": {"topic-0": [{"topic", "partition", "offset", "value", …}]}}`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */
import { isObject } from "./envelope.ts";
import { bytesOf, partsOfData } from "./record-data.ts";
import type { Part, Source } from "./source.ts";
import { Unreadable } from "./unreadable-records.ts";
import { arnIn, placeOf, resourceOf } from "./written-events.ts";

/** Of the name of a topic, 249 characters, and its number. */
const MAX_PARTITION_LENGTH = 260;

export const read: Source["read"] = async function* (event, cut): AsyncGenerator<Part> {
  const { records, eventSourceArn } = event as Record<string, unknown>;
  const { region, account } = placeOf(eventSourceArn);
  const unreadable = new Unreadable("Kafka records");
  let total = 0;
  for (const [partition, list] of Object.entries(isObject(records) ? records : {})) {
    // `topic-0`, as Lambda names the lists.
    const topic = partition.slice(0, MAX_PARTITION_LENGTH).replace(/-\d{1,10}$/, "");
    const resource = resourceOf("kafka", account, region, { "messaging.destination.name": topic });
    for (const record of Array.isArray(list) ? list : []) {
      total++;
      const { value, timestamp, offset } = isObject(record) ? record : {};
      if (value === null) {
        // What is deleted from a compacted topic.
        yield { events: 1, dropped: { emptyRecord: 1 }, batches: [] };
        continue;
      }
      const timestampUnixMs =
        Number.isSafeInteger(timestamp) && (timestamp as number) > 0 ? (timestamp as number) : undefined;
      try {
        const context = { timestampUnixMs, members: { eventSourceArn: arnIn(eventSourceArn), topic } };
        yield* partsOfData(bytesOf(value), resource, account, context, cut, true);
      } catch (error) {
        unreadable.add(error, { partition, offset });
      }
    }
  }
  unreadable.end(total);
};
