/**
 * Notifications of SNS: `{"Records": [{"EventSource": "aws:sns", "Sns": {"Message", "MessageId", "Timestamp", …}}]}`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
import { isObject } from "./envelope.ts";
import { isS3Notification, NOT_READ } from "./s3-notification.ts";
import { type Part, type Source, UnreadableEventError } from "./source.ts";
import { type GivenEvent, jsonOf, partsOf, placeOf, resourceOf, textIn, unixMsOf } from "./written-events.ts";

export const read: Source["read"] = async function* (event): AsyncGenerator<Part> {
  const { Records: records } = event as { Records: unknown[] };
  const unread = records.filter((record) => isS3Notification(textIn(snsOf(record).Message) ?? "")).length;
  if (unread > 0) throw new UnreadableEventError(`${unread} of ${records.length} SNS notifications: ${NOT_READ}`);
  const { region, account } = placeOf(snsOf(records[0]).TopicArn);
  yield* partsOf(records.map(givenOf), { ...resourceOf("sns", account, region), hasObjects: true }, account);
};

function givenOf(record: unknown): GivenEvent {
  const { MessageId, Timestamp } = snsOf(record);
  return { id: textIn(MessageId), timestampUnixMs: unixMsOf(Timestamp), message: jsonOf(record) };
}

function snsOf(record: unknown): Record<string, unknown> {
  return isObject(record) && isObject(record.Sns) ? record.Sns : {};
}
