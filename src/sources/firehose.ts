/**
 * Data transformation of Firehose: `{"invocationId", "deliveryStreamArn", "records": [{"recordId", "data", …}]}`. The
 * records are forwarded, and given back as they came for Firehose's own destination.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
 */
import { isObject } from "./envelope.ts";
import { bytesOf, partsOfData } from "./record-data.ts";
import type { Part, Source } from "./source.ts";
import { Unreadable } from "./unreadable-records.ts";
import { arnIn, placeOf, resourceOf, textIn } from "./written-events.ts";

/** Lambda takes an answer of 6 MB (6,291,556 bytes). */
const MAX_ANSWER_BYTES = 6_000_000;
/** Of a record besides its id and data. */
const FRAME_BYTES = 60;

interface AnsweredRecord {
  recordId: string;
  result: "Ok" | "Dropped" | "ProcessingFailed";
  data?: string;
}

export const read: Source["read"] = async function* (event, cut, loadReach): AsyncGenerator<Part> {
  const { records: given, deliveryStreamArn } = event as Record<string, unknown>;
  const records = Array.isArray(given) ? given : [];
  const { region, account } = placeOf(deliveryStreamArn);
  const resource = resourceOf("firehose", account, region);
  const unreadable = new Unreadable("Firehose records");
  const answered: AnsweredRecord[] = [];
  let answerBytes = 0;
  for (const record of records) {
    const { recordId, data, approximateArrivalTimestamp } = isObject(record) ? record : {};
    const id = textIn(recordId) ?? "";
    const arrival = approximateArrivalTimestamp;
    const timestampUnixMs = Number.isSafeInteger(arrival) ? (arrival as number) : undefined;
    const context = { timestampUnixMs, members: { deliveryStreamArn: arnIn(deliveryStreamArn) } };
    let result: AnsweredRecord["result"] = "Ok";
    let events = 0;
    let controlMessages = 0;
    try {
      for await (const part of partsOfData(bytesOf(data), resource, account, context, cut)) {
        events += part.events;
        controlMessages += part.dropped.controlMessage ?? 0;
        yield part;
      }
      // CloudWatch Logs sends them to see whether Firehose takes anything.
      if (events > 0 && events === controlMessages) result = "Dropped";
    } catch (error) {
      unreadable.add(error, undefined);
      result = "ProcessingFailed";
    }
    const bytes = id.length + FRAME_BYTES + (typeof data === "string" ? data.length : 0);
    // Firehose keeps what has failed where it keeps such records, so it is not lost for its destination either.
    const isTooMuch = result !== "Dropped" && answerBytes + bytes > MAX_ANSWER_BYTES;
    const kept = isTooMuch || result === "Dropped" || typeof data !== "string" ? {} : { data };
    answered.push({ recordId: id, result: isTooMuch ? "ProcessingFailed" : result, ...kept });
    answerBytes += isTooMuch ? id.length + FRAME_BYTES : bytes;
  }
  const reach = await loadReach?.();
  if (!reach) return;
  reach.answer = { records: answered };
  try {
    unreadable.end(records.length);
  } catch (error) {
    // Firehose is told which they are, and keeps them.
    reach.report((error as Error).message);
  }
};
