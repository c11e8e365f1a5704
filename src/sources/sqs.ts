/**
 * Messages of SQS: `{"Records": [{"eventSource": "aws:sqs", "messageId", "body", "attributes", …}]}`. The body of each is
 * a log, or tells of new objects of S3.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { isObject } from "./envelope.ts";
import { type Notified, notifiedIn } from "./s3-notification.ts";
import type { Part, Source } from "./source.ts";
import { Unreadable } from "./unreadable-records.ts";
import { type GivenEvent, jsonOf, partsOf, placeOf, resourceOf, textIn, unixMsOf } from "./written-events.ts";

export const read: Source["read"] = async function* (event, cut, loadReach): AsyncGenerator<Part> {
  const { Records: records } = event as { Records: unknown[] };
  const notices: { messageId: unknown; notified: Notified }[] = [];
  const { region, account } = placeOf(recordIn(records[0]).eventSourceARN);
  yield* partsOf(texts(), resourceOf("sqs", account, region), account);
  if (notices.length === 0) return;
  const { partsOfNotified } = await import("./s3.ts");
  const unreadable = new Unreadable("SQS messages");
  for (const { messageId, notified } of notices) {
    let problem: unknown;
    yield* partsOfNotified(notified, "", cut, loadReach, (error) => {
      problem ??= error;
    });
    if (problem) unreadable.add(problem, textIn(messageId) ?? "");
  }
  unreadable.end(records.length);

  function* texts(): Generator<GivenEvent> {
    for (const record of records) {
      const { messageId, body } = recordIn(record);
      const notified = notifiedIn(textIn(body) ?? "");
      if (notified) notices.push({ messageId, notified });
      else yield givenOf(record);
    }
  }
};

/** A record that has no body is one itself. */
function givenOf(record: unknown): GivenEvent {
  const { messageId, body, attributes, messageAttributes, eventSourceARN } = recordIn(record);
  const hasAttributes = isObject(messageAttributes) && Object.keys(messageAttributes).length > 0;
  return {
    id: textIn(messageId),
    timestampUnixMs: unixMsOf(isObject(attributes) ? attributes.SentTimestamp : undefined),
    message: textIn(body) ?? jsonOf(record),
    others: { eventSourceARN, ...(hasAttributes && { messageAttributes }) },
  };
}

function recordIn(record: unknown): Record<string, unknown> {
  return isObject(record) ? record : {};
}
