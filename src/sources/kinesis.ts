/**
 * Records of Kinesis Data Streams: `{"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data", "sequenceNumber", …}}]}`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
import { isObject } from "./envelope.ts";
import { deaggregated } from "./kpl.ts";
import { bytesOf, partsOfData } from "./record-data.ts";
import type { Part, Source } from "./source.ts";
import { Unreadable } from "./unreadable-records.ts";
import { arnIn, placeOf, resourceOf, textIn } from "./written-events.ts";

export const read: Source["read"] = async function* (event, cut): AsyncGenerator<Part> {
  const { Records: records } = event as { Records: unknown[] };
  const eventSourceARN = arnIn(objectIn(records[0]).eventSourceARN);
  const { region, account } = placeOf(eventSourceARN);
  const streamName = eventSourceARN?.split(":stream/", 2)[1];
  const resource = resourceOf("kinesis", account, region, { "aws.kinesis.stream_name": streamName });
  const unreadable = new Unreadable("Kinesis records");
  for (const record of records) {
    const { data, sequenceNumber, approximateArrivalTimestamp } = objectIn(objectIn(record).kinesis);
    const context = { timestampUnixMs: unixMsOfSeconds(approximateArrivalTimestamp), members: { eventSourceARN } };
    try {
      const bytes = bytesOf(data);
      for (const inner of deaggregated(bytes) ?? [bytes]) yield* partsOfData(inner, resource, account, context, cut);
    } catch (error) {
      unreadable.add(error, textIn(sequenceNumber) ?? "");
    }
  }
  unreadable.end(records.length);
};

function objectIn(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function unixMsOfSeconds(seconds: unknown): number | undefined {
  return typeof seconds === "number" && seconds >= 0 && seconds < 1e12 ? Math.round(seconds * 1000) : undefined;
}
