/**
 * Notifications of SNS: `{"Records": [{"EventSource": "aws:sns", "Sns": {"Message", "MessageId", "Timestamp", …}}]}`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
import { isObject } from "./envelope.ts";
import { type Notified, notifiedIn } from "./s3-notification.ts";
import type { Part, Source } from "./source.ts";
import { Unreadable } from "./unreadable-records.ts";
import { arnIn, type GivenEvent, jsonOf, partsOf, placeOf, resourceOf, textIn, unixMsOf } from "./written-events.ts";

export const read: Source["read"] = async function* (event, cut, loadReach): AsyncGenerator<Part> {
  const { Records: records } = event as { Records: unknown[] };
  const topicArn = snsOf(records[0]).TopicArn;
  const { region, account } = placeOf(topicArn);
  const resource = resourceOf("sns", account, region, { "aws.sns.topic.arn": arnIn(topicArn) });
  const notices: Notified[] = [];
  const texts = records.filter((record) => {
    const notified = notifiedIn(textIn(snsOf(record).Message) ?? "");
    if (notified) notices.push(notified);
    return !notified;
  });
  yield* partsOf(texts.map(givenOf), { ...resource, hasObjects: true }, account);
  if (notices.length === 0) return;
  const { partsOfNotified } = await import("./s3.ts");
  const unreadable = new Unreadable("objects");
  for (const notified of notices) {
    yield* partsOfNotified(notified, "", cut, loadReach, (error) => unreadable.add(error, undefined));
  }
  unreadable.end(notices.reduce((sum, { objects }) => sum + objects.length, 0));
};

function givenOf(record: unknown): GivenEvent {
  const { MessageId, Timestamp } = snsOf(record);
  return { id: textIn(MessageId), timestampUnixMs: unixMsOf(Timestamp), message: jsonOf(record) };
}

function snsOf(record: unknown): Record<string, unknown> {
  return isObject(record) && isObject(record.Sns) ? record.Sns : {};
}
